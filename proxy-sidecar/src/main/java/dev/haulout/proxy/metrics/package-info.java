/** What Haulout counts and times, under the names that {@code docs/metrics.md} lists, and the endpoint that serves it. */
package dev.haulout.proxy.metrics;
