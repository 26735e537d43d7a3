package dev.haulout.proxy.wake;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A session as an instance's power sees it: somebody who must agree before the server goes away. */
public interface Participant {

    /**
     * Asks the session to let go of its backend connection and forward nothing until it has a new one. May be called on
     * any thread; {@code answer} is called exactly once, on the session's own.
     */
    void park(Consumer<Reply> answer);

    /** Ends the session with an error that says {@code why}. May be called on any thread. */
    void end(String why);

    /** The server's id of the session's backend connection, empty when it has none. */
    OptionalLong backendId();

    /** How long ago its client's login was complete; zero before. May be called on any thread. */
    Duration sinceLogin();

    /** Who it is, for status and logs: user, address, session id. */
    String describe();

    /** What a session says to {@link #park}. */
    sealed interface Reply {
        /** It has no backend connection and nothing in flight. */
        record Parked() implements Reply {}

        /**
         * It has no backend connection, and wants one. Nothing of what it wants has been said to the server.
         *
         * @param why what for, in words
         */
        record Waiting(String why) implements Reply {}

        /**
         * It can't let go now.
         *
         * @param why what it is doing or carrying, in words
         * @param pinned true when it carries what can't be rebuilt, so that waiting for a statement's end won't help
         * @param inTransaction whether that is a transaction
         * @param idleNanos how long since its last statement ended; 0 while one runs
         */
        record Busy(String why, boolean pinned, boolean inTransaction, long idleNanos) implements Reply {}
    }
}
