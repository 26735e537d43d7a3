/**
 * The single-host placement: a folder of manifests turned into doors and servers on this machine, SIGHUP, and the
 * status that {@code haulout status} shows. Uses {@code protocol}, {@code account}, {@code wake}, {@code
 * wake.process}, {@code session}, {@code door}, {@code tls}, {@code transport}, {@code metrics}, {@code placement},
 * {@code durable} and {@code crd}.
 */
package dev.haulout.proxy.host;
