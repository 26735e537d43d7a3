package dev.haulout.e2e.torture;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.torture.Killer.Blow;
import dev.haulout.e2e.torture.Reckoning.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** One run: writers and a killer for some seconds, then calm, then the reckoning. */
final class Torture {
    private static final int WRITERS = 8;
    private static final String INSTANCE = "torture";
    private static final int SLEEP_AFTER_MILLIS = 300;

    /** Fewer statements than these, cut off by the server's death, and nothing could have been written twice. */
    static final int CUT_OFF = 3;

    /** A wake's deadline is 20 s here. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration UNTIL_CALM = Duration.ofSeconds(60);

    private final Plan plan;
    private final Random random;
    private final Rhythm rhythm = new Rhythm();
    private final Incidents incidents = new Incidents();
    private final Ledger ledger = new Ledger();
    private final List<String> faults = new ArrayList<>();

    /**
     * What to do.
     *
     * @param seconds for how long
     * @param seed of everything random in the test itself
     * @param blows drawn from as from a deck of cards, over and over
     * @param myCnf a line for the server's options file, empty for none
     */
    record Plan(int seconds, long seed, List<Blow> blows, String myCnf) {}

    private Torture(Plan plan) {
        this.plan = plan;
        this.random = new Random(plan.seed());
    }

    static Report run(Plan plan) throws Exception {
        return new Torture(plan).run();
    }

    private Report run() throws Exception {
        int port = HostProcess.freePort();
        List<String> spec = new ArrayList<>(
                List.of("  sleep: {after: " + SLEEP_AFTER_MILLIS + "ms, wakeDeadline: 20s, pinLimit: 5s}"));
        if (!plan.myCnf().isEmpty()) {
            spec.add("  myCnf: " + plan.myCnf());
        }
        // it is started often and runs for seconds
        try (HostProcess host = HostProcess.prepare("-XX:TieredStopAtLevel=1")
                .instance(INSTANCE, port, spec.toArray(String[]::new))
                .start()) {
            host.awaitAsleep(INSTANCE);
            long filesBefore = openFiles(host);
            try (Connection connection = connect(port);
                    Statement statement = connection.createStatement()) {
                Kept.create(statement);
            }
            Killer killer = new Killer(host, INSTANCE, incidents);
            List<Writer> writers = new ArrayList<>();
            for (int i = 1; i <= WRITERS; i++) {
                writers.add(new Writer(
                        i, url(port), PATIENCE, Writer.Habit.FICKLE, plan.seed(), rhythm, incidents, ledger));
            }
            write(writers, killer);
            becomeCalm(host, port);
            Reckoning reckoning = Reckoning.of(ledger.entries(), read(port));
            host.awaitAsleep(INSTANCE);
            long filesAfter = openFiles(host);
            Report report = report(host, killer, writers, reckoning, filesBefore, filesAfter);
            if (!report.faults().isEmpty() || Boolean.getBoolean("haulout.torture.keep")) {
                keepLogs(host);
            }
            return report;
        }
    }

    private void keepLogs(HostProcess host) throws IOException {
        Path kept = Files.createDirectories(Path.of("target", "torture-" + plan.seed()));
        Files.copy(host.log(), kept.resolve("proxy.log"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                host.instanceFolder(INSTANCE).resolve("mariadbd.log"),
                kept.resolve("mariadbd.log"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.write(
                kept.resolve("ledger"),
                ledger.entries().stream().map(Ledger.Entry::toString).toList());
    }

    private static String url(int port) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/app?user=app&password=secret";
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(url(port) + "&socketTimeout=60000");
    }

    private void write(List<Writer> writers, Killer killer) throws Exception {
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("writer-", 1).factory());
        ExecutorService hand = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("killer").factory());
        List<Future<?>> running = new ArrayList<>();
        writers.forEach(writer -> running.add(threads.submit(writer)));
        conduct(killer, hand, () -> seenEnough(writers, killer));
        hand.shutdown();
        rhythm.end();
        long deadline = System.nanoTime() + UNTIL_CALM.toNanos();
        for (int i = 0; i < running.size(); i++) {
            try {
                running.get(i).get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                faults.add("writer " + (i + 1) + " hangs: its call has not come back " + UNTIL_CALM.toSeconds()
                        + " s after everything was up again");
            } catch (ExecutionException e) {
                faults.add("writer " + (i + 1) + " ended with " + e.getCause());
            }
        }
        threads.shutdownNow();
    }

    /** Every kind of blow has hit, and some statements were cut off in the middle. */
    private boolean seenEnough(List<Writer> writers, Killer killer) {
        return killer.hits().size() == Set.copyOf(plan.blows()).size()
                && writers.stream()
                                .mapToLong(writer -> writer.troubles().getOrDefault(Trouble.OUTCOME_UNKNOWN, 0L))
                                .sum()
                        >= CUT_OFF;
    }

