/**
 * Connections to a MariaDB server: connecting, the PROXY header, TLS, logging in, and statements of our own. Knows
 * nothing of sessions. Uses {@code protocol}, {@code account}, {@code tls} and {@code transport}.
 */
package dev.haulout.proxy.backend;
