/**
 * Connections to a MariaDB server: connecting, the PROXY header, TLS, logging in, and statements of our own. Knows
 * nothing of sessions. Uses {@code protocol} and {@code account}.
 */
package dev.haulout.proxy.backend;
