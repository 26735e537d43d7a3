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
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Two pools of each driver at one instance that sleeps after half a second: one of ten idle connections with a lifetime of 30 s and a
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

    @Test
    void idlePoolsLetItSleepAndSurviveIt() throws Exception {
        cycles(5);
    }

    @Tag("slow")
    @Test
    void poolsSurviveFiftySleeps() throws Exception {
        long began = System.nanoTime();
        cycles(50);
        // fewer would have renewed no connection
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(LIFETIME_MILLIS));
    }

    /** The pools of one driver. */
    private final class Pair implements AutoCloseable {
        private final String scheme;
        private final HikariDataSource idle;
        private final RollbackPool rollbacks;

        Pair(String scheme) throws SQLException {
            this.scheme = scheme;
            this.idle = configured(new KeepAlivePool(), scheme);
            this.rollbacks = new RollbackPool(withoutAutocommit(scheme));
            fill(idle, "visit_" + scheme);
        }

        @Override
        public void close() {
            rollbacks.close();
            idle.close();
        }
    }

    private void cycles(int cycles) throws Exception {
        try (Pair mariadb = new Pair("mariadb");
                Pair mysql = new Pair("mysql")) {
            List<Pair> pairs = List.of(mariadb, mysql);
            host.awaitAsleep("shop");
            for (int cycle = 1; cycle <= cycles; cycle++) {
                long starts = host.serverStarts("shop");
                sleepThrough(cycle % FULL_ROUND_EVERY == 0 ? 2 * CONNECTIONS : 2, pairs);
                assertThat(host.serverStarts("shop")).as("starts while idle").isEqualTo(starts);

                for (Pair pair : pairs) {
                    work(pair, cycle);
                }
                assertThat(host.serverStarts("shop")).as("starts for work").isEqualTo(starts + 1);
                host.awaitAsleep("shop");
                for (Pair pair : pairs) {
                    pair.rollbacks.assertWell();
                    assertThat(pair.idle.getHikariPoolMXBean().getTotalConnections())
                            .isPositive();
                }
            }
            System.out.printf(
                    "%d sleeps, %d logins, %d idle returns with ROLLBACK, %.0f keep-alives answered asleep, %.0f by the"
                            + " server%n",
                    cycles,
                    (long) metrics.sum("haulout_logins_total"),
                    returned(pairs),
                    metrics.sum("haulout_keepalives_total", "answered_by=\"proxy\""),
                    metrics.sum("haulout_keepalives_total", "answered_by=\"server\""));
        }
    }

    private static long returned(List<Pair> pairs) {
        return pairs.stream().mapToLong(pair -> pair.rollbacks.returned()).sum();
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

    private static void fill(HikariDataSource pool, String table) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (cycle INT)");
        }
        await("a full pool")
                .atMost(Duration.ofSeconds(60))
                .until(() -> pool.getHikariPoolMXBean().getIdleConnections() == CONNECTIONS);
    }

    /** Waits while asleep until so many keep-alives were answered, and some connections returned. */
    private void sleepThrough(int keepAlives, List<Pair> pairs) throws Exception {
        double before = metrics.sum("haulout_keepalives_total", "answered_by=\"proxy\"");
        long returned = returned(pairs);
        List<Long> each = pairs.stream().map(pair -> pair.rollbacks.returned()).toList();
        await("keep-alives are answered asleep")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> metrics.sum("haulout_keepalives_total", "answered_by=\"proxy\"") - before
                                > keepAlives + (returned(pairs) - returned)
                        && IntStream.range(0, each.size())
                                .allMatch(i -> pairs.get(i).rollbacks.returned() - each.get(i) >= 2));
    }

    /** One row written through one pool, read through the other. */
    private static void work(Pair pair, int cycle) throws SQLException {
        String table = "visit_" + pair.scheme;
        try (Connection connection = pair.idle.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO " + table + " VALUES (" + cycle + ")");
        }
        try (Connection connection = pair.rollbacks.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO " + table + " VALUES (-1)"); // the return rolls it back
            try (ResultSet rows =
                    statement.executeQuery("SELECT COUNT(*), MIN(cycle) FROM " + table + " WHERE cycle > 0")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(cycle);
            }
        }
        try (Connection connection = pair.idle.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            assertThat(rows.getInt(1)).as("rows, none of them rolled back").isEqualTo(cycle);
        }
    }
}
