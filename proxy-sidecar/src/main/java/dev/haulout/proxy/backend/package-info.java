/**
 * Connections to a MariaDB server: connecting, the PROXY header, logging in, and statements of our own. Uses
 * {@code protocol} and {@code account}; knows nothing of sessions.
 */
package dev.haulout.proxy.backend;
