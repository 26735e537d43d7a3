/**
 * A small PostgreSQL client: version 3 of its protocol over TCP, TLS or a unix socket, values as text, notifications as
 * they come. Knows no Lua. Uses nothing of ours.
 */
package dev.haulout.proxy.postgres;
