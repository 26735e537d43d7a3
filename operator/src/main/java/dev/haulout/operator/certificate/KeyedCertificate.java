package dev.haulout.operator.certificate;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/**
 * A certificate with its private key.
 *
 * @param certificate the certificate
 * @param key the key it is about; never logged
 */
public record KeyedCertificate(X509Certificate certificate, PrivateKey key) {

    /**
     * Reads both from PEM.
     *
     * @param certificatePem one certificate
     * @param keyPem one unencrypted PKCS #8 key
     * @throws IllegalArgumentException when either text holds something else
     */
    public static KeyedCertificate fromPem(String certificatePem, String keyPem) {
        return new KeyedCertificate(certificate(certificatePem), key(keyPem));
    }

    /** The certificate as PEM. */
    public String certificatePem() {
        return pem(certificate);
    }

    /** The key as PEM: PKCS #8, not encrypted. */
    public String keyPem() {
        try {
            return pem(new JcaPKCS8Generator(key, null).generate());
        } catch (IOException e) {
            throw new UncheckedIOException("a private key could not be written as PEM", e);
        }
    }

    /**
     * Whether it is time for a new one: when a third of its life or less is left, so that nothing has to be done in a
     * hurry. A certificate of a year is renewed four months before its end.
     */
    public boolean isDueForRenewal(Clock clock) {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        return !clock.instant().isBefore(end.minus(Duration.between(begin, end).dividedBy(3)));
    }

    @Override
    public String toString() {
        return "KeyedCertificate[" + certificate.getSubjectX500Principal() + "]";
    }

    private static X509Certificate certificate(String pem) {
        if (!(parsed(pem) instanceof X509CertificateHolder holder)) {
            throw refusal("certificate", "CERTIFICATE", null);
        }
        try {
            return new JcaX509CertificateConverter().getCertificate(holder);
        } catch (CertificateException e) {
            throw refusal("certificate", "CERTIFICATE", e);
        }
    }

    private static PrivateKey key(String pem) {
        if (!(parsed(pem) instanceof PrivateKeyInfo info)) {
            throw refusal("private key", "PRIVATE KEY", null);
        }
        try {
            return new JcaPEMKeyConverter().getPrivateKey(info);
        } catch (IOException e) {
            throw refusal("private key", "PRIVATE KEY", e);
        }
    }

    /** What the first block of a PEM text holds, or null when there is none. The text itself is never repeated. */
    private static Object parsed(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            return parser.readObject();
        } catch (IOException e) {
            throw new IllegalArgumentException("a PEM block can't be read; delete its Secret to have it made anew", e);
        }
    }

    private static IllegalArgumentException refusal(String what, String block, Exception cause) {
        return new IllegalArgumentException(
                "no " + what + " could be read: expected one PEM block \"" + block
                        + "\"; delete its Secret to have it made anew",
                cause);
    }

    private static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException("a certificate or key could not be written as PEM", e);
        }
        return text.toString();
    }
}
