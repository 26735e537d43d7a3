/** Prepared statements through sleeps and crashes: raw, compared with the server's own answers, and by drivers. */
package dev.haulout.e2e.prepared;
