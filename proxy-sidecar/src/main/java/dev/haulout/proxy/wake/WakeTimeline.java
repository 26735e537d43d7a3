package dev.haulout.proxy.wake;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The clock of one wake in progress: phases end one after the other. Safe for the several threads that end them. */
final class WakeTimeline implements WakeProgress {
    private final Instant at = Instant.now();
    private final long startNanos;
    private final String why;
    private final List<LastWake.Phase> phases = new ArrayList<>();
    private long lastNanos;
    private boolean over;

    WakeTimeline(String why, long startNanos) {
        this.why = why;
        this.startNanos = startNanos;
        this.lastNanos = startNanos;
    }

    String why() {
        return why;
    }

    @Override
    public synchronized void ended(String phase) {
        long now = System.nanoTime();
        if (!over) {
            phases.add(new LastWake.Phase(phase, (now - lastNanos) / 1e6));
            lastNanos = now;
        }
    }

    /** Ends the whole, with its last phase where it went well; null when it had ended before. */
    synchronized LastWake finish(String outcome) {
        if (over) {
            return null;
        }
        over = true;
        long end = outcome.equals("ok") ? lastNanos : System.nanoTime();
        return new LastWake(at, why, outcome, (end - startNanos) / 1e6, List.copyOf(phases));
    }
}
