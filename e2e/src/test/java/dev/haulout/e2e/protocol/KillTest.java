package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.protocol.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** KILL by the ids that clients are told in the door's greeting. */
@Timeout(90) // a session that waits for an answer that never comes is interrupted
class KillTest {
    private static final String NAME = "shop";
    private static final int SLOTS = 8; // servers have ten connections at least

    /** Connections the proxy leaves to itself and to the server's administrators. */
    private static final int RESERVED = 2;

    private static HostProcess host;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only the system's root makes accounts");
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 500ms}", "  myCnf: max_connections = " + (SLOTS + RESERVED))
                .start();
        host.awaitAsleep(NAME);
        Process made = new ProcessBuilder(
                        "mariadb", "--no-defaults", "--socket=" + host.unixDoor(NAME), "--user=root", "-e", """
                        CREATE USER other@'%' IDENTIFIED BY 'secret', admin@'%' IDENTIFIED BY 'secret';
                        GRANT ALL ON app.* TO other@'%', admin@'%';
                        GRANT CONNECTION ADMIN ON *.* TO admin@'%';
                        """)
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
    }

    @AfterAll
    static void stop() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    private static RawSession session(String user) throws IOException {
        return new RawSession(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), RawSession.CLASSIC, user);
    }

    private static void awaitRunning(RawSession watcher) {
        Awaitility.await("SLEEP runs")
                .atMost(Duration.ofMinutes(1))
                .until(() -> watcher.query(
                                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'")
                        .contains("0131"));
    }

    @Test
    void runningStatementIsInterruptedAlsoAfterAWake() throws Exception {
        try (RawSession victim = session("app");
                RawSession killer = session("app");
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            for (int wake = 0; wake < 2; wake++) {
                Future<String> slept = threads.submit(() -> victim.query("SELECT SLEEP(60)"));
                awaitRunning(killer);

                assertThat(killer.query("/* cancel */ kill soft query " + victim.connectionId() + " ;"))
                        .startsWith("00");

                assertThat(slept.get()).contains("Query execution was interrupted");
                host.awaitAsleep(NAME);
            }
        }
    }

    @Test
    void driversCancelWorks() throws Exception {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
                Statement statement = connection.createStatement();
                RawSession watcher = session("app");
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Boolean> running = threads.submit(() -> statement.execute("SELECT SLEEP(60)"));
            awaitRunning(watcher);

            statement.cancel();

            assertThat(running)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(1317));
        }
    }

    @Test
    void connectionEndsByTheCommand() throws Exception {
        try (RawSession victim = session("app");
                RawSession killer = session("app")) {
            victim.query("SELECT 1 + 1");
            killer.query("SELECT 1 + 1");
            int id = Integer.parseUnsignedInt(victim.connectionId());

            assertThat(killer.simple(Command.PROCESS_KILL, RawSession.body().writeIntLE(id)))
                    .startsWith("00");
            // what is said before the door hears of it is a statement in flight
            Awaitility.await("the loss is noticed")
                    .until(() -> host.status(NAME).sessionsActive() < 2);

            // the server ends it some time after its OK, and whom a statement reaches meanwhile can't know if it ran
            Awaitility.await("the connection's end")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> host.status(NAME).sessionsActive() == 1);
            assertThat(victim.query("SELECT 2 + 2")).contains("Connection was killed");
            assertThat(killer.query("SELECT 2 + 2")).contains("0134");
        }
    }

    @Test
    void heldSessionsAreKilledByTheirOwnAndByAdminsAndNobodyIsWoken() throws Exception {
        try (RawSession victim = session("app");
                RawSession second = session("app");
                RawSession own = session("app");
                RawSession other = session("other");
                RawSession admin = session("admin")) {
            host.awaitAsleep(NAME);

            assertThat(other.query("KILL " + victim.connectionId())).contains("You are not owner of thread");
            assertThat(own.query("KILL QUERY " + victim.connectionId())).startsWith("00");
            assertThat(own.query("KILL " + victim.connectionId())).startsWith("00");
            assertThat(admin.query("KILL HARD CONNECTION " + second.connectionId()))
                    .startsWith("00");
            assertThat(host.serverPids(NAME)).isEmpty();

            assertThat(victim.query("SELECT 1 + 1")).contains("Connection was killed");
            assertThat(second.query("SELECT 1 + 1")).contains("Connection was killed");
            assertThat(other.query("SELECT 1 + 1")).contains("0132");
        }
    }

    @Test
    void serverJudgesWhoKillsWhatItServes() throws Exception {
        try (RawSession victim = session("app");
                RawSession other = session("other");
                RawSession held = session("other")) {
            victim.query("SELECT 1 + 1");

            assertThat(other.query("KILL " + victim.connectionId())).contains("You are not owner of thread");
            assertThat(other.query("KILL " + held.connectionId())).startsWith("00");
            assertThat(other.query("KILL 4294967295")).contains("Unknown thread id");

            assertThat(victim.query("SELECT 1 + 1")).contains("0132");
            assertThat(held.query("SELECT 1 + 1")).contains("Connection was killed");
        }
    }

    @Test
    void statementThatWaitsForTheServerIsInterrupted() throws Exception {
        List<RawSession> busy = new ArrayList<>();
        try (RawSession waiting = session("app");
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            for (int i = 0; i < SLOTS; i++) {
                busy.add(session("app"));
                busy.getLast().query("BEGIN");
                busy.getLast().query("SELECT 1 + 1");
            }
            Future<String> answer = threads.submit(() -> waiting.query("SELECT 2 + 2"));
            // a second of waiting in the queue; nothing outside shows that the statement has come
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .pollDelay(Duration.ofSeconds(1))
                    .until(() -> !answer.isDone());

            assertThat(busy.getFirst().query("KILL QUERY " + waiting.connectionId()))
                    .startsWith("00");

            assertThat(answer.get()).contains("Query execution was interrupted");
            busy.removeFirst().close();
            assertThat(waiting.query("SELECT 2 + 2")).contains("0134");
        } finally {
            for (RawSession session : busy) {
                session.close();
            }
        }
    }
}
