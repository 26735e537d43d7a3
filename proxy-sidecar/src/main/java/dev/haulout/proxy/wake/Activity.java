package dev.haulout.proxy.wake;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When the last real statement passed, and whose it was. Written with every statement, so it allocates nothing. */
final class Activity {
    private volatile long lastNanos = System.nanoTime();
    private volatile long useNanos;
    private volatile String kind = "";
    private volatile Participant by;
    private volatile String byWhom = "";

    /** A real statement passes or has passed: its kind in a word, and whose it is. */
    void happened(String kind, Participant by) {
        this.by = by;
        touch();
        useNanos = lastNanos;
        this.kind = kind;
    }

    /** Idleness counts anew from here. */
    void touch() {
        lastNanos = System.nanoTime();
    }

    /** How long ago that was. */
    Duration idle() {
        return Duration.ofNanos(System.nanoTime() - lastNanos);
    }

    /** How long ago the last real statement passed; empty before the first. */
    Optional<Duration> sinceUse() {
        return kind.isEmpty() ? Optional.empty() : Optional.of(Duration.ofNanos(System.nanoTime() - useNanos));
    }

    /** For how long {@code who} has been doing what it does; zero when somebody else has begun anything since. */
    Duration runsFor(Participant who) {
        return by == who ? idle() : Duration.ZERO;
    }

    /** A session has ended: only its name is kept. */
    void left(Participant participant) {
        if (by == participant) {
            byWhom = participant.describe();
            by = null;
        }
    }

    /** The last use as what keeps a server awake that came up at {@code awakeSince}. */
    Keeper lastUse(Instant awakeSince) {
        Participant who = by;
        String described = who == null ? byWhom : who.describe();
        Instant at = Instant.now().minus(idle());
        return described.isEmpty() || at.isBefore(awakeSince)
                ? new Keeper("just woken", true, at)
                : new Keeper(kind + " by " + described, true, at);
    }
}
