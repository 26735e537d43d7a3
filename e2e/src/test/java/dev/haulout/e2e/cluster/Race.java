package dev.haulout.e2e.cluster;

import dev.haulout.e2e.torture.Fate;
import dev.haulout.e2e.torture.Incidents;
import dev.haulout.e2e.torture.Kept;
import dev.haulout.e2e.torture.Ledger;
import dev.haulout.e2e.torture.Reckoning;
import dev.haulout.e2e.torture.Rhythm;
import dev.haulout.e2e.torture.Trouble;
import dev.haulout.e2e.torture.Writer;
import java.security.SecureRandom;
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
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One run: an instance that falls asleep whenever nobody writes for two seconds, writers that come back at random moments
 * of that, blows in between; then calm, and the ledger against the table.
 */
final class Race {
    /** How many sleeps a run has at least, unless it is told otherwise. */
    static final int CYCLES = Integer.getInteger("haulout.race.cycles", 20);

    private static final int WRITERS = 6;
    private static final int SLEEP_AFTER_MILLIS = 2000;

    /** An operator that is killed is replaced within 15 s; the rest is for a machine with more to do than it can. */
    private static final Duration WAKE_DEADLINE = Duration.ofSeconds(60);

    private static final Duration PATIENCE = WAKE_DEADLINE.plusSeconds(15);
    private static final Duration UNTIL_CALM = Duration.ofMinutes(3);

    private final Cluster cluster;
    private final String instance;
    private final long seed;
    private final List<Blow> blows;
    private final int timesEach;
    private final int cycles;
    private final Random random;
    private final Rhythm rhythm = new Rhythm();
    private final Incidents incidents = new Incidents();
    private final Ledger ledger = new Ledger();
    private long inDoubtAndThere;
    private final List<String> faults = Collections.synchronizedList(new ArrayList<>());

    /**
     * How a run went.
     *
     * @param sleeps how often the instance fell asleep
     * @param pods how many pods its server had
     * @param hits blows that met something
     * @param acknowledged rows whose writer was told OK
     * @param unknown rows whose writer knows nothing
     * @param inDoubtAndThere of those the ones that did run
     * @param sessions opened by all writers
     * @param troubles errors that clients got, by meaning
     * @param knocks connections opened by those who do nothing else
     * @param longestCallMillis of all calls of all writers
     * @param faults what was promised and not kept
     */
    record Report(
            long seed,
            int sleeps,
            int pods,
            Map<Blow, Integer> hits,
            long acknowledged,
            long unknown,
            long inDoubtAndThere,
            int sessions,
            Map<Trouble, Long> troubles,
            long knocks,
            long longestCallMillis,
            List<String> faults) {
        @Override
        public String toString() {
            return """
                    race with seed %d (again with -Dhaulout.race.seed=%d)
                      sleeps %d, pods %d, blows %s
                      rows acknowledged %d, unknown %d (%d of them there); sessions %d, knocks %d; errors %s; longest call %d ms
                      faults: %s""".formatted(
                            seed,
                            seed,
                            sleeps,
                            pods,
                            hits,
                            acknowledged,
                            unknown,
                            inDoubtAndThere,
                            sessions,
                            knocks,
                            troubles,
                            longestCallMillis,
                            faults.isEmpty() ? "none" : "\n    " + String.join("\n    ", faults));
        }
    }

    private Race(Cluster cluster, String instance, List<Blow> blows, int timesEach, int cycles) {
        this.cycles = cycles;
        this.cluster = cluster;
        this.instance = instance;
        this.seed = Long.getLong("haulout.race.seed", new SecureRandom().nextInt(1_000_000));
        this.blows = blows;
        this.timesEach = timesEach;
        this.random = new Random(seed);
    }

    /**
     * Runs until the instance slept so many times and every blow hit. Where gateways leave, somebody knocks all the time,
     * which keeps the instance from many a sleep.
     *
     * @param instance a name that is free
     * @param timesEach how often every blow has to hit at least
     */
    static Report run(Cluster cluster, String instance, List<Blow> blows, int timesEach, int cycles) throws Exception {
        return new Race(cluster, instance, blows, timesEach, cycles).run();
    }

