/**
 * The sidecar: a door beside an application, in its pod, for the one instance that the application uses. The server it
 * relays to is a gateway, which wakes the instance and may end at any time; a session goes on with another. It knows what
 * a mounted Secret says and asks no API. Uses {@code protocol}, {@code account}, {@code backend}, {@code wake},
 * {@code session}, {@code sql}, {@code door}, {@code transport}, {@code metrics}, {@code placement}, {@code durable} and {@code crd}.
 */
package dev.haulout.proxy.sidecar;
