package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.host.InstanceStatus;
import dev.haulout.proxy.protocol.Capability;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Conversations drawn by lot, with one server directly and with another like it through the door, which sleeps now and
 * then: the client sees the same. For longer: {@code -Dhaulout.fuzz.commands=100000}; the same again:
 * {@code -Dhaulout.fuzz.seed=...}.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS)
class FuzzTest {
    private static final String NAME = "shop";
    private static final String TWIN = "twin";
    private static final int COMMANDS_EACH = 50;
    private static final int PERCENT_SLEEPS = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SHORTENING = Duration.ofSeconds(40);

    /** Of clients that are as they are, or newer, in any combination. */
    private static final List<Long> EXTRAS = List.of(
            0L,
            Capability.DEPRECATE_EOF,
            Capability.DEPRECATE_EOF | Capability.SESSION_TRACK,
            Capability.CACHE_METADATA,
            Capability.DEPRECATE_EOF | Capability.CACHE_METADATA | Capability.EXTENDED_METADATA,
            Capability.FOUND_ROWS | Capability.INTERACTIVE,
            Capability.MULTI_STATEMENTS,
            Capability.MULTI_STATEMENTS | Capability.DEPRECATE_EOF | Capability.SESSION_TRACK);

    /** Run by either server at each start: whom conversations change to, and where. */
    private static final String ACCOUNTS = """
            CREATE DATABASE IF NOT EXISTS side;
            CREATE USER IF NOT EXISTS other@'%' IDENTIFIED BY 'secret';
            GRANT ALL ON side.* TO other@'%';
            GRANT ALL ON app.* TO other@'%';
            GRANT ALL ON side.* TO app@'%';
            CREATE ROLE IF NOT EXISTS clerk;
            GRANT SELECT ON mysql.* TO clerk;
            GRANT clerk TO app@'%';
            """;

    private static HostProcess host;
    private int sleeps;
    private int keptAwake;

    @BeforeAll
    static void start() throws IOException {
        host = HostProcess.prepare();
        Path accounts = Files.writeString(host.state().resolveSibling("accounts.sql"), ACCOUNTS);
        String runs = "  myCnf: init_file=" + accounts;
        host.instance(NAME, HostProcess.freePort(), "  sleep: {after: 50ms}", runs)
                .instance(TWIN, HostProcess.freePort(), "  sleep: {after: 24h}", runs)
                .start();
        // the first start is the one that makes the instance, with a file of Haulout's own
        host.awaitAsleep(NAME);
        try (RawSession waker = new RawSession(door(NAME), RawSession.CLASSIC)) {
            waker.query("SELECT 1 + 1");
        }
        host.awaitAsleep(NAME);
        try (RawSession waker = new RawSession(door(TWIN), RawSession.CLASSIC)) {
            waker.query("SELECT 1 + 1");
        }
        for (long pid : host.serverPids(TWIN)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
        }
        Awaitility.await("the twin has ended")
                .atMost(PATIENCE)
                .until(() -> host.serverPids(TWIN).isEmpty());
        try (RawSession waker = new RawSession(door(TWIN), RawSession.CLASSIC)) {
            waker.query("SELECT 1 + 1");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    private static SocketAddress door(String name) {
        return UnixDomainSocketAddress.of(host.unixDoor(name));
    }

    private static SocketAddress server() {
        return UnixDomainSocketAddress.of(host.instanceFolder(TWIN).resolve("run/db.sock"));
    }

    @Test
    @SuppressWarnings("SystemOut") // the counts are what a run is for
    void conversationsAreTheSameThroughTheDoor() throws Exception {
        int commands = Integer.getInteger("haulout.fuzz.commands", 400);
        long seed = Long.getLong("haulout.fuzz.seed", new SecureRandom().nextInt(1_000_000));
        long last = seed + Math.ceilDiv(commands, COMMANDS_EACH) - 1;
        int differences = 0;
        for (long now = seed; now <= last; now++) {
            Grammar grammar = new Grammar(now);
            long capabilities = RawSession.CLASSIC | grammar.one(EXTRAS);
            List<Step> steps = grammar.conversation(COMMANDS_EACH, PERCENT_SLEEPS);
            Difference difference = compare(capabilities, steps);
            if (difference != null) {
                differences++;
                System.out.println("not the same, again with -Dhaulout.fuzz.seed=" + now + " -Dhaulout.fuzz.commands="
                        + COMMANDS_EACH + ", capabilities " + Long.toHexString(capabilities) + ":\n"
                        + shorter(capabilities, difference));
            }
        }
        System.out.printf(
                "fuzz: %d commands, seeds %d to %d, %d sleeps, kept awake %d times%n",
                commands, seed, last, sleeps, keptAwake);
        assertThat(differences).isZero();
        assertThat(sleeps).isGreaterThan(commands / 100);
    }

    /** Where what the client saw was not the same. */
    private record Difference(List<Step> steps, String direct, String through) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            for (Step step : steps.subList(Math.min(Grammar.SETTING.size(), steps.size() - 1), steps.size())) {
                text.append("  ").append(step).append('\n');
            }
            return text.append("directly  ")
                    .append(direct)
                    .append("\nthe door  ")
                    .append(through)
                    .toString();
        }
    }

