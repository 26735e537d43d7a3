package dev.haulout.proxy.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority of a test's own, and the certificates it gives out. */
public final class Authority {
    private static final X500Name NAME = new X500Name("CN=haulout");

    private final KeyPair keys = keys();
    private final byte[] certificate;

    /** All of them have the same name, as an impostor's would. */
    public Authority() {
        certificate = sign(
                NAME,
                keys,
                builder -> builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true)));
    }

    /**
     * A certificate and its key.
     *
     * @param certificate PEM
     * @param key PEM, PKCS #8
     */
    public record Issued(byte[] certificate, byte[] key) {}

    /** Its own certificate, PEM. */
    public byte[] certificate() {
        return certificate;
    }

    /** What we trust who trust it, and know ourselves by {@code ours}. */
    public ServerTrust trust(Issued ours) throws IOException {
        return ServerTrust.of(certificate, ours.certificate(), ours.key());
    }

    /** For a client: {@code CN=} and this name. */
    public Issued forClient(String name) {
        KeyPair pair = keys();
        return new Issued(sign(new X500Name("CN=" + name), pair, builder -> {}), pem("PRIVATE KEY", encoded(pair)));
    }

    /** For the server of the instances with these UIDs, and for a host name too. */
    public Issued forServer(String... uids) {
        GeneralName[] names = Stream.concat(
                        Stream.of(new GeneralName(GeneralName.dNSName, "shop.example.org")),
                        Stream.of(uids)
                                .map(uid -> new GeneralName(
                                        GeneralName.uniformResourceIdentifier, "urn:haulout:instance:" + uid)))
                .toArray(GeneralName[]::new);
        KeyPair pair = keys();
        return new Issued(
                sign(
                        new X500Name("CN=shop"),
                        pair,
                        builder ->
                                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))),
                pem("PRIVATE KEY", encoded(pair)));
    }

    /** Writes what a server needs into a folder, and gives the options that name it. */
    public String[] serverOptions(Path folder, Issued server) {
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.write(folder.resolve("ca.crt"), certificate);
            Files.write(folder.resolve("tls.crt"), server.certificate());
            Files.write(folder.resolve("tls.key"), server.key());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new String[] {
            "--ssl-ca=" + folder.resolve("ca.crt"),
            "--ssl-cert=" + folder.resolve("tls.crt"),
            "--ssl-key=" + folder.resolve("tls.key")
        };
    }

    @FunctionalInterface
    private interface Extensions {
        void addTo(JcaX509v3CertificateBuilder builder) throws IOException;
    }

    private byte[] sign(X500Name subject, KeyPair pair, Extensions extensions) {
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                NAME,
                new BigInteger(63, new SecureRandom()),
                Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(Duration.ofDays(1))),
                subject,
                pair.getPublic());
        try {
            extensions.addTo(builder);
            return pem(
                    "CERTIFICATE",
                    new JcaX509CertificateConverter()
                            .getCertificate(builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())))
                            .getEncoded());
        } catch (IOException | OperatorCreationException | CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] encoded(KeyPair pair) {
        return pair.getPrivate().getEncoded();
    }

    private static byte[] pem(String kind, byte[] bytes) {
        return ("-----BEGIN " + kind + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
                        + "\n-----END " + kind + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
