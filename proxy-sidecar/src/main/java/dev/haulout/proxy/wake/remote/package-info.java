/**
 * Servers that somebody else runs: a scripted door leads clients to them, and they neither wake nor sleep. Uses {@code wake},
 * {@code account}, {@code backend}, {@code durable} and {@code sql}.
 */
package dev.haulout.proxy.wake.remote;
