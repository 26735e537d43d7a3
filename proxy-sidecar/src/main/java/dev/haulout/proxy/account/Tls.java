package dev.haulout.proxy.account;

import java.util.Optional;

/**
 * The TLS of a client's connection, as far as an account may ask about it.
 *
 * @param cipher OpenSSL's name of the cipher in use ({@code TLS_AES_256_GCM_SHA384})
 * @param certificate the client's certificate; present only when the door verified it
 */
public record Tls(String cipher, Optional<Certificate> certificate) {

    /**
     * A verified client certificate.
     *
     * @param issuer in OpenSSL's one-line form, {@code /C=FI/O=...}
     * @param subject likewise
     */
    public record Certificate(String issuer, String subject) {}
}
