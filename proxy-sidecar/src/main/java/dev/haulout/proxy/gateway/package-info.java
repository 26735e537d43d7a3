/**
 * The gateway: keeps the doors of all instances of a Kubernetes cluster, or of some of its namespaces. What it knows it
 * learns from watches and pods' announcements; what it wants it writes into the status of the instance, and the
 * operator does it. Uses {@code account}, {@code wake}, {@code wake.pod}, {@code backend}, {@code session}, {@code door},
 * {@code tls}, {@code certificate}, {@code transport}, {@code metrics}, {@code placement}, {@code durable} and
 * {@code crd}.
 */
package dev.haulout.proxy.gateway;
