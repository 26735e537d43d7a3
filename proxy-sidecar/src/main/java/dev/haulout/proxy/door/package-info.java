/**
 * Doors: the listening addresses of an instance, open whether or not its server runs, and the limits on what a stranger
 * may do there before login.
 */
package dev.haulout.proxy.door;
