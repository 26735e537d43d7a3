package dev.haulout.proxy.tls;

import dev.haulout.proxy.certificate.KeyedCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A certificate and a key that somebody else keeps in files: read anew when they change. */
public final class CertificateFiles implements DoorTls {
    private static final Logger log = LoggerFactory.getLogger(CertificateFiles.class);

    private final Path certificate;
    private final Path key;
    private byte[][] read;
    private byte[][] refused = {};
    private volatile DoorCertificate present;

    /**
     * @param certificate PEM, with the certificates behind it that lead to an authority
     * @param key PEM, not encrypted
     * @throws IOException when they can't be used; the message names the file and the remedy
     */
    public CertificateFiles(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.read = files();
        this.present = usable(read);
    }

    private byte[][] files() throws IOException {
        return new byte[][] {bytes(certificate), bytes(key)};
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is not there", e);
        }
    }

    private DoorCertificate usable(byte[][] files) throws IOException {
        try {
            return DoorCertificate.of(KeyedCertificate.read(text(files[0]), text(files[1])));
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException(
                    "the TLS certificate " + certificate + " with the key " + key + " can't be used: " + e.getMessage()
                            + "; give a certificate and the key it is about, both PEM",
                    e);
        }
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.US_ASCII);
    }

    @Override
    public Optional<DoorCertificate> present() {
        return Optional.of(present);
    }

    @Override
    public DoorCertificate certificate() {
        return present;
    }

    @Override
    public synchronized void refresh() {
        byte[][] now = {};
        try {
            now = files();
            if (Arrays.deepEquals(now, read) || Arrays.deepEquals(now, refused)) {
                return;
            }
            present = usable(now);
            read = now;
            refused = new byte[][] {};
            log.info("the TLS certificate in {} has changed and holds for new connections", certificate);
        } catch (IOException e) {
            refused = now; // said once: the two files may just be changing one after the other
            log.warn("the TLS certificate is not changed: {}", e.getMessage());
        }
    }
}
