/**
 * What is asked of a server that runs, over SQL by the operator's own account, and what is kept of it for its sleep.
 * Uses {@code desired} and {@code proxy}'s {@code wake}, {@code backend} and {@code durable}.
 */
package dev.haulout.operator.server;
