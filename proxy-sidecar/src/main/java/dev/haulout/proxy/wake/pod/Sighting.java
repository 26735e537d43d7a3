package dev.haulout.proxy.wake.pod;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Condition;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is known of an instance from outside at one moment.
 *
 * @param status the instance's
 * @param down why nobody may wake it, in words that end a sentence on it; empty when anybody may
 * @param pod its pod, empty while there is none
 * @param announced the address by which a pod has announced itself, unless that pod has ended since
 * @param closed whether the instance is gone from this proxy
 */
public record Sighting(
        MariaDBInstanceStatus status,
        Optional<String> down,
        Optional<SeenPod> pod,
        Optional<InetAddress> announced,
        boolean closed) {

    /** What is known of an instance of which nothing has been seen. */
    static final Sighting NOTHING =
            new Sighting(MariaDBInstanceStatus.EMPTY, Optional.empty(), Optional.empty(), Optional.empty(), false);

    /** The same with this status. */
    public Sighting with(MariaDBInstanceStatus status, Optional<String> down) {
        boolean ended = status.phase() == Phase.ASLEEP && this.status.phase() == Phase.FALLING_ASLEEP;
        return new Sighting(status, down, pod, ended ? Optional.empty() : announced, closed);
    }

    /** The same with this pod, or none; what an earlier pod has announced is forgotten. */
    public Sighting with(Optional<SeenPod> present) {
        boolean another = pod.isPresent() && !present.map(SeenPod::uid).equals(pod.map(SeenPod::uid));
        boolean itsAddress = another && announced.equals(pod.flatMap(SeenPod::address));
        return new Sighting(status, down, present, itsAddress ? Optional.empty() : announced, closed);
    }

    /** The same with a pod announced at this address, or none. */
    Sighting announced(Optional<InetAddress> address) {
        return new Sighting(status, down, pod, address, closed);
    }

    /** The same of an instance that is gone. */
    Sighting closedNow() {
        return new Sighting(status, down, pod, announced, true);
    }

    /** The demand that is neither met nor failed yet. */
    public Optional<String> openDemand() {
        return status.demand() == null || Objects.equals(status.demand().id(), status.served())
                ? Optional.empty()
                : Optional.of(status.demand().id());
    }

    /** Whether its server runs or is being started, and nobody is about to stop it: no demand is needed. */
    public boolean isComing() {
        return (status.phase() == Phase.WAKING || status.phase() == Phase.AWAKE) && !isDraining();
    }

    /** Whether gateways were asked to hold their sessions, and not yet told to go on. */
    public boolean isDraining() {
        return status.drain() != null
                && (status.drain().state() == Drain.State.REQUESTED
                        || status.drain().state() == Drain.State.STOPPING);
    }

    /** Whether it is down and nobody is starting it. */
    boolean isDown() {
        return status.phase() == Phase.ASLEEP || status.phase() == Phase.SUSPENDED;
    }

    /** Why that demand was not met, if so. */
    Optional<String> failureOf(String demand) {
        LastWake last = status.lastWake();
        return last != null
                        && last.outcome() == LastWake.Outcome.FAILED
                        && demand.equals(last.demand())
                        && demand.equals(status.served())
                ? Optional.of(last.message() == null ? "its server did not start" : firstLine(last.message()))
                : Optional.empty();
    }

    /** Whether a condition tells what is in the way of the server: what is wrong, or that others come first. */
    public static boolean isObstacle(Condition condition) {
        boolean wrong = "Degraded".equals(condition.getType());
        boolean waits = "Progressing".equals(condition.getType())
                && MariaDBInstanceStatus.IN_LINE.equals(condition.getReason());
        return (wrong || waits) && "True".equals(condition.getStatus());
    }

    /** What the operator has found to be in the way of its server. */
    Optional<String> obstacle() {
        return status.conditions() == null
                ? Optional.empty()
                : status.conditions().stream()
                        .filter(condition -> isObstacle(condition) && condition.getMessage() != null)
                        .map(condition -> firstLine(condition.getMessage()))
                        .findFirst();
    }

    /** What follows is the server's log, which is not for clients. */
    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }

    /** Where its server is or soon will be: where a pod says it is, and where the watch sees it. */
    List<InetAddress> addresses() {
        Optional<InetAddress> seen =
                pod.filter(it -> !it.leaving() && it.ended().isEmpty()).flatMap(SeenPod::address);
        return Stream.concat(announced.stream(), seen.stream()).distinct().toList();
    }
}
