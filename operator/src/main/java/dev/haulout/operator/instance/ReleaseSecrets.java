package dev.haulout.operator.instance;

import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The release's own Secrets: its certificate authority, and the certificates by which operator and gateways log in to
 * servers. Made once, whoever comes first; certificates near their end are made anew.
 */
public final class ReleaseSecrets {
    private static final String CERTIFICATE = "tls.crt";
    private static final String KEY = "tls.key";
    private static final String AUTHORITY = "ca.crt";

    private final CertificateAuthority authority;
    private final KeyedCertificate own;

    private ReleaseSecrets(CertificateAuthority authority, KeyedCertificate own) {
        this.authority = authority;
        this.own = own;
    }

    /**
     * Reads them, and makes those that are not there.
     *
     * @param namespace the release's
     */
    public static ReleaseSecrets ensure(KubernetesClient client, String namespace, Clock clock) {
        Secret kept =
                client.secrets().inNamespace(namespace).withName("haulout-ca").get();
        if (kept == null) {
            KeyedCertificate made = CertificateAuthority.make(clock).own();
            kept = createOrRead(client, secret(namespace, "haulout-ca", made, made.certificatePem()));
        }
        CertificateAuthority authority = CertificateAuthority.load(text(kept, CERTIFICATE), text(kept, KEY), clock);
        KeyedCertificate own =
                client(client, namespace, "haulout-operator-client", CertificateAuthority.OPERATOR, authority, clock);
        var unused =
                client(client, namespace, "haulout-gateway-client", CertificateAuthority.GATEWAY, authority, clock);
        return new ReleaseSecrets(authority, own);
    }

    private static KeyedCertificate client(
            KubernetesClient client,
            String namespace,
            String name,
            String commonName,
            CertificateAuthority authority,
            Clock clock) {
        Secret kept = client.secrets().inNamespace(namespace).withName(name).get();
        if (kept != null) {
            KeyedCertificate certificate = KeyedCertificate.fromPem(text(kept, CERTIFICATE), text(kept, KEY));
            boolean ofAnother = !text(kept, AUTHORITY).equals(authority.own().certificatePem());
            if (!ofAnother && !certificate.isDueForRenewal(clock)) {
                return certificate;
            }
        }
        KeyedCertificate made = authority.issueClient(commonName);
        Secret wanted = secret(namespace, name, made, authority.own().certificatePem());
        Secret stands = kept == null
                ? createOrRead(client, wanted)
                : client.resource(wanted).update();
        return KeyedCertificate.fromPem(text(stands, CERTIFICATE), text(stands, KEY));
    }

    private static Secret createOrRead(KubernetesClient client, Secret secret) {
        try {
            return client.resource(secret).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return client.resource(secret).get(); // the other replica was quicker
        }
    }

    private static Secret secret(String namespace, String name, KeyedCertificate keyed, String authorityPem) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(Map.of("app.kubernetes.io/managed-by", "haulout"))
                .endMetadata()
                .withType("kubernetes.io/tls")
                .withData(Map.of(
                        CERTIFICATE, encoded(keyed.certificatePem()),
                        KEY, encoded(keyed.keyPem()),
                        AUTHORITY, encoded(authorityPem)))
                .build();
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Secret secret, String key) {
        String value = secret.getData() == null ? null : secret.getData().get(key);
        if (value == null) {
            throw new IllegalStateException("Secret " + secret.getMetadata().getNamespace() + "/"
                    + secret.getMetadata().getName() + " has no " + key + "; delete it to have it made anew");
        }
        return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
    }

    /** The certificate authority. */
    public CertificateAuthority authority() {
        return authority;
    }

    /** The authority's certificate as PEM. */
    public String authorityPem() {
        return authority.own().certificatePem();
    }

    /** By which the operator logs in to servers. */
    public KeyedCertificate own() {
        return own;
    }

    /**
     * A password, always the same for the same use of the same name. So Secrets that have to agree on one can be created
     * one after the other, and after an interruption too, without ever being read.
     *
     * @param use what it is for
     * @param namespace the instance's
     * @param name the instance's
     */
    String password(String use, String namespace, String name) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(authority.own().key().getEncoded(), "HmacSHA256"));
            byte[] tag =
                    mac.doFinal(("haulout " + use + "\0" + namespace + "\0" + name).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(tag, 0, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HMAC with SHA-256", e);
        }
    }
}
