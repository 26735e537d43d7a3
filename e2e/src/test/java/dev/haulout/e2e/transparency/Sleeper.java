package dev.haulout.e2e.transparency;

import dev.haulout.proxy.host.InstanceStatus;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Holds up commands drawn by lot until the instance sleeps, or shows that it may not. */
final class Sleeper {
    private static final long BETWEEN_LOOKS_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** An instance that is still awake after that is kept so. */
    private static final long KEPT_AWAKE_NANOS = TimeUnit.MILLISECONDS.toNanos(900);

    private final Supplier<InstanceStatus> status;
    private final Map<String, Integer> keepers = new TreeMap<>();
    private int sleeps;

    Sleeper(Supplier<InstanceStatus> status) {
        this.status = status;
    }

    /** Which of a script's commands to hold up. */
    static Set<Integer> draw(Script script, int commands, int sleeps, long seed) {
        Random random = new Random(seed ^ script.toString().hashCode());
        Set<Integer> drawn = new TreeSet<>();
        while (drawn.size() < Math.min(sleeps, commands)) {
            drawn.add(random.nextInt(commands));
        }
        return drawn;
    }

    /** Returns when the instance sleeps, or is kept awake. */
    synchronized void await() {
        long began = System.nanoTime();
        InstanceStatus now = status.get();
        while (!now.state().equals("Asleep")) {
            if (now.state().equals("Awake") && System.nanoTime() - began > KEPT_AWAKE_NANOS) {
                String why = now.why() == null ? "unknown" : now.why();
                keepers.merge(why.replaceAll(", (idle )?for .*| \\(session.*?\\)", ""), 1, Integer::sum);
                return;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
            now = status.get();
        }
        sleeps++;
    }

    /** How often it slept. */
    synchronized int sleeps() {
        return sleeps;
    }

    /** What kept it awake, and how often. */
    synchronized String keepers() {
        return keepers.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .map(entry -> entry.getValue() + " x " + entry.getKey())
                .collect(Collectors.joining("\n  ", "  ", ""));
    }
}
