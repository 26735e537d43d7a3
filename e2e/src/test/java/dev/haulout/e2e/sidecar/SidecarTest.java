package dev.haulout.e2e.sidecar;

import static dev.haulout.e2e.sidecar.Pair.one;
import static dev.haulout.e2e.sidecar.Pair.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.SidecarProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a sidecar answers itself, what it leaves to the gateway, and when. */
class SidecarTest {
    private static Pair pair;

    @BeforeAll
    static void start() throws IOException {
        pair = Pair.asleep("  sleep: {after: 1s}");
    }

    @AfterAll
    static void stop() throws IOException {
        if (pair != null) {
            pair.close();
        }
    }

    /** The first login ever goes to the gateway, which tells about its server then. */
    private static void acquaint() throws SQLException {
        pair.connect().close();
    }

    @Test
    void loginsAndKeepAlivesAreAnsweredHereAndTheFirstStatementWakes() throws Exception {
        pair.awaitAsleep();
        acquaint();
        double before = pair.heardByGateway();
        try (Connection connection = pair.connect()) {
            assertThat(connection.isValid(5)).isTrue();
            assertThat(one(connection, "SELECT 1")).isEqualTo("1");
            say(connection, "SET SESSION group_concat_max_len = 4321");
            assertThat(pair.heardByGateway()).as("bytes at the gateway").isEqualTo(before);
            assertThat(pair.serverRuns()).isFalse();

            assertThat(one(connection, "SELECT @@group_concat_max_len + 0")).isEqualTo("4321");

            assertThat(pair.serverRuns()).isTrue();
            pair.awaitAsleep();
            assertThat(connection.isValid(5)).isTrue();
            assertThat(pair.serverRuns()).isFalse();
            assertThat(one(connection, "SELECT @@group_concat_max_len + 0")).isEqualTo("4321");
        }
    }

    @Test
    void aWrongPasswordOfTheApplicationsUserNeverReachesTheGateway() throws Exception {
        acquaint();
        double before = pair.heardByGateway();

        SQLException told = catchThrowableOfType(SQLException.class, () -> pair.connectAs("app", "guess"));

        assertThat(told.getErrorCode()).isEqualTo(1045);
        assertThat(told.getMessage()).contains("Access denied for user 'app'@'127.0.0.1' (using password: YES)");
        assertThat(pair.heardByGateway()).isEqualTo(before);
    }

    @Test
    void otherUsersAreTheGatewaysToJudge() throws Exception {
        try (Connection app = pair.connect()) {
            say(app, "CREATE TABLE IF NOT EXISTS seen (a INT)");
        }
        asRoot(pair, "CREATE OR REPLACE USER other IDENTIFIED BY 'else'; GRANT ALL ON app.* TO other");
        pair.awaitAsleep();

        try (Connection other = pair.connectAs("other", "else")) {
            assertThat(pair.serverRuns()).isFalse();
            assertThat(one(other, "SELECT CURRENT_USER()")).isEqualTo("other@%");
        }
        SQLException told = catchThrowableOfType(SQLException.class, () -> pair.connectAs("other", "guess"));
        assertThat(told.getErrorCode()).isEqualTo(1045);
        assertThat(catchThrowableOfType(SQLException.class, () -> pair.connectAs("nobody", "guess"))
                        .getErrorCode())
                .isEqualTo(1045);
    }

    /** A password that is known in clear serves for this plugin too, at every login to come. */
    @Test
    void theApplicationsUserMayBeOneByEd25519() throws Exception {
        try (Pair own = Pair.asleep("  sleep: {after: 1s}")) {
            asRoot(
                    own,
                    "INSTALL SONAME 'auth_ed25519'; ALTER USER app@'%' IDENTIFIED VIA ed25519 USING PASSWORD('secret')");
            own.awaitAsleep();
            own.connect().close();

            try (Connection connection = own.connect()) {
                assertThat(one(connection, "SELECT 5 + 5")).isEqualTo("10");
                own.gateway().kill();
                own.gateway().start();
                assertThat(one(connection, "SELECT 6 + 6")).isEqualTo("12");
            }
        }
    }

