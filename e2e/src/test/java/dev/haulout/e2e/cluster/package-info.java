/** Haulout on a Kubernetes that is given: the chart, operator and gateway with real pods, as a user would see them. */
package dev.haulout.e2e.cluster;
