package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Demand;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One instance at one moment: all that a decision rests on.
 *
 * @param wish what its owner wants
 * @param window until when a window of its owner's keeps it awake, in words; empty outside of any
 * @param event which EVENT of its server it is to be awake for now, in words; empty for none
 * @param initialiseAtOnce whether its data directory is made before anybody needs it
 * @param wakeDeadline how long a client waits for it
 * @param status as it stands; never null
 * @param pod the server's pod
 * @param outdated whether the pod was made for an earlier spec
 * @param restart whether its server is to make room for another
 * @param greetsOtherwise whether its next server may greet otherwise than the one that was asked last
 * @param gateways the live gateways, name to address
 * @param memory what this process knows
 * @param line its place among those that are to start; empty when it is its turn, or it is not to
 */
record Observed(
        Wish wish,
        Optional<String> window,
        Optional<String> event,
        boolean initialiseAtOnce,
        Duration wakeDeadline,
        MariaDBInstanceStatus status,
        PodView pod,
        boolean outdated,
        Restart restart,
        boolean greetsOtherwise,
        Map<String, String> gateways,
        Memory memory,
        Optional<WakeLine.Place> line) {
    Observed {
        gateways = Map.copyOf(gateways);
    }

    /** The same at that place in the line. */
    Observed at(Optional<WakeLine.Place> place) {
        return new Observed(
                wish,
                window,
                event,
                initialiseAtOnce,
                wakeDeadline,
                status,
                pod,
                outdated,
                restart,
                greetsOtherwise,
                gateways,
                memory,
                place);
    }

    /** Whether its server is to be started as soon as it is its turn. */
    boolean isToStart() {
        return pod instanceof PodView.Absent
                && wantsServer()
                && !memory.retryIn().isPositive();
    }

    /** Whether its server is starting, and nothing is known to be in its way. */
    boolean isStarting() {
        return (pod instanceof PodView.Starting starting && starting.trouble().isEmpty())
                || (pod instanceof PodView.Running running && !answers(running));
    }

    Phase phase() {
        return status.phase() == null ? Phase.PENDING : status.phase();
    }

    boolean initialised() {
        return Boolean.TRUE.equals(status.initialised());
    }

    /** The demand that nobody has met yet. */
    Optional<Demand> openDemand() {
        Demand demand = status.demand();
        return demand == null || demand.id() == null || demand.id().equals(status.served())
                ? Optional.empty()
                : Optional.of(demand);
    }

    /** Epoch of the last drain; 0 before the first. */
    long epoch() {
        return status.drain() == null || status.drain().epoch() == null
                ? 0
                : status.drain().epoch();
    }

    /** How far the last drain is; empty before the first. */
    Optional<Drain.State> drain() {
        return Optional.ofNullable(status.drain()).map(Drain::state);
    }

    /** What that gateway says; all null when it says nothing. */
    GatewayReport report(String gateway) {
        GatewayReport report = reports().get(gateway);
        return report == null ? GatewayReport.NONE : report;
    }

    Map<String, GatewayReport> reports() {
        return status.gateways() == null ? Map.of() : status.gateways();
    }

    /** Why it is awake when its owner {@link Wish#AWAKE wants it so}. */
    String awakeWhy() {
        return window.map(end -> "spec.sleep.keepAwake until " + end).orElse("spec.power is Awake");
    }

    /** Whether it is to be awake now. */
    boolean wantsServer() {
        return switch (wish) {
            case SUSPENDED -> false;
            case AWAKE -> true;
            case AUTO -> openDemand().isPresent() || event.isPresent() || wantsInitialisation() || wantsToBeLearnt();
        };
    }

    /** Whether it is started to learn what it greets with, though nobody needs it. */
    boolean wantsToBeLearnt() {
        return greetsOtherwise && initialised();
    }

    /** Whether its data directory is to be made though nobody needs it yet. */
    boolean wantsInitialisation() {
        return initialiseAtOnce && !initialised();
    }

    /** Whether that server is known to answer statements: by this process, or by the status it took over. */
    boolean answers(PodView.Running server) {
        return memory.answers()
                .map(server.which()::equals)
                .orElseGet(() -> isToldToAnswer(server.which().uid()));
    }

    /** Whether a server that ran in this pod is known to have answered statements. */
    boolean hasAnsweredIn(String pod) {
        return memory.answers().map(which -> which.uid().equals(pod)).orElseGet(() -> isToldToAnswer(pod));
    }

    private boolean isToldToAnswer(String pod) {
        boolean told = phase() == Phase.AWAKE
                || phase() == Phase.FALLING_ASLEEP
                || (phase() == Phase.INITIALISING && initialised());
        return told && status.pod() != null && pod.equals(status.pod().uid());
    }

    /** Whether that server takes the word of the live gateways, and of nobody else. */
    boolean trustsTheGateways(PodView.Running server) {
        return memory.trusted()
                .filter(trusted -> trusted.which().equals(server.which())
                        && trusted.gateways().equals(gateways))
                .isPresent();
    }
}
