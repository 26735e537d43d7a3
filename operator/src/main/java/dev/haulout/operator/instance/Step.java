package dev.haulout.operator.instance;

import java.time.Duration;
import java.util.Optional;

/** What is to be done next for one instance. */
sealed interface Step {

    /**
     * Make the server's pod.
     *
     * @param initialise whether its first act is to make the data directory
     * @param why for people
     */
    record CreatePod(boolean initialise, String why) implements Step {}

    /**
     * Wait, since as many servers are starting as may.
     *
     * @param initialise whether its first act would be to make the data directory
     */
    record AwaitTurn(WakeLine.Place place, boolean initialise) implements Step {
        private static final Duration NEAR = Duration.ofSeconds(5);
        private static final Duration FAR = Duration.ofMinutes(1);

        /** When to look again, and tell a better place: the less often, the further behind. */
        Duration recheck() {
            Duration wait = NEAR.multipliedBy(1 + place.number() / place.limit());
            return wait.compareTo(FAR) < 0 ? wait : FAR;
        }
    }

    /** Ask the server until it answers. Long work. */
    record AwaitServer(PodView.Running server) implements Step {}

    /** Tell that it is awake; an open demand is met. */
    record MarkAwake(PodView.Running server) implements Step {}

    /** Tell that the data directory is made. It sleeps next. */
    record MarkInitialised(PodView.Running server) implements Step {}

    /** Have the server take the word of the live gateways. Long work. */
    record Trust(PodView.Running server) implements Step {}

    /**
     * Ask every gateway to hold its sessions.
     *
     * @param epoch of the drain
     */
    record RequestDrain(long epoch) implements Step {}

    /** Have the gateways go on. */
    record CancelDrain(String why) implements Step {}

    /** Fence the gateways out, ask the server for anybody else, and learn all of it for the last time. Long work. */
    record AskServer(PodView.Running server, long epoch) implements Step {}

    /** Tell that the server is being stopped: there is no way back. */
    record CommitStop(long epoch) implements Step {}

    /** Say SHUTDOWN. Long work. */
    record StopServer(PodView.Running server) implements Step {}

    /**
     * Delete the pod.
     *
     * @param uid that and no other
     */
    record DeletePod(String uid, String why) implements Step {}

    /** Tell that it sleeps. */
    record MarkAsleep(String how) implements Step {}

    /** Tell that it is suspended. */
    record MarkSuspended() implements Step {}

    /** Tell whoever waits that the server does not come. */
    record FailDemand(Trouble trouble) implements Step {}

    /** Tell what is in the way. */
    record ReportFailure(Trouble trouble) implements Step {}

    /**
     * Nothing.
     *
     * @param recheck when to look again though nothing has happened; empty when there is no need
     */
    record Nothing(Optional<Duration> recheck) implements Step {
        static Nothing atAll() {
            return new Nothing(Optional.empty());
        }

        static Nothing until(Duration recheck) {
            return new Nothing(Optional.of(recheck));
        }
    }
}
