/**
 * The standard libraries as LuaJIT has them: string, table, math, bit, os, io, debug, package, jit. In a sandbox without
 * io, debug, and what of os touches the system. Uses {@code lua}.
 */
package dev.haulout.proxy.lua.standard;
