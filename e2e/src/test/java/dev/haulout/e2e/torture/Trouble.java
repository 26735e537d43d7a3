package dev.haulout.e2e.torture;

import java.net.SocketTimeoutException;
import java.sql.SQLException;

/** What an error means to the client that got it, by its documented code. */
public enum Trouble {
    /** 1429: the statement did not run, the session goes on. */
    NOT_RUN,
    /** 1040: the login was turned away. */
    TURNED_AWAY,
    /** 1927: the session is over, nothing was in flight. */
    SESSION_ENDED,
    /** 1152: the server went away while the statement ran. */
    OUTCOME_UNKNOWN,
    /** No answer, or no connection, and the socket said so. */
    CONNECTION_LOST,
    /** No answer at all within the client's patience: never allowed. */
    HUNG,
    /** Anything else: never allowed. */
    UNDOCUMENTED;

    static Trouble of(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException) {
                return HUNG;
            }
        }
        return switch (e.getErrorCode()) {
            case 1429 -> NOT_RUN;
            case 1040 -> TURNED_AWAY;
            case 1927 -> SESSION_ENDED;
            case 1152 -> OUTCOME_UNKNOWN;
            default -> lost(e) ? CONNECTION_LOST : UNDOCUMENTED;
        };
    }

    /** The drivers' own errors have state 08 and a code that no server sends. */
    private static boolean lost(SQLException e) {
        return e.getErrorCode() <= 0
                && e.getSQLState() != null
                && e.getSQLState().startsWith("08");
    }

    /** What became of a statement that was answered so. */
    Fate fate() {
        return switch (this) {
            case NOT_RUN, TURNED_AWAY, SESSION_ENDED -> Fate.NOT_RUN;
            case OUTCOME_UNKNOWN, CONNECTION_LOST, HUNG, UNDOCUMENTED -> Fate.UNKNOWN;
        };
    }

    /** Whether the session can be used on. */
    boolean keepsSession() {
        return this == NOT_RUN;
    }
}