    private Difference compare(long capabilities, List<Step> steps) throws IOException {
        List<String> direct = say(server(), capabilities, steps, () -> {});
        List<String> through = say(door(NAME), capabilities, steps, this::sleep);
        Diagnostics diagnostics = new Diagnostics();
        for (int i = 0; i < Math.max(direct.size(), through.size()); i++) {
            String one = i < direct.size() ? direct.get(i) : "(had ended)";
            String other = i < through.size() ? through.get(i) : "(had ended)";
            boolean known = i < direct.size() && diagnostics.mayDiffer(steps.get(i), one);
            if (!one.equals(other) && !known) {
                return new Difference(steps.subList(0, Math.min(i + 1, steps.size())), one, other);
            }
        }
        return null;
    }

    /**
     * Where SHOW WARNINGS may not be the same, as docs/sessions.md tells: what the door refuses itself is not in the server's
     * diagnostics, and what is kept over a sleep is kept until the client says something other than a keep-alive, or a
     * statement is prepared again. Then it is the same right after a statement that has diagnostics of its own.
     */
    private static final class Diagnostics {
        /** No such statement, no open cursor; no right to a database, no such database. */
        private static final Pattern THE_DOORS = Pattern.compile("(^|[\\n ])(1243|1421|1044|1049)#");

        private static final Pattern ASKING = Pattern.compile("(?is).*(SHOW.*(WARNINGS|ERRORS)|warning_count).*");
        private static final Pattern CLEARING = Pattern.compile("(?s)(INSERT|UPDATE|DELETE|CREATE|ALTER) .*");

        private boolean slept;
        private boolean refused;
        private boolean fresh;

        boolean mayDiffer(Step step, String answer) {
            if (step instanceof Step.Sleep) {
                slept = true;
                return false;
            }
            if (ASKING.matcher(step.toString()).matches()) {
                return (slept || refused) && !fresh;
            }
            refused |= THE_DOORS.matcher(answer).find();
            fresh = step instanceof Step.Query query
                    && CLEARING.matcher(query.sql()).matches();
            return false;
        }
    }

    private static List<String> say(SocketAddress to, long capabilities, List<Step> steps, Runnable sleep)
            throws IOException {
        try (RawSession session = new RawSession(to, capabilities)) {
            CompletableFuture<Void> hangs = CompletableFuture.runAsync(
                    () -> close(session), CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            List<String> answers = new Conversation(session, sleep).say(steps);
            hangs.cancel(false);
            return answers;
        }
    }

    private static void close(RawSession session) {
        try {
            session.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Leaves out steps, many at first and then one by one, as long as there is a difference. */
    private Difference shorter(long capabilities, Difference found) throws IOException {
        Difference shortest = found;
        long end = System.nanoTime() + SHORTENING.toNanos();
        for (int chunk = COMMANDS_EACH / 2; chunk > 0; chunk /= 2) {
            int at = Grammar.SETTING.size();
            while (at < shortest.steps().size() - 1 && System.nanoTime() < end) {
                List<Step> fewer = new ArrayList<>(shortest.steps());
                fewer.subList(at, Math.min(at + chunk, fewer.size() - 1)).clear();
                Difference still = compare(capabilities, fewer);
                if (still == null) {
                    at += chunk;
                } else {
                    shortest = still;
                }
            }
        }
        return shortest;
    }

    private void sleep() {
        Awaitility.await("asleep or kept awake; the log is " + host.log())
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    InstanceStatus now = host.status(NAME);
                    if (now.state().equals("Asleep")) {
                        sleeps++;
                        return true;
                    }
                    boolean kept = now.state().equals("Awake")
                            && now.why() != null
                            && now.why().contains("(session ")
                            && now.idleSeconds() > 0.1;
                    keptAwake += kept ? 1 : 0;
                    return kept;
                });
    }
}
