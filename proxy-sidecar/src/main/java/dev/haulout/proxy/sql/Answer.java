package dev.haulout.proxy.sql;

import java.util.List;

/** What a door does with a client's command while the instance is asleep. */
public sealed interface Answer {

    /**
     * The proxy answers by itself.
     *
     * @param payloads the packets in order, without their four-byte headers; never empty
     * @param newView the session as the server would have it after the command
     * @param replay whether the command must be repeated on the backend after the wake, in its place among the others
     */
    record Packets(List<byte[]> payloads, SessionView newView, boolean replay) implements Answer {
        public Packets {
            payloads = List.copyOf(payloads);
        }
    }

    /**
     * Only the server can answer.
     *
     * @param reason why, for logs and status; says nothing of the statement's values
     */
    record Wake(String reason) implements Answer {}
}
