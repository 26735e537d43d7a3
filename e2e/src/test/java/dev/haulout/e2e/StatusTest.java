package dev.haulout.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.proxy.host.InstanceStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code haulout status} says of an instance, and that it says who keeps it awake. */
class StatusTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String WHO = "app@127\\.0\\.0\\.1:\\d+ \\(session \\d+\\): ";

    private static HostProcess host;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance("shop", port, "  sleep: {after: 500ms}")
                .start();
    }

    @BeforeEach
    void letItSleep() {
        host.awaitAsleep("shop");
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
    }

    private InstanceStatus awaitWhy(String pattern) {
        Pattern why = Pattern.compile(pattern);
        return Awaitility.await("why it is awake matches " + pattern)
                .atMost(PATIENCE)
                .until(
                        () -> host.status("shop"),
                        status -> status.why() != null
                                && why.matcher(status.why()).find());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', textBlock = """
            START TRANSACTION; SELECT * FROM t        # an open transaction, idle for \\d+ s
            SELECT GET_LOCK('mine', 0)                # a lock: user lock, idle for \\d+ s
            LOCK TABLES t WRITE                       # (?:a lock: |LOCK TABLES).*, idle for \\d+ s
            CREATE TEMPORARY TABLE mine (a INT)       # temporary tables, idle for \\d+ s
            """)
    void whatPinsASessionKeepsItAwake(String statements, String what) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS t (a INT) ENGINE = InnoDB");
            Instant before = Instant.now();
            for (String sql : statements.split(";")) {
                statement.execute(sql.strip());
            }

            InstanceStatus status = awaitWhy(WHO + what);

            assertThat(status.sessionsActive()).isEqualTo(1);
            assertThat(Instant.parse(status.whySince())).isAfter(before.minusMillis(50));
            assertThat(status.sleepsInSeconds()).isZero();
        }
        host.awaitAsleep("shop");
        assertThat(host.status("shop").why()).isNull();
        assertThat(host.status("shop").serverBytes()).isZero();
    }

    @Test
    void aRunningStatementKeepsItAwake() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            Thread running = Thread.ofVirtual().start(() -> {
                try {
                    statement.execute("DO SLEEP(3)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });

            awaitWhy(WHO + "runs DO, for \\d+ s");

            running.join();
        }
        host.awaitAsleep("shop");
    }

    @Test
    void aConnectionRoundTheProxyKeepsItAwake() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS t (a INT)");
            JsonNode secrets = new ObjectMapper()
                    .readTree(
                            host.instanceFolder("shop").resolve("secrets.json").toFile());
            ProcessBuilder beside = new ProcessBuilder(
                    "mariadb",
                    "--no-defaults",
                    "--socket=" + host.instanceFolder("shop").resolve("run/db.sock"),
                    "--user=root",
                    "--batch",
                    "--skip-column-names",
                    "--unbuffered");
            beside.environment().put("MYSQL_PWD", secrets.get("root").asText());
            Process client = beside.redirectErrorStream(true).start();
            client.outputWriter().append("SELECT 'in';\n").flush();
            try (BufferedReader answers = client.inputReader(StandardCharsets.UTF_8)) {
                assertThat(answers.readLine()).isEqualTo("in");

                awaitWhy("a connection round the proxy: root@localhost \\(\\d+\\), Sleep, for \\d+ s");
            } finally {
                client.outputWriter().close();
                client.waitFor();
            }
        }
        host.awaitAsleep("shop");
    }

    @Test
    void showsHeldAndActiveSessionsAndTheWakeByPhase() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            InstanceStatus asleep = host.status("shop");
            assertThat(asleep.state()).isEqualTo("Asleep");
            assertThat(asleep.sessionsHeld()).isEqualTo(1);
            assertThat(asleep.serverPid()).isNull();

            statement.execute("CREATE TABLE IF NOT EXISTS t (a INT)");

            InstanceStatus awake = host.status("shop");
            assertThat(awake.sessionsActive() + awake.sessionsHeld()).isEqualTo(1);
            assertThat(awake.lastWake().why()).isEqualTo("CREATE by app");
            assertThat(awake.lastWake().outcome()).isEqualTo("ok");
            assertThat(awake.lastWake().phases())
                    .extracting(phase -> phase.name())
                    .containsExactly("exec", "ready", "result");
            double sum = awake.lastWake().phases().stream()
                    .mapToDouble(phase -> phase.millis())
                    .sum();
            assertThat(sum).isCloseTo(awake.lastWake().millis(), org.assertj.core.api.Assertions.within(0.01));
            host.awaitAsleep("shop");
            assertThat(host.status("shop").sessionsHeld()).isEqualTo(1);
        }
    }

    private String run(String... options) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.haulout.proxy.cli.Main",
                "status",
                "--state",
                host.state().toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output;
    }

    @Test
    void jsonHasTheFieldsItAlwaysHad() throws Exception {
        long starts = host.serverStarts("shop");
        JsonNode asleep = new ObjectMapper().readTree(run("--json")).get(0);
        assertThat(asleep.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "name",
                        "state",
                        "since",
                        "doors",
                        "sessionsHeld",
                        "sessionsActive",
                        "statements",
                        "lastWake",
                        "serverBytes",
                        "version");
        assertThat(asleep.get("lastWake").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("at", "why", "outcome", "millis", "phases");

        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS t (a INT)");
            statement.execute("CREATE TEMPORARY TABLE pinned (a INT)");
            JsonNode awake = new ObjectMapper().readTree(run("--json")).get(0);
            assertThat(awake.fieldNames())
                    .toIterable()
                    .contains("why", "whySince", "idleSeconds", "sleepsInSeconds", "serverPid");
        }
        assertThat(host.serverStarts("shop")).as("asking wakes nothing").isEqualTo(starts + 1);
    }

    @Test
    void textHasALinePerInstance() throws Exception {
        String text = run();

        assertThat(text.lines().toList().get(0)).startsWith("NAME").contains("STATE", "SESSIONS", "LAST WAKE", "WHY");
        assertThat(text.lines().toList().get(1)).startsWith("default/shop").contains("Asleep", "0+0");
    }
}
