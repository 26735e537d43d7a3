package dev.haulout.proxy.wake;

import java.time.Duration;
import java.time.Instant;

/**
 * What keeps an instance awake.
 *
 * @param what whose it is and what it is, in words
 * @param idle whether {@code since} is when it was last used, not when it began
 * @param since by the wall clock; for people
 */
public record Keeper(String what, boolean idle, Instant since) {

    /** Something that was noticed just now. */
    static Keeper noticed(String what) {
        return new Keeper(what, false, Instant.now());
    }

    /** Something that has lasted for so long. */
    static Keeper lasting(String what, Duration time) {
        return new Keeper(what, false, Instant.now().minus(time));
    }

    /** The same with the time it has lasted. */
    public String text() {
        Duration time = Duration.between(since, Instant.now());
        return what + (idle ? ", idle for " : ", for ") + inWords(time);
    }

    private static String inWords(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
