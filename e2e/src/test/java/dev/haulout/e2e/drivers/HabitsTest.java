package dev.haulout.e2e.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What drivers and pools do beside plain statements: each habit is practised again and again on the same connections, and
 * the server sleeps in between.
 */
class HabitsTest {
    private static final int ROUNDS = 4;
    private static final String NAME = "shop";

    @TempDir
    private Path folder;

    private HostProcess host;
    private int port;

    private final Map<String, Habit> habits = new LinkedHashMap<>();

    @BeforeEach
    void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 500ms}")
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        for (Habit habit : habits.values()) {
            habit.close();
        }
        host.close();
    }

    @Test
    void habitsAreKeptThroughSleeps() throws Exception {
        JdbcHabits jdbc = new JdbcHabits(port);
        jdbc.makeTable();
        String prepared = "useServerPrepStmts=true";
        habits.put("HikariCP", pools()); // first: then the server still sleeps
        habits.put("MySQL, batches", jdbc.batches("mysql", "b1", ""));
        habits.put("MySQL, rewritten batches", jdbc.batches("mysql", "b2", "rewriteBatchedStatements=true"));
        habits.put(
                "MySQL, rewritten and prepared batches",
                jdbc.batches("mysql", "b3", prepared + "&cachePrepStmts=true&rewriteBatchedStatements=true"));
        habits.put("MariaDB, batches", jdbc.batches("mariadb", "b4", "useBulkStmts=false"));
        habits.put("MariaDB, prepared batches", jdbc.batches("mariadb", "b5", prepared + "&useBulkStmts=false"));
        habits.put("MySQL, refused batch", jdbc.refusedBatches("mysql", "r1", "rewriteBatchedStatements=true"));
        habits.put("MariaDB, refused bulk", jdbc.refusedBatches("mariadb", "r2", prepared + "&useBulkStmts=true"));
        habits.put("MariaDB, RETURNING", jdbc.returned("mariadb", "i2", ""));
        habits.put("MariaDB, prepared RETURNING", jdbc.returned("mariadb", "i3", prepared));
        habits.put("MariaDB, bulk with RETURNING", jdbc.bulkReturned("i4", prepared + "&useBulkStmts=true"));
        habits.put("MySQL, cached statements", jdbc.cachedStatements("mysql", prepared));
        habits.put("MariaDB, cached statements", jdbc.cachedStatements("mariadb", prepared));
        habits.put("MySQL, cursors", jdbc.portions("mysql", "useCursorFetch=true", true));
        habits.put("MySQL, streamed", jdbc.portions("mysql", "", false));
        habits.put("MariaDB, streamed", jdbc.portions("mariadb", prepared, true));
        addPrograms();

        for (int round = 0; round < ROUNDS; round++) {
            host.awaitAsleep(NAME);
            long starts = host.serverStarts(NAME);
            for (Map.Entry<String, Habit> habit : habits.entrySet()) {
                try {
                    habit.getValue().again(round);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError(habit.getKey() + ", round " + round + ": " + e.getMessage(), e);
                }
            }
            assertThat(host.serverStarts(NAME)).as("wakes in a round").isGreaterThan(starts);
        }
        System.out.println(habits.size() + " habits kept through " + (ROUNDS - 1) + " sleeps: " + habits.keySet());
    }

    /** Pools that look at each connection before they give it out, which wakes nobody. */
    private Habit pools() throws SQLException {
        List<HikariDataSource> pools = List.of(
                pool("mysql", null), pool("mariadb", null), pool("mysql", "SELECT 1"), pool("mariadb", "SELECT 1"));
        for (HikariDataSource pool : pools) {
            pool.getConnection().close(); // of its first connection each asks things that it asks of no other
        }
        return new Habit() {
            @Override
            public void again(int round) throws SQLException, IOException {
                long starts = host.serverStarts(NAME);
                List<Connection> given = new ArrayList<>();
                try {
                    for (HikariDataSource pool : pools) {
                        for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
                            given.add(pool.getConnection());
                        }
                    }
                    assertThat(host.serverStarts(NAME))
                            .as("wakes for being looked at")
                            .isEqualTo(starts);
                    for (Connection connection : given) {
                        count(connection);
                    }
                } finally {
                    for (Connection connection : given) {
                        connection.close();
                    }
                }
            }

            @Override
            public void close() {
                pools.forEach(HikariDataSource::close);
            }
        };
    }

    private HikariDataSource pool(String scheme, String testQuery) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:" + scheme + "://127.0.0.1:" + port + "/app");
        pool.setUsername("app");
        pool.setPassword("secret");
        pool.setMaximumPoolSize(2);
        pool.setConnectionTestQuery(testQuery);
        return pool;
    }

    private static void count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM seen")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(JdbcHabits.ROWS);
        }
    }

    /** Pools in other languages, as far as they are installed. */
    private void addPrograms() throws IOException, InterruptedException {
        for (String method : List.of("query", "execute")) {
            addProgram(
                    "Node mysql2 pool, " + method,
                    List.of("node", "-e", "require.resolve('mysql2')"),
                    List.of("node", "drivers/pool.js", method));
        }
        for (String driver : List.of("pymysql", "MySQLdb")) {
            addProgram(
                    "SQLAlchemy with pre-ping, " + driver,
                    List.of("/usr/bin/python3", "-c", "import sqlalchemy, " + driver),
                    List.of("/usr/bin/python3", "drivers/alchemy.py", driver.toLowerCase(Locale.ROOT)));
        }
    }

    private void addProgram(String name, List<String> probe, List<String> command)
            throws IOException, InterruptedException {
        if (!Driver.runs(probe)) {
            System.out.println("NOT SHOWN: " + name + " is not installed: " + String.join(" ", probe) + " fails");
            return;
        }
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of("127.0.0.1", Integer.toString(port), "app", "secret", "app"));
        Client client = new Client(name, Driver.builder(whole), folder.resolve(habits.size() + ".err"));
        assertThat(client.line()).isEqualTo("connected");
        habits.put(name, new Habit() {
            @Override
            public void again(int round) throws IOException, InterruptedException {
                assertThat(client.ask("SELECT SUM(n) + " + round + " FROM seen"))
                        .isEqualTo(Integer.toString(JdbcHabits.ROWS * (JdbcHabits.ROWS - 1) / 2 + round));
                if (round == ROUNDS - 1) {
                    assertThat(client.finish()).isZero();
                }
            }

            @Override
            public void close() {
                client.close();
            }
        });
    }
}
