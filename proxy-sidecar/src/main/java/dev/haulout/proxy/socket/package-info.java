/**
 * What Java's own libraries have no way to: sockets of every type by calls to the C library, and extended attributes of
 * any name. Uses nothing of ours.
 */
package dev.haulout.proxy.socket;
