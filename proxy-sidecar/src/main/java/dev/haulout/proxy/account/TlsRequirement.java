package dev.haulout.proxy.account;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;

/** What an account's {@code REQUIRE} clause asks of the connection; {@code ssl_type} 0 to 3 in the server's table. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "require")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TlsRequirement.None.class, name = "none"),
    @JsonSubTypes.Type(value = TlsRequirement.AnyTls.class, name = "ssl"),
    @JsonSubTypes.Type(value = TlsRequirement.ClientCertificate.class, name = "x509"),
    @JsonSubTypes.Type(value = TlsRequirement.Specified.class, name = "specified"),
})
public sealed interface TlsRequirement {

    /** Whether a connection with the given TLS, or none, is good enough. */
    boolean isMetBy(Optional<Tls> tls);

    /** {@code REQUIRE NONE}. The server's {@code require_secure_transport} may still ask for more. */
    record None() implements TlsRequirement {
        @Override
        public boolean isMetBy(Optional<Tls> tls) {
            return true;
        }
    }

    /** {@code REQUIRE SSL}. */
    record AnyTls() implements TlsRequirement {
        @Override
        public boolean isMetBy(Optional<Tls> tls) {
            return tls.isPresent();
        }
    }

    /** {@code REQUIRE X509}: any client certificate that the door verified. */
    record ClientCertificate() implements TlsRequirement {
        @Override
        public boolean isMetBy(Optional<Tls> tls) {
            return tls.flatMap(Tls::certificate).isPresent();
        }
    }

    /**
     * {@code REQUIRE CIPHER ... ISSUER ... SUBJECT ...}; an empty string asks nothing.
     *
     * @param cipher OpenSSL's name of the cipher
     * @param issuer in OpenSSL's one-line form, {@code /C=FI/O=...}
     * @param subject likewise
     */
    record Specified(String cipher, String issuer, String subject) implements TlsRequirement {
        @Override
        public boolean isMetBy(Optional<Tls> tls) {
            if (tls.isEmpty() || !fits(cipher, Optional.of(tls.get().cipher()))) {
                return false;
            }
            Optional<Tls.Certificate> certificate = tls.get().certificate();
            return fits(issuer, certificate.map(Tls.Certificate::issuerLine))
                    && fits(subject, certificate.map(Tls.Certificate::subjectLine));
        }

        private static boolean fits(String asked, Optional<String> had) {
            return asked.isEmpty() || had.filter(asked::equals).isPresent();
        }
    }
}
