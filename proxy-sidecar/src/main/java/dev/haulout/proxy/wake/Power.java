package dev.haulout.proxy.wake;

import java.time.Instant;

/**
 * Whether an instance's server runs.
 *
 * <pre>
 * Asleep ──demand──▶ Waking ──accepts connections──▶ Awake ──idle──▶ Draining ──all parked──▶ Stopping ──ended──▶ Asleep
 *   ▲                   │                              ▲                │
 *   │                   ▼ failed                       └──anyone busy───┘
 *   └──next demand── Failed
 * </pre>
 */
public sealed interface Power {
    /** Since when, by the wall clock; for people, never compared. */
    Instant since();

    /** The word for it in status, metrics and logs. */
    default String word() {
        return switch (this) {
            case Asleep a -> "Asleep";
            case Waking w -> "Waking";
            case Awake a -> "Awake";
            case Draining d -> "FallingAsleep";
            case Stopping s -> "FallingAsleep";
            case Failed f -> "Failed";
            case Closed c -> "Closed";
        };
    }

    /** No server runs. */
    record Asleep(Instant since) implements Power {}

    /**
     * The server is being started.
     *
     * @param why the first demand, in words
     */
    record Waking(Instant since, String why) implements Power {}

    /** The server accepts connections. */
    record Awake(Instant since, Server server) implements Power {}

    /**
     * Sessions are being parked; nothing irrevocable has happened.
     *
     * @param awakeSince kept for the way back
     */
    record Draining(Instant since, Server server, Instant awakeSince) implements Power {}

    /** The server was told to shut down. */
    record Stopping(Instant since, Server server) implements Power {}

    /**
     * The server did not come up.
     *
     * @param cause in one line
     * @param retryNanos when the next demand may try again, by {@link System#nanoTime}
     * @param attempts failures in a row
     */
    record Failed(Instant since, String cause, long retryNanos, int attempts) implements Power {}

    /** The instance is gone from this proxy; its server may run on. */
    record Closed(Instant since) implements Power {}
}
