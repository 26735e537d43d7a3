package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.Program;
import dev.haulout.e2e.drivers.SlowServer;
import dev.haulout.proxy.protocol.Capability;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Statements that wait three seconds for a wake, of clients that read for one second, and of others. Each has an instance to
 * itself, so that several wait at a time.
 */
@Execution(ExecutionMode.CONCURRENT)
class WaitingTest {
    private static final int START_SECONDS = 3;
    private static final List<String> NAMES = List.of("plain", "compressed", "without", "raw", "unasked");

    /** Strings, stage, stages, progress, and the length of what it does. */
    private static final String REPORT = "\1\1\1\0\0\0\30Waiting for the database";

    private static final String PYTHON = """
            import %s as driver, sys
            connection = driver.connect(host="127.0.0.1", port=%d, user="app", password="secret", database="app",
                                        read_timeout=1, autocommit=True, %s)
            cursor = connection.cursor()
            def ask(sql):
                try:
                    cursor.execute(sql)
                    print(cursor.rowcount, cursor.fetchall() if cursor.description else "", flush=True)
                except driver.Error as e:
                    print(e.args[0], flush=True)
            """;

    @TempDir
    private static Path folder;

    private static final Map<String, Integer> doors = new HashMap<>();
    private static HostProcess host;

    @BeforeAll
    static void prepareSleepersThatTakeTheirTime() throws Exception {
        // the server's user must be able to pass through
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        SlowServer server = SlowServer.in(folder, START_SECONDS);
        host = HostProcess.prepare();
        for (String name : NAMES) {
            doors.put(name, HostProcess.freePort());
            host.instance(
                    name,
                    doors.get(name),
                    "    process: {server: " + server.program() + "}", // goes on with the part host
                    "  sleep: {after: 1s}");
        }
        host.start();
        for (String name : NAMES) {
            try (Connection connection = connect(name);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t (n INT)");
                statement.execute("INSERT INTO t VALUES (1)");
            }
        }
        server.slowDown();
        for (String name : NAMES) {
            host.awaitAsleep(name);
        }
    }

    private static Connection connect(String name) throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + doors.get(name) + "/app", "app", "secret");
    }

    private static String ask(String name, String sql) throws SQLException {
        try (Connection connection = connect(name);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    private static Program python(String name, String driver, String options, String program) throws Exception {
        assumeTrue(
                Program.run(List.of("/usr/bin/python3", "-c", "import " + driver))
                                .status()
                        == 0,
                "Python's " + driver + " is not installed");
        return Program.run(
                List.of("/usr/bin/python3", "-c", PYTHON.formatted(driver, doors.get(name), options) + program));
    }

    private static RawSession raw(String name, long more) throws IOException {
        return new RawSession(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), doors.get(name)), RawSession.CLASSIC | more);
    }

    /** Which all clients with MariaDB's own library are. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"plain, local_infile=True", "compressed, 'local_infile=True, compress=True'"})
    void whoTakesReportsWaitsBeyondItsReadTimeout(String name, String options) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".txt"), "2\n3\n");

        Program said = python(name, "MySQLdb", options, """
                ask("LOAD DATA LOCAL INFILE '%s' INTO TABLE t")
                ask("SELECT SUM(n) FROM t")
                ask("SELECT nothing FROM t")
                """.formatted(file));

        assertThat(said.out().lines()).containsExactly("2 ", "1 ((Decimal('6'),),)", "1054");
    }

    /** It finds the connection broken; the database wakes for nobody. */
    @Test
    void whatAClientGaveUpWaitingForDoesNotRun() throws Exception {
        Program said = python("without", "pymysql", "connect_timeout=10", "ask('INSERT INTO t VALUES (2)')");

        assertThat(said.out().strip()).isEqualTo("2013");
        await("a session that has ended")
                .atMost(Duration.ofSeconds(60))
                .until(() -> host.status("without").sessionsHeld()
                                + host.status("without").sessionsActive()
                        == 0);
        assertThat(ask("without", "SELECT GROUP_CONCAT(n) FROM t")).isEqualTo("1");
    }

    @Test
    void reportsComeAheadOfAnyAnswerWhichGoesOnWithTheirNumbers() throws Exception {
        try (RawSession session =
                raw("raw", Capability.PROGRESS | Capability.CACHE_METADATA | Capability.DEPRECATE_EOF)) {
            int id = session.prepare("SELECT n FROM t");
            assertThat(session.reports()).hasSizeGreaterThan(2).containsOnly(REPORT);
            String answer = session.execute(id, 0, RawSession.body());
            assertThat(session.reports()).isEmpty();

            host.awaitAsleep("raw"); // from then on it is to be prepared again, and its definitions are told again
            assertThat(session.execute(id, 0, RawSession.body())).isEqualTo(answer);
            assertThat(session.reports()).hasSizeGreaterThan(2).containsOnly(REPORT);

            host.awaitAsleep("raw");
            assertThat(session.query("SELECT nothing FROM t")).contains("Unknown column");
            assertThat(session.query("SELECT n FROM t; SELECT n FROM t")).contains("SQL syntax");
            assertThat(session.reports()).containsOnly(REPORT);
        }
    }

    @Test
    void nobodyElseGetsAny() throws Exception {
        try (RawSession session = raw("unasked", 0)) {
            assertThat(session.query("SELECT n FROM t")).doesNotContain("65535").contains("31");
        }
    }
}