    private static void asRoot(Pair pair, String sql) throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")), "only the operating system's root is root@localhost");
        assertThat(cli("root", pair.gateway().unixDoor(Pair.NAME), sql).waitFor())
                .isZero();
    }

    private static Process cli(String user, Path socket, String sql) throws IOException {
        return new ProcessBuilder(
                        "mariadb",
                        "--no-defaults",
                        "--batch",
                        "-N",
                        "--user=" + user,
                        "--password=secret",
                        "--socket=" + socket,
                        "-e",
                        sql)
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void theUnixSocketIsForEveryUserOfThePod() throws Exception {
        Process client = cli("app", pair.sidecar().socket(), "SELECT 40 + 2");
        String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(client.waitFor()).as(said).isZero();
        assertThat(said).isEqualTo("42\n");
        assertThat(Files.getPosixFilePermissions(pair.sidecar().socket()))
                .isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    /** The gateway holds it, and would leave any other to go on elsewhere. */
    @Test
    void aSessionIsKilledThatOnlyTheGatewayHolds() throws Exception {
        try (Connection victim = pair.connect();
                Connection killer = pair.connect()) {
            assertThat(one(victim, "SELECT 1 + 1")).isEqualTo("2");
            assertThat(one(killer, "SELECT 1 + 1")).isEqualTo("2");
            pair.awaitAsleep();

            say(
                    killer,
                    "KILL " + victim.unwrap(org.mariadb.jdbc.Connection.class).getThreadId());

            SQLException told = catchThrowableOfType(SQLException.class, () -> one(victim, "SELECT 2 + 2"));
            assertThat(told.getMessage()).contains("it was killed by app@");
            assertThat(one(killer, "SELECT 3 + 0")).isEqualTo("3");
        }
    }

    @Test
    void aKilledConnectionEndsItsSession() throws Exception {
        try (Connection victim = pair.connect();
                Connection killer = pair.connect()) {
            String id = one(victim, "SELECT CONNECTION_ID()");
            say(killer, "KILL " + id);

            SQLException told = catchThrowableOfType(SQLException.class, () -> {
                while (true) { // until the gateway has seen that the server closed the connection
                    one(victim, "SELECT 2 + 0");
                }
            });

            assertThat(told.getErrorCode()).isEqualTo(1927);
            assertThat(victim.isValid(5)).isFalse();
            assertThat(one(killer, "SELECT 3 + 0")).isEqualTo("3");
        }
    }

    @Test
    void aChangedPasswordIsReadWithoutARestart() throws Exception {
        try (Pair own = Pair.asleep("  sleep: {after: 5s}")) {
            try (Connection connection = own.connect()) {
                say(connection, "SET PASSWORD = PASSWORD('other')");
            }

            own.sidecar().password("other");

            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .until(() -> {
                        try (Connection connection = own.connectAs("app", "other")) {
                            return one(connection, "SELECT 5 + 5").equals("10");
                        }
                    });
            double before = own.heardByGateway();
            assertThat(catchThrowableOfType(SQLException.class, own::connect).getErrorCode())
                    .isEqualTo(1045);
            assertThat(own.heardByGateway()).isEqualTo(before);
        }
    }

    @Test
    void itIsReadyOnceAGatewayHasGreeted() throws Exception {
        int port = HostProcess.freePort();
        try (HostProcess gateway = HostProcess.prepare().instance(Pair.NAME, port);
                SidecarProcess early = SidecarProcess.prepare(port)) {
            early.launch();
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> early.status("/livez") == 200);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> early.logged().contains("no gateway answers at 127.0.0.1:" + port));
            assertThat(early.status("/readyz")).isEqualTo(503);

            gateway.start();

            early.awaitReady();
            assertThat(early.logged()).contains("a gateway answers again");
        }
    }

    @Test
    void mistakesAreToldAtTheStart() throws Exception {
        assertThat(sidecar("--instance", "/nowhere"))
                .contains("there is no port in /nowhere; mount the instance's Secret");
        assertThat(sidecar("--listen", "0.0.0.0:3306")).contains("0.0.0.0:3306 is open to others than this pod");
    }

    private static String sidecar(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.haulout.proxy.cli.Main",
                "sidecar"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        return said;
    }
}
