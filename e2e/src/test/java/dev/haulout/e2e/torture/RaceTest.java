package dev.haulout.e2e.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Statements that arrive at any moment of falling asleep and waking, from sessions that live through all of it: nobody
 * ever sees an error, a wrong answer or a changed session. Nothing is killed here.
 */
@Tag("slow")
class RaceTest {
    private static final int CLIENTS = 8;

    /** They share the proxy's threads. Each falls asleep by itself, so the cycles come faster. */
    private static final List<String> INSTANCES = List.of("hare", "hedgehog");

    /** Of all instances together. */
    private static final int CYCLES = Integer.getInteger("haulout.race.cycles", 100);

    private static final long FILES_EITHER_WAY = 10;

    /** An instance hears something each 300 ms on average, so that gaps are often just as long as falling asleep takes. */
    private static final double MEAN_PAUSE_MILLIS = CLIENTS * 300;

    private final AtomicLong answers = new AtomicLong();
    private final Rhythm rhythm = new Rhythm();

    @Test
    @SuppressWarnings("SystemOut")
    void statementsThatMeetADrainAreAnsweredAsIfNothingWere() throws Exception {
        long seed = Long.getLong("haulout.torture.seed", new SecureRandom().nextInt(1_000_000));
        HostProcess prepared = HostProcess.prepare();
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (String instance : INSTANCES) {
            ports.put(instance, HostProcess.freePort());
            prepared.instance(instance, ports.get(instance), "  sleep: {after: 200ms}");
        }
        try (HostProcess host = prepared.start();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            INSTANCES.forEach(host::awaitAsleep);
            long filesBefore = openFiles(host);
            List<Future<?>> clients = new ArrayList<>();
            for (String instance : INSTANCES) {
                int port = ports.get(instance);
                long seedHere = seed * 31 + instance.hashCode();
                try (Connection connection = connect(port);
                        Statement statement = connection.createStatement()) {
                    statement.execute("CREATE TABLE seen (client INT NOT NULL, n INT NOT NULL)");
                }
                for (int i = 1; i <= CLIENTS; i++) {
                    int client = i;
                    clients.add(threads.submit(() -> {
                        try {
                            query(client, port, new Random(seedHere + client));
                            return null;
                        } finally {
                            rhythm.end(); // one that failed ends it for all
                        }
                    }));
                }
            }

            Awaitility.await(CYCLES + " times asleep")
                    .atMost(10, TimeUnit.MINUTES)
                    .pollInterval(200, TimeUnit.MILLISECONDS)
                    .until(() -> rhythm.isOver() || sleeps(host) >= CYCLES);
            rhythm.end();
            for (Future<?> client : clients) {
                client.get(60, TimeUnit.SECONDS);
            }

            long starts = 0;
            for (String instance : INSTANCES) {
                host.awaitAsleep(instance);
                starts += host.serverStarts(instance);
                assertThat(host.status(instance).sessionsHeld()).isZero();
            }
            System.out.printf(
                    "race with seed %d: %d sleeps, %d starts of servers, %d right answers, no error%n",
                    seed, sleeps(host), starts, answers.get());
            assertThat(sleeps(host)).isGreaterThanOrEqualTo(CYCLES);
            assertThat(openFiles(host)).isLessThanOrEqualTo(filesBefore + FILES_EITHER_WAY);
        }
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://127.0.0.1:" + port + "/app?user=app&password=secret&socketTimeout=30000");
    }

    /** One session for the whole run, with state of its own; and now and then another for one statement. */
    private void query(int client, int port, Random random) throws Exception {
        try (Connection connection = connect(port);
                Statement statement = connection.createStatement()) {
            statement.execute("SET @client = " + client + ", SESSION group_concat_max_len = " + (5000 + client));
            int rows = 0;
            while (!rhythm.isOver()) {
                rhythm.pass((long) (-Math.log(1 - random.nextDouble()) * MEAN_PAUSE_MILLIS));
                switch (random.nextInt(6)) {
                    case 0 -> {
                        statement.execute("INSERT INTO seen VALUES (@client, " + ++rows + ")");
                        answers.incrementAndGet();
                    }
                    case 1 -> {
                        statement.execute("BEGIN");
                        statement.execute("INSERT INTO seen VALUES (@client, " + ++rows + ")");
                        statement.execute("COMMIT");
                        answers.incrementAndGet();
                    }
                    case 2 -> {
                        try (Connection other = connect(port);
                                Statement once = other.createStatement()) {
                            expect(once, "SELECT COUNT(*) FROM seen WHERE client = " + client, rows);
                        }
                    }
                    case 3 -> expect(statement, "SELECT @client", client);
                    case 4 -> expect(statement, "SELECT @@group_concat_max_len", 5000 + client);
                    default -> expect(statement, "SELECT COUNT(*) FROM seen WHERE client = @client", rows);
                }
            }
        }
    }

    private void expect(Statement statement, String sql, int expected) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            assertThat(rows.getInt(1)).as(sql).isEqualTo(expected);
        }
        answers.incrementAndGet();
    }

    private static long sleeps(HostProcess host) throws IOException {
        try (Stream<String> lines = Files.lines(host.log())) {
            return lines.filter(line -> line.endsWith(": asleep")).count();
        }
    }

    private static long openFiles(HostProcess host) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + host.process().pid() + "/fd"))) {
            return open.count();
        }
    }
}
