package dev.haulout.operator.instance;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Lets so many servers start at once and no more, so that a storm of demands does not bring down the nodes that are to
 * meet them. First come, first served; who has a client that waits comes before who has none. Safe for any thread. It is
 * this process's own: after a change of leaders those in line come in the order in which they are looked at.
 */
final class WakeLine {
    /** A server that is still not up keeps nobody else waiting any longer. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final int limit;
    private final LongSupplier nanoTime;
    private final Consumer<ResourceID> next;

    // guarded by this
    private final Map<String, Long> starting = new HashMap<>();
    private final Map<String, Waiting> line = new LinkedHashMap<>();

    private record Waiting(ResourceID id, boolean waitedFor) {}

    /**
     * A place in the line.
     *
     * @param number 1 is next
     * @param limit how many may start at once
     */
    record Place(int number, int limit) {
        String text() {
            return "it is number " + number + " in line; " + limit + " wakes at once are allowed (maxConcurrentWakes)";
        }
    }

    /**
     * @param limit how many may start at once
     * @param next told whose turn it has become, soon after that; it has to ask again
     */
    WakeLine(int limit, LongSupplier nanoTime, Consumer<ResourceID> next) {
        this.limit = limit;
        this.nanoTime = nanoTime;
        this.next = next;
    }

    /**
     * An instance is to start and has not yet begun.
     *
     * @param waitedFor whether a client waits for it, or an EVENT whose time is near
     * @return its place in the line; empty when it is its turn, and it counts as starting from now on
     */
    synchronized Optional<Place> ask(String uid, ResourceID id, boolean waitedFor) {
        if (starting.containsKey(uid)) {
            return Optional.empty();
        }
        Waiting before = line.get(uid);
        if (before == null || before.waitedFor() != waitedFor) {
            line.remove(uid); // who comes to be waited for comes last of those who are
            line.put(uid, new Waiting(id, waitedFor));
        }
        List<String> order = order().toList();
        int ahead = order.indexOf(uid);
        if (ahead < room()) {
            line.remove(uid);
            starting.put(uid, nanoTime.getAsLong());
            return Optional.empty();
        }
        return Optional.of(new Place(ahead + 1, limit));
    }

    /** Its server is starting, whoever allowed it. */
    synchronized void starts(String uid) {
        line.remove(uid);
        starting.putIfAbsent(uid, nanoTime.getAsLong());
    }

    /** Its server is up, or won't be, or nobody wants it any more. */
    void leave(String uid) {
        List<ResourceID> turns;
        synchronized (this) {
            boolean wasInLine = line.remove(uid) != null;
            boolean wasStarting = starting.remove(uid) != null;
            if (!wasInLine && !wasStarting) {
                return;
            }
            turns = order().limit(room()).map(turn -> line.get(turn).id()).toList();
        }
        turns.forEach(next);
    }

    private Stream<String> order() {
        return Stream.of(true, false)
                .flatMap(waitedFor -> line.entrySet().stream()
                        .filter(entry -> entry.getValue().waitedFor() == waitedFor)
                        .map(Map.Entry::getKey));
    }

    private long room() {
        long now = nanoTime.getAsLong();
        long counted = starting.values().stream()
                .filter(since -> now - since <= LONGEST.toNanos())
                .count();
        return Math.max(0, limit - counted);
    }
}
