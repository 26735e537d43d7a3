/**
 * The command line: {@code haulout host}, {@code gateway}, {@code sidecar}, {@code status} and {@code demo}. Uses {@code
 * host}, {@code gateway}, {@code sidecar}, {@code wake}, {@code wake.process} and {@code crd}.
 */
package dev.haulout.proxy.cli;
