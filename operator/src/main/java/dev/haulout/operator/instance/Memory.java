package dev.haulout.operator.instance;

import dev.haulout.operator.instance.PodView.Incarnation;
import dev.haulout.proxy.wake.DueEvent;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What this operator process knows of an instance beside the API. A new leader knows nothing of it, so nothing may depend
 * on it but how soon and how often something is done.
 *
 * @param working whether a piece of long work is under way for it
 * @param answers the server that answered statements
 * @param trusted the gateways whose addresses were set in that server, name to addresses; empty when not known
 * @param clearance what the server said when asked whether it may stop
 * @param saidShutdown the server that was told to shut down
 * @param workTrouble why the last piece of work failed
 * @param retryIn how long to let pass before a failed step is tried again
 * @param restartIn how long to let pass before a server that is used is tried to be started again
 * @param drainAge for how long this process has seen the present drain requested
 * @param demandAge for how long it has seen the present demand open
 */
record Memory(
        boolean working,
        Optional<Incarnation> answers,
        Optional<Trusted> trusted,
        Optional<Clearance> clearance,
        Optional<Incarnation> saidShutdown,
        Optional<String> workTrouble,
        Duration retryIn,
        Duration restartIn,
        Duration drainAge,
        Duration demandAge) {

    /** What a process knows that has only just begun. */
    static final Memory NONE = new Memory(
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO);

    /**
     * Whose PROXY headers a server takes.
     *
     * @param which the server
     * @param gateways name to address; none when it is fenced
     */
    record Trusted(Incarnation which, Map<String, String> gateways) {
        Trusted {
            gateways = Map.copyOf(gateways);
        }
    }

    /**
     * What a server said when it was asked whether it may stop, with all gateways fenced out.
     *
     * @param epoch of the drain
     * @param busy who or what uses it; empty when nobody does
     * @param nextEvent what its event scheduler is to do next, as far as known
     */
    record Clearance(long epoch, Optional<String> busy, Optional<DueEvent> nextEvent) {}
}
