package dev.haulout.proxy.certificate;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The release's certificate authority. All keys are EC P-256, as quick as any in a handshake. What it issues serves one
 * purpose only: a server's certificate can't log in anywhere, and a client's can't pose as a server.
 */
public final class CertificateAuthority {
    /** Common name of the authority's own certificate. */
    public static final String NAME = "haulout";

    /** Common name of the operator's client certificate. */
    public static final String OPERATOR = "haulout-operator";

    /** Common name of the gateways' client certificate. */
    public static final String GATEWAY = "haulout-gateway";

    private static final Duration LIFE = Duration.ofDays(3653);
    private static final Duration LIFE_OF_ISSUED = Duration.ofDays(365);

    /** Clocks of other machines may be somewhat behind. */
    private static final Duration TOLERANCE = Duration.ofHours(1);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyedCertificate own;
    private final Clock clock;
    private final Duration lifeOfIssued;

    private CertificateAuthority(KeyedCertificate own, Clock clock, Duration lifeOfIssued) {
        this.own = own;
        this.clock = clock;
        this.lifeOfIssued = lifeOfIssued;
    }

    /** A new authority, valid for ten years. */
    public static CertificateAuthority make(Clock clock) {
        return make(clock, new X500Name("CN=" + NAME), 0, LIFE_OF_ISSUED);
    }

    /** A new authority for one server on this machine, with a name of its own; all it issues is valid as long as it is. */
    public static CertificateAuthority makePrivate(Clock clock) {
        return make(clock, new X500Name("CN=" + NAME + "-" + Long.toHexString(RANDOM.nextLong())), 1, LIFE);
    }

