/**
 * What is done for each instance: it is observed, the next step is decided by pure code, and taken. Uses
 * {@code proxy.certificate}, {@code crd}, {@code desired}, {@code gateways}, {@code server} and
 * {@code proxy.wake}.
 */
package dev.haulout.operator.instance;
