package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts that ask for a certificate of the client's. */
class ClientCertificateTest {
    private static final X500Principal ISSUER = new X500Principal("CN=Kauppa CA,O=Käuppa,C=FI");
    private static final X500Principal ALICE = new X500Principal("CN=alice,O=Käuppa,C=FI");
    private static final X500Principal BOB = new X500Principal("CN=bob,O=Käuppa,C=FI");

    private static final String[] CIPHER = {
        "--ssl", "--tls-version=TLSv1.2", "--ssl-cipher=ECDHE-ECDSA-AES256-GCM-SHA384"
    };

    @TempDir
    private Path folder;

    private final CertificateAuthority authority = CertificateAuthority.makePrivate(Clock.systemUTC());
    private Shop shop;

    @BeforeEach
    void open() throws Exception {
        shop = Shop.asleep(
                "  sleep: {after: 1s}",
                "  tls:",
                "    clientCa: |",
                authority.own().certificatePem().indent(6));
        shop.asRoot("""
                CREATE USER certified@'%' IDENTIFIED BY 'secret' REQUIRE X509;
                CREATE USER alice@'%' IDENTIFIED BY 'secret' REQUIRE SUBJECT '/C=FI/O=K\\\\xC3\\\\xA4uppa/CN=alice'
                    AND ISSUER '/C=FI/O=K\\\\xC3\\\\xA4uppa/CN=Kauppa CA';
                CREATE USER picky@'%' IDENTIFIED BY 'secret' REQUIRE CIPHER 'ECDHE-ECDSA-AES256-GCM-SHA384';
                """);
        shop.awaitAsleep();
    }

    @AfterEach
    void close() throws IOException {
        shop.close();
    }

    private String[] shows(KeyedCertificate certificate) throws IOException {
        Path file = Files.createTempFile(folder, "client", ".pem");
        Files.writeString(file, certificate.chainPem() + certificate.keyPem());
        return new String[] {"--ssl", "--ssl-cert=" + file, "--ssl-key=" + file};
    }

    private String says(String user, String sql, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        return shop.cli(user, "secret", sql, all.toArray(String[]::new)).out().strip();
    }

    @Test
    void certificatesAreJudgedAsTheServerDoesAsleepAndAwake() throws Exception {
        String[] alice = shows(authority.issueLikeness(ISSUER, ALICE));
        String[] bob = shows(authority.issueLikeness(ISSUER, BOB));
        String[] stranger =
                shows(CertificateAuthority.makePrivate(Clock.systemUTC()).issueLikeness(ISSUER, ALICE));
        Shop.Rest rest = shop.rest();

        assertThat(says("certified", "SELECT 1", bob)).isEqualTo("1");
        assertThat(says("certified", "SELECT 1", "--ssl")).contains("1045");
        assertThat(says("certified", "SELECT 1", "--skip-ssl")).contains("1045");
        assertThat(says("alice", "SELECT 1", alice)).isEqualTo("1");
        assertThat(says("alice", "SELECT 1", bob)).contains("1045");
        assertThat(says("alice", "SELECT 1", stranger)).contains("1043").contains("clientCa");
        assertThat(says("app", "SELECT 1", "--ssl")).as("need not show any").isEqualTo("1");
        assertThat(says("picky", "SELECT 1", CIPHER)).contains("1045").contains("cipher");
        assertThat(says("picky", "SELECT 1", "--ssl")).contains("1045").doesNotContain("cipher");
        rest.isUndisturbed();

        assertThat(says("alice", "SELECT CURRENT_USER()", alice)).as("wakes it").isEqualTo("alice@%");
        try (Connection awake = shop.connect()) {
            assertThat(Shop.one(awake, "SELECT GET_LOCK('awake', 1)")).isEqualTo("1");
            assertThat(says("certified", "SELECT CURRENT_USER()", bob)).isEqualTo("certified@%");
            assertThat(says("alice", "SELECT CURRENT_USER()", alice)).isEqualTo("alice@%");
            assertThat(says("alice", "SELECT CURRENT_USER()", bob)).contains("1045");
            assertThat(says("certified", "SELECT CURRENT_USER()", "--ssl")).contains("1045");
            assertThat(says("picky", "SELECT CURRENT_USER()", CIPHER))
                    .contains("1045")
                    .contains("cipher");
        }
    }
}
