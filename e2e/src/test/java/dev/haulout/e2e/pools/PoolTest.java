package dev.haulout.e2e.pools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two pools at one instance that sleeps after half a second: one of ten idle connections with a lifetime of 30 s and a
 * keep-alive more often than that, and one that says ROLLBACK all the time. Neither may keep the instance awake or wake
 * it, and neither may see an error. Wakes are counted in the server's own log.
 */
@Execution(ExecutionMode.CONCURRENT)
class PoolTest {
    private static final int CONNECTIONS = 10;
    private static final long LIFETIME_MILLIS = 30_000;
    private static final int FULL_ROUND_EVERY = 5;

    private HostProcess host;
    private Metrics metrics;
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance("shop", port, "  sleep: {after: 500ms}")
                .start();
        metrics = new Metrics(host);
        host.awaitAsleep("shop");
    }

    @AfterEach
    void stop() throws IOException {
        metrics.close();
        host.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"mariadb", "mysql"})
    void idlePoolsLetItSleepAndSurviveIt(String scheme) throws Exception {
        cycles(scheme, 5);
    }

    @Tag("slow")
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"mariadb", "mysql"})
    void poolsSurviveFiftySleeps(String scheme) throws Exception {
        long began = System.nanoTime();
        cycles(scheme, 50);
        // fewer would have renewed no connection
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(LIFETIME_MILLIS));
    }

    private void cycles(String scheme, int cycles) throws Exception {
        try (HikariDataSource idle = configured(new KeepAlivePool(), scheme);
                RollbackPool rollbacks = new RollbackPool(withoutAutocommit(scheme))) {
            fill(idle);
            host.awaitAsleep("shop");
            for (int cycle = 1; cycle <= cycles; cycle++) {
                long starts = host.serverStarts("shop");
                sleepThrough(cycle % FULL_ROUND_EVERY == 0 ? CONNECTIONS : 1, rollbacks);
                assertThat(host.serverStarts("shop")).as("starts while idle").isEqualTo(starts);

                work(idle, rollbacks, cycle);
                assertThat(host.serverStarts("shop")).as("starts for work").isEqualTo(starts + 1);
                host.awaitAsleep("shop");
                rollbacks.assertWell();
                assertThat(idle.getHikariPoolMXBean().getTotalConnections()).isPositive();
            }
            System.out.printf(
                    "%s: %d sleeps, %d logins, %d idle returns with ROLLBACK, %.0f keep-alives answered asleep, %.0f by the"
                            + " server%n",
                    scheme,
                    cycles,
                    (long) metrics.sum("haulout_logins_total"),
                    rollbacks.returned(),
                    metrics.sum("haulout_keepalives_total", "answered_by=\"proxy\""),
                    metrics.sum("haulout_keepalives_total", "answered_by=\"server\""));
        }
    }

    private <P extends HikariDataSource> P configured(P pool, String scheme) {
        pool.setJdbcUrl("jdbc:" + scheme + "://127.0.0.1:" + port + "/app");
        pool.setUsername("app");
        pool.setPassword("secret");
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setMaxLifetime(LIFETIME_MILLIS);
        pool.setKeepaliveTime(0); // its default is longer than such a life
        return pool;
    }

    private HikariDataSource withoutAutocommit(String scheme) {
        HikariDataSource pool = configured(new HikariDataSource(), scheme);
        pool.setMaximumPoolSize(1); // so that the borrower gets the one with a backend connection
        pool.setAutoCommit(false);
        return pool;
    }

    private static void fill(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE visit (cycle INT)");
        }
        await("a full pool")
                .atMost(Duration.ofSeconds(60))
                .until(() -> pool.getHikariPoolMXBean().getIdleConnections() == CONNECTIONS);
    }

    /** Waits while asleep until so many keep-alives were answered, and some connections returned. */
    private void sleepThrough(int keepAlives, RollbackPool rollbacks) throws Exception {
        double before = metrics.sum("haulout_keepalives_total", "answered_by=\"proxy\"");
        long returned = rollbacks.returned();
        await("keep-alives are answered asleep")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> metrics.sum("haulout_keepalives_total", "answered_by=\"proxy\"") - before
                                > keepAlives + (rollbacks.returned() - returned)
                        && rollbacks.returned() - returned >= 2);
    }

    /** One row written through one pool, read through the other. */
    private static void work(HikariDataSource idle, RollbackPool rollbacks, int cycle) throws SQLException {
        try (Connection connection = idle.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO visit VALUES (" + cycle + ")");
        }
        try (Connection connection = rollbacks.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO visit VALUES (-1)"); // the return rolls it back
            try (ResultSet rows = statement.executeQuery("SELECT COUNT(*), MIN(cycle) FROM visit WHERE cycle > 0")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(cycle);
            }
        }
        try (Connection connection = idle.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM visit")) {
            rows.next();
            assertThat(rows.getInt(1)).as("rows, none of them rolled back").isEqualTo(cycle);
        }
    }
}
