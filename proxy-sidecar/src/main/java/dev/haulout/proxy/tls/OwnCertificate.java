package dev.haulout.proxy.tls;

import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate that the proxy makes for itself, when the first client asks for TLS, and keeps in one file with its key.
 * No authority vouches for it; it is made anew when a third of its year is left.
 */
public final class OwnCertificate implements DoorTls {
    private static final Logger log = LoggerFactory.getLogger(OwnCertificate.class);

    private final Path file;
    private final Clock clock;
    private volatile DoorCertificate present;

    /** @param file where it is kept, with its key, readable by us only */
    public OwnCertificate(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public Optional<DoorCertificate> present() {
        return Optional.ofNullable(present);
    }

    @Override
    public synchronized DoorCertificate certificate() throws IOException {
        if (present == null) {
            present = DoorCertificate.of(kept());
        }
        return present;
    }

    @Override
    public synchronized void refresh() {
        if (present == null || !present.shown().isDueForRenewal(clock)) {
            return;
        }
        try {
            present = DoorCertificate.of(make());
        } catch (IOException e) {
            log.error("no new TLS certificate could be made, the old one holds on: {}", e.toString());
        }
    }

    private KeyedCertificate kept() throws IOException {
        if (Files.exists(file)) {
            String text = Files.readString(file);
            try {
                KeyedCertificate read = KeyedCertificate.read(text, text);
                if (!read.isDueForRenewal(clock)) {
                    return read;
                }
            } catch (IllegalArgumentException e) {
                log.warn("{} is damaged ({}), and is made anew", file, e.getMessage());
            }
        }
        return make();
    }

    private KeyedCertificate make() throws IOException {
        KeyedCertificate made = CertificateAuthority.selfSigned(clock, hosts());
        DurableFiles.replace(file, (made.certificatePem() + made.keyPem()).getBytes(StandardCharsets.US_ASCII));
        log.info("a TLS certificate was made for the doors, {}; nobody vouches for it", file);
        return made;
    }

    private static Set<String> hosts() {
        Set<String> hosts = new LinkedHashSet<>();
        hosts.add("localhost");
        try {
            hosts.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException namelessMachine) {
            // then nobody can ask for it by that name
        }
        return hosts;
    }
}
