package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.haulout.e2e.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What must not wake a sleeping instance. Each test ends by looking for a server in the process table and for a start in
 * the server's own log; after all of them one statement wakes it, once.
 */
@Tag("slow")
class NeverWakesTest {
    private static final String CLIENT_HELLO = "1603010200010001fc0303";

    private static Shop shop;
    private static Shop.Rest beforeAll;
    private Shop.Rest rest;

    @BeforeAll
    static void open() throws IOException {
        shop = Shop.asleep("  sleep: {after: 1s}");
        beforeAll = shop.rest();
    }

    @AfterAll
    static void aRealStatementWakesAfterAllThat() throws Exception {
        try (Shop closing = shop) {
            try (Connection connection = closing.connect()) {
                assertThat(Shop.one(connection, "SELECT 5 + 5")).isEqualTo("10");
                beforeAll.isEndedByOneStart();
            }
        }
    }

    @BeforeEach
    void look() throws IOException {
        rest = shop.rest();
    }

    @AfterEach
    void stillSleeps() throws IOException {
        rest.isUndisturbed();
    }

    // ------------------------------------------------------------ strangers

    @Test
    void connectionsThatCloseAtOnceNeverWake() throws Exception {
        for (int i = 0; i < 50; i++) {
            new Visitor(shop.port()).close();
        }
    }

    @Test
    void portScanNeverWakes() throws Exception {
        assumeTrue(Program.exists("nmap"), "nmap is not installed");

        Program connects =
                Program.run(List.of("nmap", "-n", "-Pn", "-sT", "-p", Integer.toString(shop.port()), "127.0.0.1"));
        Program askedForItsVersion = Program.run(List.of(
                "nmap",
                "-n",
                "-Pn",
                "-sT",
                "-sV",
                "--version-light",
                "-p",
                Integer.toString(shop.port()),
                "127.0.0.1"));

        assertThat(connects.out()).contains(shop.port() + "/tcp open");
        assertThat(askedForItsVersion.out()).contains("MariaDB");
    }

    @Test
    void tlsProbeNeverWakes() throws Exception {
        try (Visitor visitor = new Visitor(shop.port())) {
            visitor.packet();
            visitor.sendHex(CLIENT_HELLO + "00".repeat(506));
            visitor.awaitClosed();
        }
    }

