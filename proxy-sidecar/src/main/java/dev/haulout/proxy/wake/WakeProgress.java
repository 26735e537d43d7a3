package dev.haulout.proxy.wake;

/** Told the phases of a wake as each ends. Called from the waker's thread. */
@FunctionalInterface
public interface WakeProgress {
    /** {@code phase} is a lower-case word or two ("initialise", "exec", "ready"); it ended now. */
    void ended(String phase);
}
