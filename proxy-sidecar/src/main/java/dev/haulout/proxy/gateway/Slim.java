package dev.haulout.proxy.gateway;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.PowerWish;
import dev.haulout.proxy.wake.pod.SeenPod;
import dev.haulout.proxy.wake.pod.Sighting;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Takes from what the API tells that little which a gateway keeps: thousands of instances have to fit into its memory. */
final class Slim {
    private static final String CONTAINER = "mariadb";

    private Slim() {}

    /** Which object in which version, and nothing of it. */
    static ObjectMeta metadata(HasMetadata object) {
        ObjectMeta whole = object.getMetadata();
        return new ObjectMetaBuilder()
                .withNamespace(whole.getNamespace())
                .withName(whole.getName())
                .withUid(whole.getUid())
                .withResourceVersion(whole.getResourceVersion())
                .build();
    }

    /** What of an instance's status is news to this gateway. */
    static MariaDBInstanceStatus status(MariaDBInstance instance) {
        MariaDBInstanceStatus whole = instance.getStatus();
        if (whole == null) {
            whole = MariaDBInstanceStatus.EMPTY;
        }
        LastWake wake = whole.lastWake();
        return new MariaDBInstanceStatus(
                null,
                whole.phase(),
                null,
                null,
                null,
                faults(whole),
                whole.door(),
                whole.demand(),
                whole.served(),
                whole.drain(),
                null,
                whole.pod(),
                wake == null
                        ? null
                        : new LastWake(wake.demand(), null, null, wake.outcome(), wake.message(), null, null),
                null,
                null,
                null,
                null,
                null);
    }

    /** Those conditions alone that tell what is in the way of its server, of which mostly there is none. */
    private static List<Condition> faults(MariaDBInstanceStatus whole) {
        return whole.conditions() == null
                ? null
                : whole.conditions().stream().filter(Sighting::isObstacle).toList();
    }

    /** Why nobody may wake it, if so: the end of a sentence that tells it could not be woken. */
    static Optional<String> down(MariaDBInstanceSpec spec) {
        if (spec.power() == PowerWish.SUSPENDED) {
            return Optional.of("it is suspended; whoever runs it may set spec.power to Auto");
        }
        return Integer.valueOf(0).equals(spec.replicas())
                ? Optional.of("it is suspended; whoever runs it may set spec.replicas to 1")
                : Optional.empty();
    }

    /** The uid of the instance that controls an object, as it says itself; empty when none does. */
    static Optional<String> owner(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController())
                        && owner.getKind().equals("MariaDBInstance"))
                .map(OwnerReference::getUid)
                .findFirst();
    }

    /** An instance's pod. */
    static SeenPod pod(Pod pod) {
        Optional<ContainerStatus> container = pod.getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(CONTAINER))
                .findFirst();
        return new SeenPod(
                pod.getMetadata().getUid(),
                Optional.ofNullable(pod.getStatus().getPodIP())
                        .filter(text -> !text.isEmpty())
                        .map(InetAddress::ofLiteral),
                container.map(ContainerStatus::getRestartCount).orElse(0),
                container.flatMap(Slim::ended).or(() -> ended(pod.getStatus().getPhase())),
                pod.getMetadata().getDeletionTimestamp() != null);
    }

    private static Optional<String> ended(ContainerStatus status) {
        ContainerState now = status.getState();
        if (now == null || now.getRunning() != null) {
            return Optional.empty();
        }
        ContainerState before = status.getLastState();
        boolean waitsToRunAgain = now.getTerminated() == null && before != null && before.getTerminated() != null;
        var terminated = waitsToRunAgain ? before.getTerminated() : now.getTerminated();
        return Optional.ofNullable(terminated)
                .map(end -> "exited with status " + end.getExitCode()
                        + (end.getReason() == null ? "" : " (" + end.getReason() + ")"));
    }

    private static Optional<String> ended(String podPhase) {
        return "Succeeded".equals(podPhase) || "Failed".equals(podPhase) ? Optional.of("has ended") : Optional.empty();
    }
}
