package dev.haulout.proxy.gateway;

import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import dev.haulout.proxy.tls.DoorCertificate;
import dev.haulout.proxy.tls.DoorTls;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The release's authority, by which this gateway vouches for the certificates of its doors: read from its Secret, kept in
 * memory and nowhere else. All doors share one key of this process's own; a door's certificate is made when a client first
 * asks for TLS there.
 */
final class ReleaseAuthority {
    private static final Logger log = LoggerFactory.getLogger(ReleaseAuthority.class);
    private static final String SECRET = "haulout-ca";

    private final KubernetesClient client;
    private final String namespace;
    private final Clock clock = Clock.systemUTC();
    private final KeyPair key = CertificateAuthority.newPair();
    private volatile CertificateAuthority present;

    /** @param namespace the release's */
    ReleaseAuthority(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** Sees that it is the one that vouches for servers too. Blocks. */
    void refresh(String vouchesForServers) {
        CertificateAuthority known = present;
        if (known != null && known.own().certificatePem().strip().equals(vouchesForServers.strip())) {
            return;
        }
        try {
            present = read();
        } catch (IOException e) {
            log.warn("{}", e.getMessage());
        }
    }

    private CertificateAuthority read() throws IOException {
        try {
            Secret secret =
                    client.secrets().inNamespace(namespace).withName(SECRET).get();
            if (secret == null) {
                throw new IOException("there is no Secret " + namespace + "/" + SECRET
                        + " yet, and no TLS at the doors without it; the operator makes it");
            }
            return CertificateAuthority.load(text(secret, "tls.crt"), text(secret, "tls.key"), clock);
        } catch (KubernetesClientException | IllegalArgumentException e) {
            throw new IOException("the Secret " + namespace + "/" + SECRET + " can't be read: " + e.getMessage(), e);
        }
    }

    private static String text(Secret secret, String name) {
        return new String(Base64.getDecoder().decode(secret.getData().getOrDefault(name, "")), StandardCharsets.UTF_8);
    }

    /** The certificate of one instance's door. */
    DoorTls door(InstanceKey instance) {
        String service = instance.name() + "." + instance.namespace();
        return new Issued(List.of(instance.name(), service, service + ".svc", service + ".svc.cluster.local"));
    }

    /** Made for these names when it is first asked for, and made anew in time. */
    private final class Issued implements DoorTls {
        private final List<String> hosts;
        private CertificateAuthority by;
        private DoorCertificate certificate;

        Issued(List<String> hosts) {
            this.hosts = hosts;
        }

        @Override
        public synchronized Optional<DoorCertificate> present() {
            boolean holds =
                    certificate != null && by == present && !certificate.shown().isDueForRenewal(clock);
            return holds ? Optional.of(certificate) : Optional.empty();
        }

        @Override
        public synchronized DoorCertificate certificate() throws IOException {
            Optional<DoorCertificate> holds = present();
            if (holds.isPresent()) {
                return holds.get();
            }
            if (present == null) {
                present = read();
            }
            CertificateAuthority now = present;
            KeyedCertificate issued = now.issueDoor(key, hosts);
            certificate = DoorCertificate.of(issued);
            by = now;
            return certificate;
        }

        @Override
        public void refresh() {
            // whoever asks next has a new one made
        }
    }
}
