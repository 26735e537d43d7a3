package dev.haulout.proxy.wake.process;

import dev.haulout.proxy.account.Tls;
import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.backend.ServerTrust;
import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * TLS on an instance's own socket, for accounts that ask for it. An authority of the instance's own vouches for the server;
 * its key stays with us. Made once, since a server from 11.4 on that is given no certificate makes one at every start, which
 * takes seconds.
 */
final class ServerTls {
    /** Of the ten years that the certificates are valid. */
    private static final Duration KEPT = Duration.ofDays(5 * 365);

    /** Of clients' names, as many that need not be made anew when they come again. */
    private static final int MOST_KEPT = 100;

    /** The socket's folder says who it is; TLS asks for a name all the same. */
    private static final String NAME = "server";

    private final InstanceFolder folder;
    private final Map<Optional<Tls.Certificate>, ServerTrust> trusts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Optional<Tls.Certificate>, ServerTrust> eldest) {
            return size() > MOST_KEPT;
        }
    };

    /** Nothing is read before it is needed. */
    ServerTls(InstanceFolder folder) {
        this.folder = folder;
    }

    /** Makes what a server needs at its start, unless it is there. */
    synchronized void prepare(ServerUser user) throws IOException {
        Path kept = folder.authority();
        if (Files.exists(kept)
                && Files.exists(folder.serverCertificate())
                && Files.getLastModifiedTime(kept)
                        .toInstant()
                        .isAfter(Instant.now().minus(KEPT))) {
            return;
        }
        trusts.clear();
        user.makePrivateDirectory(folder.tls());
        CertificateAuthority authority = CertificateAuthority.makePrivate(Clock.systemUTC());
        KeyedCertificate server = authority.issueServer(NAME, List.of());
        DurableFiles.replace(
                folder.authorityCertificate(), bytes(authority.own().certificatePem()), user::own);
        DurableFiles.replace(folder.serverCertificate(), bytes(server.certificatePem() + server.keyPem()), user::own);
        DurableFiles.replace(
                kept, bytes(authority.own().certificatePem() + authority.own().keyPem()));
    }

    private static byte[] bytes(String pem) {
        return pem.getBytes(StandardCharsets.US_ASCII);
    }

    /** By which the server does TLS. */
    List<String> serverOptions() {
        return List.of(
                "--ssl-cert=" + folder.serverCertificate(),
                "--ssl-key=" + folder.serverCertificate(),
                "--ssl-ca=" + folder.authorityCertificate());
    }

    /**
     * Towards the server.
     *
     * @param client what the server is to see: of a certificate the names, which it compares with those in the account
     */
    synchronized BackendTls towardsServer(Tls client) throws IOException {
        ServerTrust trust = trusts.get(client.certificate());
        if (trust == null) {
            trust = trust(client.certificate());
            trusts.put(client.certificate(), trust);
        }
        return trust.instance(NAME);
    }

    private ServerTrust trust(Optional<Tls.Certificate> client) throws IOException {
        byte[] ca = Files.readAllBytes(folder.authorityCertificate());
        if (client.isEmpty()) {
            return ServerTrust.of(ca);
        }
        String kept = Files.readString(folder.authority());
        KeyedCertificate likeness = CertificateAuthority.loadPrivate(kept, kept, Clock.systemUTC())
                .issueLikeness(client.get().issuer(), client.get().subject());
        return ServerTrust.of(ca, bytes(likeness.chainPem()), bytes(likeness.keyPem()));
    }
}
