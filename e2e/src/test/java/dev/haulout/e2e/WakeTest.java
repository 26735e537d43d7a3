package dev.haulout.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The thinnest path through everything: asleep, connect, rows, asleep, the same connection again. */
class WakeTest {
    private HostProcess host;
    private int port;

    @BeforeEach
    void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance("shop", port, "  sleep: {after: 1s}")
                .start();
        host.awaitAsleep("shop");
    }

    @AfterEach
    void stop() throws IOException {
        host.close();
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
    }

    private static int one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void firstStatementWakesAndTheSessionSurvivesTheSleep() throws Exception {
        try (Connection connection = connect()) {
            assertThat(host.serverPids("shop"))
                    .as("a login alone wakes nothing")
                    .isEmpty();

            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t (a INT)");
                statement.execute("INSERT INTO t VALUES (7)");
                statement.execute("SET SESSION group_concat_max_len = 4321");
                statement.execute("SET @kept = 'yes'");
            }
            host.awaitAsleep("shop");

            assertThat(one(connection, "SELECT a FROM t")).isEqualTo(7);
            assertThat(one(connection, "SELECT @@group_concat_max_len")).isEqualTo(4321);
            assertThat(one(connection, "SELECT @kept = 'yes'")).isEqualTo(1);
        }
    }

    @Test
    void killedConnectionEndsItsSessionThoughItCouldBeRebuilt() throws Exception {
        try (Connection victim = connect();
                Connection killer = connect()) {
            int id = one(victim, "SELECT CONNECTION_ID()");

            try (Statement kill = killer.createStatement()) {
                kill.execute("KILL " + id);
            }
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> host.status("shop").sessionsActive() == 1);

            assertThatThrownBy(() -> one(victim, "SELECT 2 + 0"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(1927));
            assertThat(one(killer, "SELECT 3 + 0")).isEqualTo(3);
        }
    }

    @Test
    void heldSessionEndsAfterItsOwnWaitTimeout() throws Exception {
        try (Connection connection = connect()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION wait_timeout = 3");
            }
            assertThat(one(connection, "SELECT 1 + 0")).isEqualTo(1);
            host.awaitAsleep("shop");
            assertThat(host.status("shop").sessionsHeld()).isEqualTo(1);

            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> host.status("shop").sessionsHeld() == 0);

            assertThat(host.serverPids("shop")).isEmpty();
        }
    }
}
