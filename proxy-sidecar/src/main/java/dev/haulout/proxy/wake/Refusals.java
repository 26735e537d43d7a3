package dev.haulout.proxy.wake;

import dev.haulout.proxy.protocol.SqlError;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The errors of a demand that isn't met. The statement certainly did not run, and the session goes on. */
final class Refusals {
    /** One code for every statement that was held and did not run; pools don't take it for a broken connection. */
    private static final int NOT_RUN = 1429;

    private Refusals() {}

    static SqlError failed(String instance, Power.Failed failed) {
        long seconds = Math.max(0, TimeUnit.NANOSECONDS.toSeconds(failed.retryNanos() - System.nanoTime()) + 1);
        return notRun("The database " + instance + " could not be woken: " + failed.cause()
                + ". The statement did not run; the next try is possible in " + seconds + " s");
    }

    static SqlError missed(String instance, Duration limit, Power power, int slots, Waker waker) {
        String reason = power instanceof Power.Awake
                ? "all " + slots + " connections of the server are in use (max_connections)"
                : "it is still " + power.word().toLowerCase(java.util.Locale.ROOT)
                        + waker.obstacle().map(what -> ", since " + what).orElse("");
        return notRun("The database " + instance + " gave no connection within "
                + limit.toMillis() / 1000.0 + " s"
                + waker.deadlineName().map(name -> " (" + name + ")").orElse("") + ": " + reason
                + ". The statement did not run; try again");
    }

    static SqlError queueFull(String instance, int limit) {
        return notRun("The database " + instance + " has " + limit
                + " statements waiting for it, which is the limit. The statement did not run; try again");
    }

    static SqlError closed(String instance) {
        return new SqlError(
                1927, "70100", "Connection was killed: the proxy no longer serves the database " + instance);
    }

    private static SqlError notRun(String message) {
        return new SqlError(NOT_RUN, "HY000", message);
    }
}
