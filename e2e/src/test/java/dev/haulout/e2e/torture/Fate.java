package dev.haulout.e2e.torture;

/** What a client may believe of a row after the answer, or the silence, that it got. */
public enum Fate {
    /** The server said OK: the row is there, once. */
    ACKNOWLEDGED,
    /** The error said that nothing ran, or the transaction's COMMIT was never sent: the row is not there. */
    NOT_RUN,
    /** The answer was lost: the row is there at most once. */
    UNKNOWN
}
