/**
 * Doors: the listening addresses of an instance, open whether or not its server runs, and the limits on what a stranger
 * may do there before login. Uses {@code protocol}, {@code account}, {@code session}, {@code tls}, {@code transport},
 * {@code wake}, {@code metrics} and
 * {@code crd}.
 */
package dev.haulout.proxy.door;
