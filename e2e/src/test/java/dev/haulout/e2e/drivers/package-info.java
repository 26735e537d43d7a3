/**
 * Drivers of several languages at a sleeping instance, each in a process of its own. Their programs are in
 * {@code e2e/drivers}.
 */
package dev.haulout.e2e.drivers;