    @Test
    void tlsProbeOfTheProtocolsOwnKindNeverWakes() throws Exception {
        assumeTrue(Program.exists("openssl"), "openssl is not installed");

        Program.run(List.of("openssl", "s_client", "-starttls", "mysql", "-connect", "127.0.0.1:" + shop.port()));
        Program.run(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + shop.port()));
        try (Visitor visitor = new Visitor(shop.port())) {
            visitor.packet();
            // an SSLRequest, then a ClientHello
            visitor.sendHex("20000001" + "0daa0800" + "00000001" + "2d" + "00".repeat(23) + CLIENT_HELLO);
            visitor.awaitClosed();
        }
    }

    @Test
    void garbageNeverWakes() throws Exception {
        Random random = new Random(4);
        for (int length : new int[] {1, 3, 4, 5, 36, 40, 4096, 100_000}) {
            byte[] garbage = new byte[length];
            random.nextBytes(garbage);
            try (Visitor visitor = new Visitor(shop.port())) {
                visitor.packet();
                try {
                    visitor.send(garbage);
                } catch (java.net.SocketException closedMeanwhile) {
                    continue;
                }
            }
        }
        try (Visitor visitor = new Visitor(shop.port())) {
            visitor.packet();
            visitor.send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            visitor.awaitClosed();
        }
    }

    @Test
    void halfAHandshakeNeverWakesAndIsClosedAtTheDeadline() throws Exception {
        byte[] response = Visitor.handshakeResponse("app");
        try (Visitor silent = new Visitor(shop.port());
                Visitor half = new Visitor(shop.port());
                Visitor unproven = new Visitor(shop.port())) {
            half.packet();
            half.send(java.util.Arrays.copyOf(response, response.length / 2));
            unproven.packet();
            unproven.send(Visitor.handshakeResponse("nobody-of-that-name"));
            unproven.packet(); // refused, or asked for a proof that never comes

            silent.awaitClosed();
            half.awaitClosed();
            unproven.awaitClosed();
        }
    }

    // ------------------------------------------------------------ those who may not come in

    @Test
    void wrongPasswordNeverWakes() {
        SQLException refused = refused("app", "wrong", "localSocketAddress=127.0.0.11");

        assertThat(refused.getErrorCode()).isEqualTo(1045);
        assertThat(refused.getSQLState()).isEqualTo("28000");
        assertThat(refused.getMessage()).contains("Access denied for user 'app'@'127.0.0.11' (using password: YES)");
    }

    @Test
    void unknownUserNeverWakes() {
        SQLException refused = refused("stranger", "secret", "localSocketAddress=127.0.0.12");

        assertThat(refused.getErrorCode()).isEqualTo(1045);
        assertThat(refused.getMessage())
                .contains("Access denied for user 'stranger'@'127.0.0.12' (using password: YES)");
    }

    @Test
    void rootFromLoopbackNeverWakes() {
        for (String password : List.of("", "root", "invalid", "haulout")) {
            assertThat(refused("root", password, "localSocketAddress=127.0.0.13")
                            .getMessage())
                    .contains("Access denied for user 'root'@'127.0.0.13'");
        }
    }

    @Test
    void rootAtTheUnixDoorNeverWakesByItsLogin() throws Exception {
        assumeTrue(Shop.runsAsRoot());

        Program admitted = shop.cliOnUnixDoor("root", "SELECT 1", "--password=any");

        assertThat(admitted.status()).as(admitted.out()).isZero();
        assertThat(admitted.out().strip()).isEqualTo("1");
    }

    @Test
    void rootAtTheUnixDoorIsRefusedToAnybodyElse() throws Exception {
        assumeTrue(Shop.runsAsRoot());
        for (String password : List.of("--skip-password", "--password=any", "--password=invalid")) {
            Program refused = Program.run(List.of(
                    "setpriv",
                    "--reuid=nobody",
                    "--clear-groups",
                    "mariadb",
                    "--no-defaults",
                    "--user=root",
                    password,
                    "--socket=" + shop.host().unixDoor(Shop.NAME),
                    "-e",
                    "SELECT 5 + 5"));

            assertThat(refused.status()).isNotZero();
            assertThat(refused.out()).contains("Access denied for user 'root'@'localhost'");
        }
    }

    @Test
    void hauloutsOwnAccountIsNobodysWayIn() throws Exception {
        assertThat(refused("haulout", "haulout", "localSocketAddress=127.0.0.14")
                        .getMessage())
                .contains("Access denied for user 'haulout'@'127.0.0.14'");
        if (Shop.runsAsRoot()) {
            Program refused = shop.cliOnUnixDoor("haulout", "SELECT 5 + 5", "--skip-password");
            assertThat(refused.out()).contains("Access denied for user 'haulout'@'localhost'");
        }
    }

    // ------------------------------------------------------------ those who only keep a connection alive

    @Test
    void keepAlivesOfAPoolNeverWake() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:mariadb://127.0.0.1:" + shop.port() + "/app?useResetConnection=true");
        config.setUsername("app");
        config.setPassword("secret");
        config.setMaximumPoolSize(5);
        config.setMinimumIdle(5);
        config.setConnectionTestQuery("SELECT 1");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            List<Connection> borrowed = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                borrowed.add(pool.getConnection());
            }
            for (Connection connection : borrowed) {
                assertThat(Shop.one(connection, "SELECT 1")).isEqualTo("1");
                assertThat(connection.isValid(10)).as("COM_PING").isTrue();
                Shop.say(connection, "ROLLBACK");
                Shop.say(connection, "COMMIT");
                connection.setAutoCommit(false);
                connection.rollback();
                connection.setAutoCommit(true);
                connection.unwrap(org.mariadb.jdbc.Connection.class).reset();
                connection.close();
            }
        }
    }

    @Test
    void comPingAndSelectOneOfTheCommandLineClientNeverWake() throws Exception {
        Program ping = shop.cli("app", "secret", "SELECT 1");
        assertThat(ping.out().strip()).isEqualTo("1");
        assumeTrue(Program.exists("mariadb-admin"));
        Program alive = Program.run(List.of(
                "mariadb-admin",
                "--no-defaults",
                "--host=127.0.0.1",
                "--port=" + shop.port(),
                "--user=app",
                "--password=secret",
                "ping"));
        assertThat(alive.out()).contains("mysqld is alive");
    }

    // ------------------------------------------------------------ those who look on

    @Test
    void scrapeNeverWakes() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> scraped = client.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + shop.host().metricsPort() + "/metrics"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(scraped.statusCode()).isEqualTo(200);
            assertThat(scraped.body()).contains("haulout_logins_total");
        }
    }

    @Test
    void statusNeverWakes() throws Exception {
        Program status =
                Program.haulout("status", "--state", shop.host().state().toString());

        assertThat(status.status()).as(status.out()).isZero();
        assertThat(status.out()).contains("default/shop").contains("Asleep");
    }

    private static SQLException refused(String user, String password, String... options) {
        return catchThrowableOfType(
                SQLException.class,
                () -> shop.connectAs(user, password, options).close());
    }
}
