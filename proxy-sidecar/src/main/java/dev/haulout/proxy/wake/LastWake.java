package dev.haulout.proxy.wake;

import java.time.Instant;
import java.util.List;

/**
 * One wake, as it went.
 *
 * @param at when the demand came
 * @param why what demanded it
 * @param outcome "ok" or "failed"
 * @param millis from the demand to the first byte of the first result, or to the last phase where nobody asked for one;
 *     to the failure where it failed
 * @param phases in order; each from the end of the one before
 */
public record LastWake(Instant at, String why, String outcome, double millis, List<Phase> phases) {
    /**
     * @param name a word
     * @param millis how long it took
     */
    public record Phase(String name, double millis) {}
}
