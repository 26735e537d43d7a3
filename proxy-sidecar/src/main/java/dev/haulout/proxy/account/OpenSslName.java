package dev.haulout.proxy.account;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;

/** A certificate's name as OpenSSL writes it in one line ({@code /C=FI/O=...}), which is how accounts have it. */
final class OpenSslName {
    /** What OpenSSL calls attributes; others it tells by number. */
    private static final Map<String, String> SHORT_NAMES = Map.ofEntries(
            Map.entry("2.5.4.3", "CN"),
            Map.entry("2.5.4.4", "SN"),
            Map.entry("2.5.4.5", "serialNumber"),
            Map.entry("2.5.4.6", "C"),
            Map.entry("2.5.4.7", "L"),
            Map.entry("2.5.4.8", "ST"),
            Map.entry("2.5.4.9", "street"),
            Map.entry("2.5.4.10", "O"),
            Map.entry("2.5.4.11", "OU"),
            Map.entry("2.5.4.12", "title"),
            Map.entry("2.5.4.13", "description"),
            Map.entry("2.5.4.15", "businessCategory"),
            Map.entry("2.5.4.17", "postalCode"),
            Map.entry("2.5.4.41", "name"),
            Map.entry("2.5.4.42", "GN"),
            Map.entry("2.5.4.43", "initials"),
            Map.entry("2.5.4.44", "generationQualifier"),
            Map.entry("2.5.4.46", "dnQualifier"),
            Map.entry("2.5.4.65", "pseudonym"),
            Map.entry("2.5.4.97", "organizationIdentifier"),
            Map.entry("1.2.840.113549.1.9.1", "emailAddress"),
            Map.entry("1.2.840.113549.1.9.2", "unstructuredName"),
            Map.entry("0.9.2342.19200300.100.1.1", "UID"),
            Map.entry("0.9.2342.19200300.100.1.25", "DC"));

    private OpenSslName() {}

    static String of(X500Principal name) {
        StringBuilder line = new StringBuilder();
        for (RDN part : X500Name.getInstance(name.getEncoded()).getRDNs()) {
            for (AttributeTypeAndValue attribute : part.getTypesAndValues()) {
                String type = attribute.getType().getId();
                line.append('/').append(SHORT_NAMES.getOrDefault(type, type)).append('=');
                for (byte b : content(attribute)) {
                    if (b >= ' ' && b <= '~') {
                        line.append((char) b);
                    } else {
                        line.append("\\x%02X".formatted(b & 0xff));
                    }
                }
            }
        }
        return line.toString();
    }

    /** The value's bytes as they stand in the certificate, without what says how many there are. */
    private static byte[] content(AttributeTypeAndValue attribute) {
        try {
            byte[] encoded = attribute.getValue().toASN1Primitive().getEncoded();
            int header = encoded[1] >= 0 ? 2 : 2 + (encoded[1] & 0x7f);
            return Arrays.copyOfRange(encoded, header, encoded.length);
        } catch (IOException e) {
            throw new UncheckedIOException("a name that was read could not be written", e);
        }
    }
}
