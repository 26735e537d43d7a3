/**
 * The resources of {@code haulout.dev}: what a user writes and what Haulout reports back. Plain data, read by the
 * operator, the gateway and the single-host placement alike. Uses nothing of ours.
 */
package dev.haulout.crd;
