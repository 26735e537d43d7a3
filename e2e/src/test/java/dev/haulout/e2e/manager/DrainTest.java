package dev.haulout.e2e.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** SIGTERM to a host whose clients are at work, or idle. */
@Execution(ExecutionMode.CONCURRENT)
class DrainTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SESSIONS =
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%%%s%%' AND info NOT LIKE '%%processlist%%'";

    private HostProcess host;
    private int port;

    @BeforeEach
    void prepare() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare().instance("shop", port, "  sleep: {after: 10m}");
    }

    @AfterEach
    void stop() throws IOException {
        host.close();
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    private void terminate() {
        host.process().destroy(); // which is SIGTERM
        await("a closed door").atMost(PATIENCE).until(this::isShut);
    }

    private boolean isShut() throws IOException {
        try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return !visitor.isConnected();
        } catch (ConnectException refused) {
            return true;
        }
    }

    private int status() throws InterruptedException {
        assertThat(host.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("the program has ended")
                .isTrue();
        return host.process().exitValue();
    }

    private static void awaitRunning(Connection watcher, String part) {
        await(part + " runs")
                .atMost(PATIENCE)
                .until(() -> !ask(watcher, SESSIONS.formatted(part)).equals("0"));
    }

    @Test
    void statementsAndTransactionsFinishWhileIdleSessionsAreToldTheEnd() throws Exception {
        host.start();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection working = connect();
                Connection booking = connect();
                Connection idle = connect()) {
            ask(idle, "CREATE TABLE t (n INT) ENGINE=InnoDB");
            booking.setAutoCommit(false);
            ask(booking, "INSERT INTO t VALUES (1)");
            Future<String> slow = threads.submit(() -> ask(working, "SELECT CONCAT(SLEEP(5), ' slow')"));
            awaitRunning(idle, "slow");

            terminate();

            SQLException end = awaitEnd(idle);
            assertThat(end.getErrorCode()).isEqualTo(1927);
            assertThat(end.getSQLState()).isEqualTo("70100");
            assertThat(end.getMessage()).contains("the proxy is stopping");
            ask(booking, "INSERT INTO t VALUES (2)");
            booking.commit();
            assertThat(slow.get()).isEqualTo("0 slow");
            assertThat(status()).isZero();
        }
        host.start();
        try (Connection later = connect()) {
            assertThat(ask(later, "SELECT SUM(n) FROM t")).isEqualTo("3");
        }
    }

    /** It says something from time to time, until it is told. */
    private static SQLException awaitEnd(Connection idle) {
        SQLException[] end = new SQLException[1];
        await("the end of an idle session").atMost(PATIENCE).until(() -> {
            end[0] = catchThrowableOfType(SQLException.class, () -> ask(idle, "SELECT COUNT(*) FROM t"));
            return end[0] != null;
        });
        return end[0];
    }

    @Test
    void whatTakesLongerThanTheLimitIsCutAndSaidToBe() throws Exception {
        host.options("--drain-seconds", "1").start();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection working = connect();
                Connection watching = connect()) {
            ask(watching, "CREATE TABLE t (n INT)");
            Future<SQLException> cut = threads.submit(
                    () -> catchThrowableOfType(SQLException.class, () -> ask(working, "SELECT SLEEP(100), 'endless'")));
            awaitRunning(watching, "endless");

            terminate();

            assertThat(cut.get().getErrorCode()).isEqualTo(1152);
            assertThat(cut.get().getMessage()).contains("the proxy is stopping").contains("unknown");
            assertThat(status()).isZero();
        }
    }

    /** What it holds would be lost with the server in any case. */
    @Test
    void aTemporaryTableHoldsNothingUp() throws Exception {
        host.options("--drain-seconds", "600").start();
        try (Connection pinned = connect()) {
            ask(pinned, "CREATE TEMPORARY TABLE t (n INT)");

            terminate();

            assertThat(status()).isZero();
        }
    }
}
