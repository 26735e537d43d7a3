/**
 * The scripted placement: doors whose clients a Lua script leads to servers that somebody else runs, as CM4all's
 * {@code myproxy} does it. Uses {@code lua}, {@code lua.library}, {@code lua.script}, {@code control}, {@code session},
 * {@code door}, {@code tls}, {@code wake}, {@code wake.remote}, {@code backend}, {@code account}, {@code protocol},
 * {@code metrics}, {@code placement}, {@code transport} and {@code crd}.
 */
package dev.haulout.proxy.scripted;