    /** Busy, quiet, busy, quiet; and into most of them falls a blow, at a moment that is worth it. */
    private void conduct(Killer killer, ExecutorService hand, BooleanSupplier seenEnough)
            throws InterruptedException, ExecutionException {
        Deque<Blow> deck = new ArrayDeque<>();
        long begun = System.nanoTime();
        long planned = TimeUnit.SECONDS.toNanos(plan.seconds());
        // a slow machine gets more time
        while (System.nanoTime() - begun < planned
                || !seenEnough.getAsBoolean() && System.nanoTime() - begun < 3 * planned) {
            int busy = 400 + random.nextInt(900);
            // the time to fall asleep in, from hardly long enough to plenty
            int quiet = SLEEP_AFTER_MILLIS + 150 + random.nextInt(1200);
            boolean strikes = random.nextInt(3) > 0;
            if (strikes && deck.isEmpty()) {
                List<Blow> cards = new ArrayList<>(plan.blows());
                Collections.shuffle(cards, random);
                deck.addAll(cards);
            }
            // while writing (twice as often, for there is most to lose), around falling asleep, or around waking
            int whileWriting = random.nextInt(busy);
            int[] moments = {
                whileWriting,
                whileWriting,
                busy + SLEEP_AFTER_MILLIS + random.nextInt(300),
                busy + quiet + random.nextInt(250)
            };
            int moment = moments[random.nextInt(moments.length)];
            Blow blow = strikes ? deck.poll() : null;
            Future<Boolean> struck = hand.submit(() -> {
                rhythm.pass(moment);
                return blow == null || killer.strike(blow);
            });
            rhythm.pass(busy);
            rhythm.quiet(quiet);
            rhythm.pass(quiet);
            if (!struck.get()) {
                deck.addFirst(blow); // a miss: the server slept
            }
        }
    }

    /** No writer is left: nobody else may be, in the server or in the proxy. */
    private void becomeCalm(HostProcess host, int port) throws SQLException {
        try (Connection connection = connect(port);
                Statement statement = connection.createStatement()) {
            awaitWake(statement);
            awaitNone(faults, "sessions of writers that are gone are left in the server", () -> {
                try (ResultSet rows = statement.executeQuery(
                        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()")) {
                    rows.next();
                    return rows.getLong(1);
                }
            });
        }
        awaitNone(
                faults,
                "sessions of clients that are gone are left in the proxy",
                () -> (long) host.status(INSTANCE).sessionsHeld()
                        + host.status(INSTANCE).sessionsActive());
    }

    /** The last blow may have hit a server that was starting, and that wake's failure is told for a moment longer. */
    private static void awaitWake(Statement statement) {
        Awaitility.await()
                .atMost(UNTIL_CALM)
                .ignoreExceptionsMatching(e -> e instanceof SQLException sql && Trouble.of(sql) == Trouble.NOT_RUN)
                .until(() -> statement.execute("SELECT NOW()"));
    }

    private interface Count {
        long get() throws SQLException;
    }

    private static void awaitNone(List<String> faults, String what, Count count) {
        try {
            Awaitility.await().atMost(UNTIL_CALM).until(() -> count.get() == 0);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            faults.add(what + ": " + e.getMessage());
        }
    }

    private List<Row> read(int port) throws SQLException {
        try (Connection connection = connect(port);
                Statement statement = connection.createStatement()) {
            return Kept.read(statement, faults);
        }
    }

    private static long openFiles(HostProcess host) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + host.process().pid() + "/fd"))) {
            return open.count();
        }
    }

    private Report report(
            HostProcess host,
            Killer killer,
            List<Writer> writers,
            Reckoning reckoning,
            long filesBefore,
            long filesAfter)
            throws IOException {
        Map<Trouble, Long> troubles = new EnumMap<>(Trouble.class);
        long longest = 0;
        int sessions = 0;
        for (Writer writer : writers) {
            faults.addAll(writer.faults());
            writer.troubles().forEach((trouble, times) -> troubles.merge(trouble, times, Long::sum));
            longest = Math.max(longest, writer.longestCallMillis());
            sessions += writer.sessions();
        }
        long sleeps;
        try (Stream<String> lines = Files.lines(host.log())) {
            List<String> log = lines.toList();
            sleeps = log.stream()
                    .filter(line -> line.endsWith("default/" + INSTANCE + ": asleep"))
                    .count();
            log.stream().filter(line -> line.contains("a fault of ours")).forEach(faults::add);
        }
        return new Report(
                plan,
                sleeps,
                host.serverStarts(INSTANCE),
                killer.hits(),
                ledger.count(Fate.ACKNOWLEDGED),
                ledger.count(Fate.NOT_RUN),
                ledger.count(Fate.UNKNOWN),
                sessions,
                troubles,
                longest,
                filesBefore,
                filesAfter,
                reckoning,
                List.copyOf(faults));
    }
}
