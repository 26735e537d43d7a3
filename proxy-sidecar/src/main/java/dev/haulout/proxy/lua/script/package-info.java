/**
 * A myproxy configuration as the proxy sees it: what it asks for while it is read, and the callbacks that decide about
 * clients. Knows no session: what a client is and what is done about a verdict is told by interfaces. Uses {@code lua},
 * {@code lua.standard}, {@code lua.library} and {@code socket}.
 */
package dev.haulout.proxy.lua.script;
