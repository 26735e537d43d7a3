/**
 * The MySQL client/server protocol as MariaDB speaks it: capability flags, packets, and the arithmetic of the
 * authentication plugins. No I/O and no state beyond one packet; imports nothing of ours.
 */
package dev.haulout.proxy.protocol;
