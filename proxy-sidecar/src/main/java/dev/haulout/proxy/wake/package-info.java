/**
 * An instance's power: demand, single flight, what a server has to offer to be started and stopped, and the decision
 * to sleep. Knows the sessions of an instance only as participants of a drain. Uses {@code protocol}, {@code sql},
 * {@code account}, {@code backend}, {@code durable} and, for windows of time, {@code crd}.
 */
package dev.haulout.proxy.wake;
