/** The protocol beyond text queries, through sleeps and crashes: raw, and compared with the server's own answers. */
package dev.haulout.e2e.protocol;
