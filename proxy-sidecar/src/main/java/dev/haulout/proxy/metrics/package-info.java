/**
 * What Haulout counts and times, under the names that {@code docs/metrics.md} lists, and the endpoint that serves
 * it. Uses nothing of ours.
 */
package dev.haulout.proxy.metrics;
