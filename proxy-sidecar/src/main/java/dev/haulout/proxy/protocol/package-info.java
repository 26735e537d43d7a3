/**
 * The MySQL client/server protocol as MariaDB speaks it: capability flags, packets, and the arithmetic of the
 * authentication plugins. No I/O and no state beyond one packet. Uses nothing of ours.
 */
package dev.haulout.proxy.protocol;