    private Report run() throws Exception {
        System.out.println("race with seed " + seed);
        cluster.apply(
                instance,
                "  sleep: {after: " + SLEEP_AFTER_MILLIS + "ms, wakeDeadline: " + WAKE_DEADLINE.toSeconds()
                        + "s, pinLimit: 5s}");
        cluster.awaitAsleep(instance);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            Kept.create(statement);
        }
        Hand hand = new Hand(cluster, instance, incidents, seed);
        Knocker knocker = new Knocker(url(), faults);
        List<Writer> writers = new ArrayList<>();
        for (int i = 1; i <= WRITERS; i++) {
            writers.add(new Writer(i, url(), PATIENCE, Writer.Habit.FAITHFUL, seed, rhythm, incidents, ledger));
        }
        try (Cycles counted = Cycles.of(cluster, instance)) {
            write(writers, knocker, hand, counted);
            hand.awaitCalm();
            becomeCalm();
            Reckoning reckoning = reckon();
            cluster.awaitAsleep(instance);
            faults.addAll(reckoning.faults());
            return report(writers, knocker, hand, counted);
        }
    }

    private String url() {
        return "jdbc:mariadb://" + cluster.address(instance) + ":3306/app?sslMode=disable&user=app&password="
                + cluster.password(instance);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url() + "&socketTimeout=" + PATIENCE.toMillis());
    }

    private void write(List<Writer> writers, Knocker knocker, Hand hand, Cycles counted) throws Exception {
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("race-", 1).factory());
        ExecutorService one = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("hand").factory());
        List<Future<?>> running = new ArrayList<>();
        writers.forEach(writer -> running.add(threads.submit(writer)));
        Future<?> knocking = blows.contains(Blow.DELETE_GATEWAY) ? threads.submit(knocker) : null;
        try {
            conduct(hand, one, counted);
        } finally {
            one.shutdown();
            rhythm.end();
            knocker.end();
        }
        long deadline = System.nanoTime() + UNTIL_CALM.toNanos();
        for (int i = 0; i < running.size(); i++) {
            try {
                running.get(i).get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                faults.add("writer " + (i + 1) + " hangs");
            } catch (ExecutionException e) {
                faults.add("writer " + (i + 1) + " ended with " + e.getCause());
            }
        }
        if (knocking != null) {
            knocking.get(UNTIL_CALM.toSeconds(), TimeUnit.SECONDS);
        }
        threads.shutdownNow();
    }

    private boolean seenEnough(Hand hand, Cycles counted) {
        return counted.sleeps() >= cycles
                && blows.stream().allMatch(blow -> hand.hits().getOrDefault(blow, 0) >= timesEach);
    }

    /** Busy, quiet, busy, quiet; and into many of them falls a blow, at a moment that is worth it. */
    private void conduct(Hand hand, ExecutorService one, Cycles counted) throws Exception {
        Deque<Blow> deck = new ArrayDeque<>();
        Blow blow = null;
        Future<Boolean> struck = null;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(300 + 40L * cycles);
        while (!seenEnough(hand, counted) && System.nanoTime() - end < 0) {
            int busy = 300 + random.nextInt(1200);
            // the time to fall asleep in, from hardly long enough to plenty
            int quiet = SLEEP_AFTER_MILLIS + random.nextInt(4000);
            int[] moments = {
                random.nextInt(busy),
                busy + SLEEP_AFTER_MILLIS + random.nextInt(1500),
                busy + quiet + random.nextInt(1000)
            };
            int moment = moments[random.nextInt(moments.length)];
            if (struck != null && struck.isDone()) {
                if (!struck.get()) {
                    deck.addFirst(blow); // a miss: there was no server
                }
                struck = null;
            }
            if (struck == null && !blows.isEmpty() && random.nextInt(2) > 0) {
                if (deck.isEmpty()) {
                    List<Blow> cards = new ArrayList<>(blows);
                    Collections.shuffle(cards, random);
                    deck.addAll(cards);
                }
                Blow next = deck.poll();
                blow = next;
                struck = one.submit(() -> {
                    rhythm.pass(moment);
                    return hand.strike(next);
                });
            }
            rhythm.pass(busy);
            rhythm.quiet(quiet);
            rhythm.pass(quiet);
        }
        if (struck != null) {
            struck.get();
        }
    }

    /** No writer is left: nobody else may be in the server, but for Haulout itself. */
    private void becomeCalm() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            Awaitility.await().atMost(UNTIL_CALM).until(() -> {
                try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM information_schema.PROCESSLIST"
                        + " WHERE USER = 'app' AND ID <> CONNECTION_ID()")) {
                    rows.next();
                    return rows.getLong(1) == 0;
                }
            });
        } catch (ConditionTimeoutException e) {
            faults.add("sessions of writers that are gone are left in the server: " + e.getMessage());
        }
    }

    private Reckoning reckon() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            List<Reckoning.Row> table = Kept.read(statement, faults);
            Set<Long> there = table.stream().map(Reckoning.Row::id).collect(Collectors.toSet());
            inDoubtAndThere = ledger.entries().stream()
                    .filter(entry -> entry.fate() == Fate.UNKNOWN && there.contains(entry.id()))
                    .count();
            return Reckoning.of(ledger.entries(), table);
        }
    }

    private Report report(List<Writer> writers, Knocker knocker, Hand hand, Cycles counted) {
        Map<Trouble, Long> troubles = new EnumMap<>(Trouble.class);
        long longest = 0;
        int sessions = 0;
        for (Writer writer : writers) {
            faults.addAll(writer.faults());
            writer.troubles().forEach((trouble, times) -> troubles.merge(trouble, times, Long::sum));
            longest = Math.max(longest, writer.longestCallMillis());
            sessions += writer.sessions();
        }
        return new Report(
                seed,
                counted.sleeps(),
                counted.pods(),
                new EnumMap<>(hand.hits()),
                ledger.count(Fate.ACKNOWLEDGED),
                ledger.count(Fate.UNKNOWN),
                inDoubtAndThere,
                sessions,
                troubles,
                knocker.knocks(),
                longest,
                List.copyOf(faults));
    }
}
