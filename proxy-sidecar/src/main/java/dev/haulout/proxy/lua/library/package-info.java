/**
 * The libraries that myproxy gives to scripts beside Lua's own: addresses, sleep, json, jwt, sodium, socket,
 * control_client, pg. Uses {@code lua}, {@code control}, {@code postgres} and {@code socket}.
 */
package dev.haulout.proxy.lua.library;
