package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;

/**
 * TLS between clients and an instance's doors.
 *
 * @param clientCa certificates of the authority that vouches for clients' certificates, PEM; null where clients are asked
 *     for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClientTls(
        @JsonPropertyDescription("Certificates (PEM) of the authority that vouches for clients' certificates. With it,"
                + " clients are asked for one, which accounts can require (`REQUIRE X509`, `SUBJECT`, `ISSUER`); one"
                + " that the authority doesn't vouch for is refused. Takes effect for new connections.")
        @Size(min = 1, max = 65536)
        @Pattern(CERTIFICATES_PATTERN)
        String clientCa) {

    /** A text with a certificate in it; whether that can be read is seen by those who use it. */
    public static final String CERTIFICATES_PATTERN =
            "-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\s*$";

    /** No client is asked for a certificate. */
    public static final ClientTls DEFAULTS = new ClientTls(null);
}
