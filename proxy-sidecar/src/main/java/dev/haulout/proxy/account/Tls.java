package dev.haulout.proxy.account;

import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * The TLS of a client's connection, as far as an account may ask about it.
 *
 * @param cipher OpenSSL's name of the cipher in use ({@code TLS_AES_256_GCM_SHA384})
 * @param certificate the client's certificate; present only when the door verified it
 */
public record Tls(String cipher, Optional<Certificate> certificate) {

    /** A verified client certificate: whose it is, and who says so. */
    public record Certificate(X500Principal issuer, X500Principal subject) {
        /** In OpenSSL's one-line form, {@code /C=FI/O=...}. */
        String issuerLine() {
            return OpenSslName.of(issuer);
        }

        /** Likewise. */
        String subjectLine() {
            return OpenSslName.of(subject);
        }
    }
}
