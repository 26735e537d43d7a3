package dev.haulout.proxy.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/**
 * A certificate with its private key.
 *
 * @param chain the certificate, and behind it those between it and an authority, where there are any
 * @param key the key it is about; never logged
 */
public record KeyedCertificate(List<X509Certificate> chain, PrivateKey key) {
    /** What it is, and its content in Base64. */
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    public KeyedCertificate {
        chain = List.copyOf(chain);
    }

    /** One that an authority vouches for without others between. */
    KeyedCertificate(X509Certificate certificate, PrivateKey key) {
        this(List.of(certificate), key);
    }

    /** The certificate itself. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /**
     * Reads what was made by us.
     *
     * @param certificatePem one certificate
     * @param keyPem one unencrypted key
     * @throws IllegalArgumentException when either text holds something else
     */
    public static KeyedCertificate fromPem(String certificatePem, String keyPem) {
        try {
            return new KeyedCertificate(certificates(certificatePem).getFirst(), key(keyPem));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; delete its Secret to have it made anew", e);
        }
    }

    /**
     * Reads what may be anybody's.
     *
     * @param chainPem a certificate, and behind it those between it and an authority
     * @param keyPem its key, not encrypted: PKCS #8, PKCS #1 or SEC 1
     * @throws IllegalArgumentException when either text holds something else, or the key is not the certificate's
     */
    public static KeyedCertificate read(String chainPem, String keyPem) {
        KeyedCertificate read = new KeyedCertificate(certificates(chainPem), key(keyPem));
        if (!read.belong()) {
            throw new IllegalArgumentException("the key is not the one that the certificate of "
                    + read.certificate().getSubjectX500Principal() + " is about");
        }
        return read;
    }

    /** Whether the key is the one that the certificate is about. */
    boolean belong() {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm(); // Ed25519 and its like name both the same
        };
        try {
            byte[] sample = {1};
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(sample);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate().getPublicKey());
            verifying.update(sample);
            return verifying.verify(signing.sign());
        } catch (GeneralSecurityException notOfThisKind) {
            return false;
        }
    }

    /** The certificate as PEM. */
    public String certificatePem() {
        return pem(certificate());
    }

    /** The certificate and those behind it as PEM. */
    public String chainPem() {
        StringBuilder pem = new StringBuilder();
        chain.forEach(one -> pem.append(pem(one)));
        return pem.toString();
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
        Instant begin = certificate().getNotBefore().toInstant();
        Instant end = certificate().getNotAfter().toInstant();
        return !clock.instant().isBefore(end.minus(Duration.between(begin, end).dividedBy(3)));
    }

    @Override
    public String toString() {
        return "KeyedCertificate[" + certificate().getSubjectX500Principal() + "]";
    }

    private static List<X509Certificate> certificates(String pem) {
        List<X509Certificate> found = new ArrayList<>();
        try {
            for (MatchResult block : BLOCK.matcher(pem).results().toList()) {
                if (block.group(1).equals("CERTIFICATE")) {
                    found.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(content(block))));
                }
            }
        } catch (CertificateException | IllegalArgumentException e) {
            throw refusal("certificate", "CERTIFICATE", e);
        }
        if (found.isEmpty()) {
            throw refusal("certificate", "CERTIFICATE", null);
        }
        return found;
    }

    private static byte[] content(MatchResult block) {
        return Base64.getMimeDecoder().decode(block.group(2));
    }

    private static PrivateKey key(String pem) {
        for (MatchResult block : BLOCK.matcher(pem).results().toList()) {
            if (block.group(1).equals("PRIVATE KEY")) {
                return key(content(block));
            }
        }
        return olderKey(pem);
    }

    /** PKCS #8. */
    private static PrivateKey key(byte[] encoded) {
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (GeneralSecurityException notOfThisKind) {
                // perhaps of the next
            }
        }
        throw refusal("private key", "PRIVATE KEY", null);
    }

    /** PKCS #1 and SEC 1, for which Java has no reader. */
    private static PrivateKey olderKey(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                if (block instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
            }
        } catch (IOException e) {
            throw refusal("private key", "PRIVATE KEY", e);
        }
        throw refusal("private key", "PRIVATE KEY", null);
    }

    private static IllegalArgumentException refusal(String what, String block, Exception cause) {
        return new IllegalArgumentException(
                "no " + what + " could be read: expected a PEM block \"" + block + "\", not encrypted", cause);
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