    private static CertificateAuthority make(Clock clock, X500Name name, int between, Duration lifeOfIssued) {
        KeyPair pair = newPair();
        try {
            X509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), clock.instant(), LIFE)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(between))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return new CertificateAuthority(signed(builder, pair, pair), clock, lifeOfIssued);
        } catch (CertIOException e) {
            throw new IllegalStateException("the certificate authority's certificate could not be made", e);
        }
    }

    /**
     * A certificate that nobody vouches for, valid for a year: for doors whose clients don't ask who does.
     *
     * @param hosts DNS names it is reached by
     */
    public static KeyedCertificate selfSigned(Clock clock, Collection<String> hosts) {
        X500Name name = new X500Name("CN=" + NAME);
        KeyPair pair = newPair();
        try {
            X509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), clock.instant(), LIFE_OF_ISSUED)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, alternatives(List.of(), hosts));
            return signed(builder, pair, pair);
        } catch (CertIOException e) {
            throw new IllegalStateException("a certificate of our own could not be made", e);
        }
    }

    /**
     * An authority that was made before.
     *
     * @param certificatePem its certificate
     * @param keyPem its key
     * @throws IllegalArgumentException when these are not an authority's certificate and the key it is about
     */
    public static CertificateAuthority load(String certificatePem, String keyPem, Clock clock) {
        return load(certificatePem, keyPem, clock, LIFE_OF_ISSUED);
    }

    /** As {@link #load}, for one that {@link #makePrivate} made. */
    public static CertificateAuthority loadPrivate(String certificatePem, String keyPem, Clock clock) {
        return load(certificatePem, keyPem, clock, LIFE);
    }

    private static CertificateAuthority load(String certificatePem, String keyPem, Clock clock, Duration lifeOfIssued) {
        KeyedCertificate own = KeyedCertificate.fromPem(certificatePem, keyPem);
        if (own.certificate().getBasicConstraints() < 0) {
            throw new IllegalArgumentException("the certificate of "
                    + own.certificate().getSubjectX500Principal()
                    + " is not an authority's; delete its Secret to have one made");
        }
        if (!own.belong()) {
            throw new IllegalArgumentException("the certificate authority's key is not the one its certificate is"
                    + " about; delete its Secret to have both made anew");
        }
        return new CertificateAuthority(own, clock, lifeOfIssued);
    }

    /** Its own certificate and key. */
    public KeyedCertificate own() {
        return own;
    }

    /**
     * The name by which an instance's server is recognised, whatever its address.
     *
     * @param uid the instance's {@code metadata.uid}
     */
    public static String uriOf(String uid) {
        return "urn:haulout:instance:" + uid;
    }

    /**
     * A certificate for an instance's server, valid for a year where not said otherwise.
     *
     * @param uid the instance's {@code metadata.uid}
     * @param hosts DNS names it is reached by
     */
    public KeyedCertificate issueServer(String uid, Collection<String> hosts) {
        GeneralNames alternatives = alternatives(List.of(uriOf(uid)), hosts);
        // A common name holds at most 64 characters, and nobody looks at it: the alternative names say it all.
        return issue(newPair(), "haulout-server", KeyPurposeId.id_kp_serverAuth, alternatives);
    }

    /**
     * A certificate for the door of an instance, valid for a year. It doesn't make whoever has it the instance's server.
     *
     * @param key what it is about
     * @param hosts DNS names it is reached by
     */
    public KeyedCertificate issueDoor(KeyPair key, Collection<String> hosts) {
        return issue(key, "haulout-door", KeyPurposeId.id_kp_serverAuth, alternatives(List.of(), hosts));
    }

    /**
     * A certificate to log in with, valid for a year.
     *
     * @param commonName {@link #OPERATOR} or {@link #GATEWAY}
     */
    public KeyedCertificate issueClient(String commonName) {
        return issue(newPair(), commonName, KeyPurposeId.id_kp_clientAuth, null);
    }

    /**
     * A certificate to log in with in place of another, which bears the same names: that of the certificate's owner, and of
     * who vouches for it. Only one made by {@link #makePrivate} can, as there is somebody between it and the certificate.
     *
     * @param issuer who vouches for the other
     * @param subject whose it is
     */
    public KeyedCertificate issueLikeness(X500Principal issuer, X500Principal subject) {
        KeyPair between = newPair();
        KeyPair pair = newPair();
        X500Name issuerName = X500Name.getInstance(issuer.getEncoded());
        try {
            KeyedCertificate authority = signed(
                    builder(name(), issuerName, between.getPublic(), clock.instant(), lifeOfIssued)
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)),
                    between,
                    new KeyPair(own.certificate().getPublicKey(), own.key()));
            KeyedCertificate likeness = signed(
                    builder(
                                    issuerName,
                                    X500Name.getInstance(subject.getEncoded()),
                                    pair.getPublic(),
                                    clock.instant(),
                                    lifeOfIssued)
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                            .addExtension(
                                    Extension.extendedKeyUsage,
                                    true,
                                    new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth)),
                    pair,
                    between);
            return new KeyedCertificate(List.of(likeness.certificate(), authority.certificate()), pair.getPrivate());
        } catch (CertIOException e) {
            throw new IllegalStateException("a certificate in place of " + subject + " could not be made", e);
        }
    }

    private X500Name name() {
        return X500Name.getInstance(own.certificate().getSubjectX500Principal().getEncoded());
    }

    private static GeneralNames alternatives(Collection<String> uris, Collection<String> hosts) {
        List<ASN1Encodable> names = new ArrayList<>();
        uris.forEach(uri -> names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
        hosts.forEach(host -> names.add(new GeneralName(GeneralName.dNSName, host)));
        return GeneralNames.getInstance(new DERSequence(names.toArray(ASN1Encodable[]::new)));
    }

    private KeyedCertificate issue(KeyPair pair, String commonName, KeyPurposeId purpose, GeneralNames alternatives) {
        X500Name issuer = name();
        try {
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder builder = builder(
                            issuer, new X500Name("CN=" + commonName), pair.getPublic(), clock.instant(), lifeOfIssued)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(purpose))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            utils.createAuthorityKeyIdentifier(own.certificate().getPublicKey()));
            if (alternatives != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives);
            }
            return signed(builder, pair, new KeyPair(own.certificate().getPublicKey(), own.key()));
        } catch (CertIOException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate for " + commonName + " could not be made", e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Duration life) throws CertIOException {
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        try {
            return new JcaX509v3CertificateBuilder(
                            issuer,
                            new BigInteger(127, RANDOM).setBit(0),
                            Date.from(second.minus(TOLERANCE)),
                            Date.from(second.plus(life)),
                            subject,
                            key)
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no SHA-1, which names keys in certificates", e);
        }
    }

    private static KeyedCertificate signed(X509v3CertificateBuilder builder, KeyPair subject, KeyPair issuer) {
        try {
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate());
            return new KeyedCertificate(
                    new JcaX509CertificateConverter().getCertificate(builder.build(signer)), subject.getPrivate());
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate could not be signed", e);
        }
    }

    /** A key of the kind that everything here has. */
    public static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java makes no keys on the curve P-256", e);
        }
    }
}
