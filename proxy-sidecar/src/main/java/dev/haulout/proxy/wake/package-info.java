/**
 * An instance's power: demand, single flight, the wakers that start and stop a server, and the decision to sleep. Knows
 * the sessions of an instance only as participants of a drain.
 */
package dev.haulout.proxy.wake;
