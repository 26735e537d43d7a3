package dev.haulout.operator.instance;

import java.util.Optional;

/** How the server's pod was seen. */
sealed interface PodView {

    /** There is none. */
    record Absent() implements PodView {}

    /**
     * It is there, and no server runs in it yet, or none runs again yet.
     *
     * @param uid of the pod
     * @param ranBefore whether a server has run in it
     * @param trouble what is in the way
     */
    record Starting(String uid, boolean ranBefore, Optional<Trouble> trouble) implements PodView {}

    /**
     * A server runs in it.
     *
     * @param which tells this run of the server from any other
     * @param ip of the pod; empty while the node has not told it
     */
    record Running(Incarnation which, Optional<String> ip) implements PodView {}

    /**
     * Its server ended and won't be started again.
     *
     * @param uid of the pod
     * @param trouble why, unless it ended as it should
     */
    record Ended(String uid, Optional<Trouble> trouble) implements PodView {}

    /**
     * It is being deleted.
     *
     * @param uid of the pod
     * @param trouble why that does not come to an end
     */
    record Leaving(String uid, Optional<Trouble> trouble) implements PodView {}

    /**
     * One run of a server.
     *
     * @param uid of the pod
     * @param restarts how often the container was started again before
     */
    record Incarnation(String uid, int restarts) {}
}
