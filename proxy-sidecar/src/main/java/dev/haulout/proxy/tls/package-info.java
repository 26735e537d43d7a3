/**
 * TLS towards clients: the certificate that a door shows, where it comes from, and what a client's own certificate says.
 * Which library does it, here and towards servers. Uses {@code certificate}, {@code account} and {@code durable}.
 */
package dev.haulout.proxy.tls;
