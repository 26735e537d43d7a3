/**
 * Looks at a configuration without a proxy: reads it with listeners that only take note, and searches what was compiled
 * for mistakes. Uses {@code lua}, {@code lua.library} and {@code lua.script}.
 */
package dev.haulout.proxy.lua.check;
