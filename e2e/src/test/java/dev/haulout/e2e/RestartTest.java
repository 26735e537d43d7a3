package dev.haulout.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code haulout restart}: another server for the same connections. */
class RestartTest {
    private static final int WRITERS = 6;

    private HostProcess host;
    private int port;

    @BeforeEach
    void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance("shop", port, "  sleep: {after: 1h}")
                .start();
    }

    @AfterEach
    void stop() throws IOException {
        host.close();
    }

    private void configure(String line) throws IOException {
        host.instance("shop", port, "  sleep: {after: 1h}", "  myCnf: " + line);
    }

    private Program restart(String... arguments) throws IOException, InterruptedException {
        List<String> all =
                new ArrayList<>(List.of("restart", "--state", host.state().toString()));
        all.addAll(List.of(arguments));
        return Program.haulout(all.toArray(String[]::new));
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** One row alone and two in a transaction, in turns, until told to stop. Returns how many were acknowledged. */
    private int write(int writer, AtomicInteger rounds, int last) throws SQLException {
        int acknowledged = 0;
        try (Connection connection = connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
            insert.setInt(1, writer);
            while (rounds.getAndIncrement() < last) {
                connection.setAutoCommit(true);
                insert.setInt(2, acknowledged);
                insert.executeUpdate();
                acknowledged++;
                connection.setAutoCommit(false);
                insert.setInt(2, acknowledged);
                insert.executeUpdate();
                insert.setInt(2, acknowledged + 1);
                insert.executeUpdate();
                connection.commit();
                acknowledged += 2;
            }
        }
        return acknowledged;
    }

    @Test
    void busyAndIdleSessionsGoOnWithAServerOfTheNewConfiguration() throws Exception {
        AtomicInteger last = new AtomicInteger(Integer.MAX_VALUE);
        try (Connection idle = connect();
                Statement statement = idle.createStatement();
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
                AutoCloseable end = () -> last.set(0)) {
            statement.execute("CREATE TABLE t (writer INT, n INT, PRIMARY KEY (writer, n))");
            statement.execute("SET @mine = 42, sort_buffer_size = 77824");
            List<Long> first = host.serverPids("shop");
            AtomicInteger rounds = new AtomicInteger();
            List<Future<Integer>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int me = writer;
                Callable<Integer> writing = () -> {
                    int sum = 0;
                    while (rounds.get() < last.get()) {
                        sum += write(me * 1_000_000 + sum, rounds, Math.min(last.get(), rounds.get() + 200));
                    }
                    return sum;
                };
                writers.add(threads.submit(writing));
            }
            Awaitility.await("work under way").atMost(Duration.ofMinutes(1)).until(() -> rounds.get() > 100);

            configure("max_connections = 77");
            Program said = restart("shop");

            int then = rounds.get();
            Awaitility.await("work goes on")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> rounds.get() > then + 100 || isAnyDone(writers));
            last.set(0);
            int acknowledged = 0;
            for (Future<Integer> writer : writers) {
                acknowledged += writer.get();
            }
            assertThat(said.status()).as(said.out()).isZero();
            assertThat(said.out()).startsWith("default/shop was started again; its sessions waited ");
            assertThat(host.serverPids("shop")).hasSize(1).doesNotContainAnyElementsOf(first);
            assertThat(one(statement, "SELECT COUNT(*) FROM t")).isEqualTo(Integer.toString(acknowledged));
            assertThat(one(statement, "SELECT CONCAT_WS(' ', @mine, @@sort_buffer_size, @@max_connections)"))
                    .isEqualTo("42 77824 77");
        }
    }

    private static boolean isAnyDone(List<Future<Integer>> writers) {
        return writers.stream().anyMatch(Future::isDone);
    }

    @Test
    void anOpenTransactionIsInTheWayUnlessForced() throws Exception {
        try (Connection connection = connect();
                Connection other = connect();
                Statement statement = connection.createStatement();
                Statement elsewhere = other.createStatement()) {
            statement.execute("CREATE TABLE t (a INT)");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1)");
            List<Long> first = host.serverPids("shop");

            Program kept = restart("default/shop", "--wait", "1");

            assertThat(kept.status()).isEqualTo(1);
            assertThat(kept.out())
                    .contains("default/shop was not started again because of app@127.0.0.1", "transaction", "--force");
            assertThat(host.serverPids("shop")).isEqualTo(first);
            assertThat(one(elsewhere, "SELECT COUNT(*) FROM t")).isEqualTo("0");
            assertThat(one(statement, "SELECT COUNT(*) FROM t")).isEqualTo("1");

            Program forced = restart("shop", "--wait", "0", "--force");

            assertThat(forced.status()).as(forced.out()).isZero();
            assertThat(host.serverPids("shop")).doesNotContainAnyElementsOf(first);
            assertThat(one(elsewhere, "SELECT COUNT(*) FROM t")).isEqualTo("0");
            assertThatThrownBy(() -> statement.execute("SELECT 1 FROM t"))
                    .hasMessageContaining("started again at once, by an administrator");
        }
    }

    @Test
    void aConfigurationThatDoesNotStartIsToldAndCanBeMended() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            one(statement, "SELECT 1 + 1");
            configure("no_such_setting = 1");

            Program failed = restart("shop");

            assertThat(failed.status()).isEqualTo(1);
            assertThat(failed.out()).contains("default/shop was stopped and does not come up", "no_such_setting");
            configure("max_connections = 78");

            Program mended = restart("shop");

            assertThat(mended.status()).as(mended.out()).isZero();
            assertThat(one(statement, "SELECT @@max_connections")).isEqualTo("78");
        }
    }

    @Test
    void aNameThatIsNoInstancesIsAnsweredWithThoseThereAre() throws Exception {
        assertThat(restart("shoe")).isEqualTo(new Program(1, "there is no instance shoe; say one of default/shop\n"));
    }
}
