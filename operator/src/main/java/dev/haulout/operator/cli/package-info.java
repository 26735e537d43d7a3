/**
 * The operator as a program: its options, its health over HTTP, and its end. Uses {@code proxy.certificate},
 * {@code crd}, {@code desired}, {@code instance}, {@code server}, {@code proxy.backend} and {@code proxy.cli}.
 */
package dev.haulout.operator.cli;
