/**
 * Runs Lua scripts as LuaJIT runs them: LuaJ's compiler and values, an interpreter of our own whose calls and coroutines
 * live on the heap, and one thread per engine on which all of a script's functions run as tasks that may wait. Uses
 * nothing of ours.
 */
package dev.haulout.proxy.lua;
