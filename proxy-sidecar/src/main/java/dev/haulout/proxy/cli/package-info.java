/**
 * The command line: {@code haulout host}, {@code gateway}, {@code sidecar}, {@code status}, {@code connect}, {@code
 * proxy}, {@code lua} and {@code demo}. Uses {@code door}, {@code host}, {@code gateway}, {@code lua}, {@code lua.check},
 * {@code placement}, {@code scripted}, {@code sidecar}, {@code tunnel}, {@code wake}, {@code wake.process} and {@code crd}.
 */
package dev.haulout.proxy.cli;
