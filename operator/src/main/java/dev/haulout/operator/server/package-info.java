/**
 * What is asked of a server that runs, over SQL by the operator's own account, and what is kept of it for its sleep.
 * Uses {@code crd}, {@code proxy.account}, {@code proxy.backend}, {@code proxy.durable} and {@code proxy.wake}.
 */
package dev.haulout.operator.server;
