package dev.haulout.proxy.wake.process;

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
import java.util.List;

/**
 * TLS on an instance's own socket, for accounts that ask for it. An authority of the instance's own vouches for the server;
 * its key stays with us. Made once, since a server from 11.4 on that is given no certificate makes one at every start, which
 * takes seconds.
 */
final class ServerTls {
    /** Of the ten years that the certificates are valid. */
    private static final Duration KEPT = Duration.ofDays(5 * 365);

    /** The socket's folder says who it is; TLS asks for a name all the same. */
    private static final String NAME = "server";

    private final InstanceFolder folder;
    private ServerTrust trust;

    /** Nothing is read before it is needed. */
    ServerTls(InstanceFolder folder) {
        this.folder = folder;
    }

    /** Makes what a server needs at its start, unless it is there. */
    void prepare(ServerUser user) throws IOException {
        Path kept = folder.authority();
        if (Files.exists(kept)
                && Files.exists(folder.serverCertificate())
                && Files.getLastModifiedTime(kept)
                        .toInstant()
                        .isAfter(Instant.now().minus(KEPT))) {
            return;
        }
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

    /** Towards the server. */
    synchronized BackendTls towardsServer() throws IOException {
        if (trust == null) {
            trust = ServerTrust.of(Files.readAllBytes(folder.authorityCertificate()));
        }
        return trust.instance(NAME);
    }
}
