package dev.haulout.proxy.lua;

import java.util.Locale;

/** Counts what one task uses against its {@link Limits}. */
final class Meter {
    /** How many instructions pass between two looks at the clock. */
    static final int STRIDE = 1 << 12;

    private final Limits limits;
    private long instructions;
    private long allocated;
    private long nanosBefore;
    private long since = System.nanoTime();

    Meter(Limits limits) {
        this.limits = limits;
    }

    /** It runs (again). */
    void start() {
        since = System.nanoTime();
    }

    /** It waits. */
    void pause() {
        nanosBefore += System.nanoTime() - since;
    }

    /** Adds work done; says what is exceeded, or null. */
    String use(long count) {
        instructions += count;
        if (instructions > limits.instructions()) {
            return "more than " + limits.instructions() + " instructions";
        }
        if (nanosBefore + System.nanoTime() - since > limits.running().toNanos()) {
            return String.format(
                    Locale.ROOT, "running longer than %.3g s", limits.running().toNanos() / 1e9);
        }
        return null;
    }

    /** Adds a string about to be made; says what is exceeded, or null. */
    String allocate(long bytes) {
        allocated += bytes;
        if (bytes > limits.stringBytes()) {
            return "a string of more than " + limits.stringBytes() + " bytes";
        }
        if (allocated > limits.allocatedBytes()) {
            return "more than " + limits.allocatedBytes() + " bytes of strings";
        }
        return null;
    }
}
