/**
 * What must hold whatever dies and whenever it sleeps: writers that keep a ledger of every answer they got, a killer that
 * sends SIGKILL to the server and the proxy, and a reckoning of the ledger against the rows. Each run prints its seed and
 * its counts.
 */
package dev.haulout.e2e.torture;
