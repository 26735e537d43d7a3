package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** COM_CHANGE_USER, asleep and awake. */
@Timeout(90) // a session that waits for an answer that never comes is interrupted
class ChangeUserTest {
    private static final String NAME = "shop";
    private static final String OK = "00000002000000";

    /** Where {@code ./haulout test} installs the Node drivers. */
    private static final Path NODE_MODULES = Path.of("..", ".haulout", "drivers", "node_modules")
            .toAbsolutePath()
            .normalize();

    private static HostProcess host;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only the system's root makes accounts");
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 500ms}")
                .start();
        host.awaitAsleep(NAME);
        run(List.of("mariadb", "--no-defaults", "--socket=" + host.unixDoor(NAME), "--user=root", "-e", """
                CREATE DATABASE other;
                CREATE USER other@'%' IDENTIFIED BY 'sesame';
                GRANT ALL ON other.* TO other@'%';
                """));
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("NODE_PATH", NODE_MODULES.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @AfterAll
    static void stop() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    @BeforeEach
    void sleeps() {
        host.awaitAsleep(NAME);
    }

    private static RawSession session() throws IOException {
        return new RawSession(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), RawSession.CLASSIC);
    }

    private static String hex(String text) {
        return String.format("%02x", text.length())
                + HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Who the server says it is. */
    private static void is(RawSession session, String user, String database) throws IOException {
        assertThat(session.query("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1), DATABASE()"))
                .contains(hex(user) + hex(database));
    }

    @Test
    void changeAsleepIsVerifiedAndWakesNobody() throws Exception {
        try (RawSession session = session()) {
            assertThat(session.changeUser("other", "sesame", "other")).isEqualTo(OK);
            assertThat(session.changeUser("other", "wrong", "other")).contains("Access denied for user 'other'@");
            assertThat(session.changeUser("other", "sesame", "app")).contains("to database 'app'");
            assertThat(host.serverPids(NAME)).isEmpty();

            is(session, "other", "other");
            host.awaitAsleep(NAME);
            is(session, "other", "other");
        }
    }

    @Test
    void changeAwakeIsTheServersToDecideAndEndsAllThatWas() throws Exception {
        try (RawSession session = session()) {
            session.query("CREATE OR REPLACE TABLE rolled (a INT) ENGINE=InnoDB");
            session.query("CREATE TEMPORARY TABLE passing (a INT)");
            session.query("SET @mine = 1");
            session.query("BEGIN");
            session.query("INSERT INTO rolled VALUES (1)");
            int prepared = session.prepare("SELECT 1");

            assertThat(session.changeUser("other", "sesame", "other")).isEqualTo(OK);

            is(session, "other", "other");
            assertThat(session.query("SELECT @mine IS NULL")).contains("0131");
            assertThat(session.execute(prepared, 0, RawSession.body())).contains("Unknown prepared statement handler");
            assertThat(session.changeUser("app", "secret", "app")).isEqualTo(OK);
            assertThat(session.query("SELECT COUNT(*) FROM rolled")).contains("0130");
            assertThat(session.query("SELECT * FROM passing")).contains("doesn't exist");
            host.awaitAsleep(NAME); // nothing pins it any more
            is(session, "app", "app");
        }
    }

    @Test
    void refusedChangeAwakeLeavesWhoItWas() throws Exception {
        try (RawSession session = session()) {
            session.query("SET @mine = 1");
            assertThat(session.query("SELECT 1 + 1")).contains("0132");

            assertThat(session.changeUser("other", "wrong", "other")).contains("Access denied for user 'other'@");

            is(session, "app", "app");
            assertThat(session.query("SELECT @mine IS NULL")).contains("0131");
            session.changeUser("nobody", "wrong", "other");
            session.changeUser("nobody", "wrong", "other");
            assertThat(session.changeUser("other", "sesame", "other")).contains("Unknown command");
            is(session, "app", "app");
        }
    }

    @Test
    void refusedChangeLeavesTheServersCharacterSets() throws Exception {
        try (RawSession session = session()) {
            session.query("SET NAMES cp1250");

            assertThat(session.changeUser("other", "wrong", "other")).contains("Access denied for user 'other'@");

            String charsets = "SELECT @@character_set_client, @@collation_connection, @@character_set_results";
            assertThat(session.query(charsets)).contains(hex("latin1") + hex("latin1_swedish_ci") + hex("latin1"));
            host.awaitAsleep(NAME);
            assertThat(session.query(charsets)).contains(hex("latin1") + hex("latin1_swedish_ci") + hex("latin1"));
        }
    }

    @Test
    void statementsOfTheFormerUserAreNotTakenForThoseOfTheNext() throws Exception {
        try (RawSession session = session()) {
            int former = session.prepare("SELECT 1 + 1");
            session.changeUser("other", "sesame", "other");
            int next = session.prepare("SELECT 2 + 2");

            session.close(former);

            assertThat(next).isNotEqualTo(former);
            assertThat(session.execute(next, 0, RawSession.body())).contains("04000000");
        }
    }

    static List<List<String>> drivers() {
        return List.of(
                List.of("node", "drivers/change.js", "mysql2"),
                List.of("node", "drivers/change.js", "mysql"),
                List.of("php", "drivers/change.php"));
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void driverChangesItsUser(List<String> program) throws Exception {
        boolean node = program.getFirst().equals("node");
        assumeTrue(!node || Files.isDirectory(NODE_MODULES), "./haulout test installs the Node drivers");
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("127.0.0.1", Integer.toString(port)));

        assertThat(run(command)).isEqualTo("app other app\n");
    }
}
