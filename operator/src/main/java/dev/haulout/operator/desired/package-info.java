/**
 * What is to be there for an instance, as objects of Kubernetes: computed from the resource alone, without a client, a
 * clock or chance, so that the same input gives the same objects and nothing is written when nothing changed. Uses
 * {@code proxy.certificate} and {@code crd}.
 */
package dev.haulout.operator.desired;
