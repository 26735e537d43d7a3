package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS between clients and doors. */
class TlsTest {
    private static Shop shop;

    @BeforeAll
    static void open() throws Exception {
        shop = Shop.asleep("  sleep: {after: 1s}");
    }

    @AfterAll
    static void close() throws IOException {
        if (shop != null) {
            shop.close();
        }
    }

    @BeforeEach
    void sleeps() {
        shop.awaitAsleep();
    }

    // ------------------------------------------------------------ the door

    @Test
    void loginOverTlsWakesNobodyAndItsSessionOutlivesSleeps() throws Exception {
        Shop.Rest rest = shop.rest();
        try (Connection connection = shop.connect("sslMode=trust")) {
            rest.isUndisturbed();

            Shop.say(connection, "CREATE OR REPLACE TABLE kept (a INT)");
            shop.awaitAsleep();
            assertThat(Shop.one(connection, "SELECT COUNT(*) FROM kept")).isEqualTo("0");
        }
    }

    @Test
    void commandLineClientSpeaksTlsAtBothDoors() throws Exception {
        Program tcp = shop.cli("app", "secret", "\\s", "--ssl");
        Program unix = shop.cliOnUnixDoor("app", "\\s", "--password=secret", "--ssl");

        assertThat(tcp.out()).contains("Cipher in use is TLS_");
        assertThat(unix.out()).contains("Cipher in use is TLS_");
    }

    @Test
    void largeRowsComeWholeOverTls() throws Exception {
        try (Connection connection = shop.connect("sslMode=trust")) {
            assertThat(Shop.one(connection, "SELECT MD5(REPEAT('x', 3000000)) = MD5('" + "x".repeat(3_000_000) + "')"))
                    .isEqualTo("1");
            assertThat(Shop.one(connection, "SELECT REPEAT('y', 5000000)"))
                    .hasSize(5_000_000)
                    .containsPattern("^y+$");
        }
    }

    @Test
    void certificateThatWasMadeIsKeptForUsAlone(@TempDir Path folder) throws Exception {
        shop.connect("sslMode=trust").close();

        Path kept = shop.host().state().resolve("tls.pem");

        assertThat(Files.getPosixFilePermissions(kept)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        Path shown = Files.writeString(
                folder.resolve("shown.pem"),
                KeyedCertificate.read(Files.readString(kept), Files.readString(kept))
                        .certificatePem());
        try (Connection connection = shop.connect("sslMode=verify-ca", "serverSslCert=" + shown)) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    // ------------------------------------------------------------ a certificate that was supplied

    @Test
    void suppliedCertificateIsShownAndReadAnewWhenItChanges(@TempDir Path folder) throws Exception {
        CertificateAuthority authority = CertificateAuthority.make(Clock.systemUTC());
        Path ca = Files.writeString(folder.resolve("ca.pem"), authority.own().certificatePem());
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        put(authority.issueServer("one", List.of("localhost")), certificate, key);
        int port = HostProcess.freePort();
        HostProcess host = HostProcess.prepare()
                .instance(Shop.NAME, port, "  sleep: {after: 1s}")
                .options("--tls-certificate", certificate.toString(), "--tls-key", key.toString());
        try (Shop supplied = Shop.asleep(host, port)) {
            // by its name, as the certificate says nothing of addresses
            String trust = "sslMode=verify-ca&serverSslCert=" + ca;
            supplied.connect(trust).close();

            Files.writeString(certificate, "broken");
            host.reload();
            Awaitility.await().until(() -> Files.readString(host.log()).contains("can't be used"));
            supplied.connect(trust).close();

            CertificateAuthority other = CertificateAuthority.make(Clock.systemUTC());
            put(other.issueServer("two", List.of("localhost")), certificate, key);
            host.reload();
            Awaitility.await().until(() -> Files.readString(host.log()).contains("holds for new connections"));
            SQLException distrust = catchThrowableOfType(
                    SQLException.class, () -> supplied.connect(trust).close());
            assertThat((Throwable) distrust).isNotNull();
            Files.writeString(ca, other.own().certificatePem());
            supplied.connect(trust).close();
        }
    }

    private static void put(KeyedCertificate keyed, Path certificate, Path key) throws IOException {
        Files.writeString(key, keyed.keyPem());
        Files.writeString(certificate, keyed.certificatePem());
    }

    @Test
    void certificateWithoutItsKeyIsRefusedAtTheStart(@TempDir Path folder) throws Exception {
        CertificateAuthority authority = CertificateAuthority.make(Clock.systemUTC());
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        put(authority.issueServer("one", List.of("localhost")), certificate, key);
        Files.writeString(key, authority.issueServer("two", List.of()).keyPem());

        Program refused = Program.haulout(
                "host",
                "--manifests",
                shop.host().manifests().toString(),
                "--state",
                folder.resolve("state").toString(),
                "--tls-certificate",
                certificate.toString(),
                "--tls-key",
                key.toString());

        assertThat(refused.status()).isNotZero();
        assertThat(refused.out()).contains(certificate.toString()).contains("the key is not the one");
    }
}
