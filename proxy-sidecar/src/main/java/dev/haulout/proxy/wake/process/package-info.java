/**
 * The {@code Process} waker: finds a {@code mariadbd}, creates an instance's data directory and runs the server as a
 * process of its own on this host, which outlives the proxy. Works with the file system and {@code /proc}; it speaks
 * no SQL to a running server and knows nothing of sessions. Uses {@code wake}, {@code account}, {@code backend}, {@code certificate} and
 * {@code durable}.
 */
package dev.haulout.proxy.wake.process;
