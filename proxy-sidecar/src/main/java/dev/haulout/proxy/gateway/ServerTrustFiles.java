package dev.haulout.proxy.gateway;

import dev.haulout.proxy.backend.ServerTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * By whom servers and other gateways are vouched for, and what the gateway shows them: a mounted Secret, read anew when it
 * changes.
 */
final class ServerTrustFiles {
    private static final Logger log = LoggerFactory.getLogger(ServerTrustFiles.class);

    private final Path folder;
    private volatile byte[][] read;
    private volatile ServerTrust present;
    private volatile PeerTls peers;

    /** @throws IOException when a file is missing or can't be used; the message names it */
    ServerTrustFiles(Path folder) throws IOException {
        this.folder = folder;
        this.read = files();
        this.present = trust(read);
        this.peers = peers(read);
    }

    private byte[][] files() throws IOException {
        return new byte[][] {
            Files.readAllBytes(folder.resolve("ca.crt")),
            Files.readAllBytes(folder.resolve("tls.crt")),
            Files.readAllBytes(folder.resolve("tls.key"))
        };
    }

    private static ServerTrust trust(byte[][] files) throws IOException {
        return ServerTrust.of(files[0], files[1], files[2]);
    }

    private static PeerTls peers(byte[][] files) throws IOException {
        return PeerTls.of(files[0], files[1], files[2]);
    }

    /** For new connections to servers. */
    ServerTrust present() {
        return present;
    }

    /** For new connections with other gateways. */
    PeerTls peers() {
        return peers;
    }

    /** The certificates of the authority that vouches for servers, PEM. */
    String authorityPem() {
        return new String(read[0], StandardCharsets.US_ASCII);
    }

    /** Looks whether the files have changed; keeps what it has where they can't be used. Blocks. */
    void refresh() {
        try {
            byte[][] now = files();
            if (!Arrays.deepEquals(now, read)) {
                ServerTrust servers = trust(now);
                peers = peers(now);
                present = servers;
                read = now;
                log.info("the certificates in {} have changed and hold for new connections", folder);
            }
        } catch (IOException e) {
            log.warn("the certificates in {} can't be read anew, the old ones hold on: {}", folder, e.toString());
        }
    }
}
