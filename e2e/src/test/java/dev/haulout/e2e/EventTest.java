package dev.haulout.e2e;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** EVENTs of a server that sleeps. */
class EventTest {
    private HostProcess host;
    private int port;

    @BeforeEach
    void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance("shop", port, "  myCnf: event_scheduler = ON", "  sleep: {after: 1s}")
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

    private void run(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static long one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** One that recurs and whose time passes while no server is up is passed over by MariaDB itself. */
    @Test
    @Tag("slow")
    void aRecurringEventWakesItInTimeThoughTheProxyWasStartedAnew() throws Exception {
        run(
                "CREATE TABLE ran (at BIGINT, due BIGINT)",
                "SET @due = UNIX_TIMESTAMP() + 40",
                "EXECUTE IMMEDIATE CONCAT('CREATE EVENT cleanup ON SCHEDULE EVERY 1 HOUR STARTS FROM_UNIXTIME(',"
                        + " @due - 3600, ') DO INSERT INTO ran VALUES (UNIX_TIMESTAMP(), ', @due, ')')");
        host.awaitAsleep("shop");
        long starts = host.serverStarts("shop");
        host.kill();
        host.start();
        assertThat(host.serverPids("shop")).as("nobody has woken it yet").isEmpty();

        Awaitility.await("a start for the event")
                .atMost(Duration.ofMinutes(2))
                .until(() -> host.serverStarts("shop") > starts);
        assertThat(host.log()).content().contains("event app.cleanup is due at ");
        host.awaitAsleep("shop");

        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            assertThat(one(statement, "SELECT COUNT(*) FROM ran")).isEqualTo(1);
            assertThat(one(statement, "SELECT at - due FROM ran")).isBetween(0L, 2L);
        }
    }

    @Test
    void eventsThatComeOftenKeepItAwakeAndAreNamed() throws Exception {
        run(
                "CREATE TABLE ran (at BIGINT)",
                "CREATE EVENT tick ON SCHEDULE EVERY 2 SECOND DO INSERT INTO ran VALUES (UNIX_TIMESTAMP())");
        long starts = host.serverStarts("shop");

        Awaitility.await("the reason")
                .atMost(Duration.ofMinutes(1))
                .until(() -> String.valueOf(host.status("shop").why()).contains("event app.tick is due at "));

        assertThat(host.serverStarts("shop")).isEqualTo(starts);
        run("DROP EVENT tick");
        host.awaitAsleep("shop");
    }
}
