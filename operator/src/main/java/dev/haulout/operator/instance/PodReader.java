package dev.haulout.operator.instance;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads from a pod how its server is, and what is in its way. */
final class PodReader {
    /** How long past its grace a deleted pod may stay before its node counts as unreachable. */
    private static final Duration NODE_PATIENCE = Duration.ofSeconds(30);

    /** A server that ends this soon after its start, and had ended before, is in a crash loop. */
    private static final Duration SHORT_RUN = Duration.ofSeconds(60);

    /** The server, InnoDB and the image's entrypoint each have words of their own for ENOSPC, which is 28. */
    private static final Pattern FULL = Pattern.compile(
            "no space left on device|disk full|err(?:or|no|code)?:? (?:number )?28\\b", Pattern.CASE_INSENSITIVE);

    /** More would not fit a condition well. */
    private static final int LAST_LINES = 1500;

    private final Instant now;

    PodReader(Instant now) {
        this.now = now;
    }

    /**
     * @param pod as the API shows it, null when there is none
     * @param volume the claim of its data directory, null when there is none
     */
    PodView read(Pod pod, PersistentVolumeClaim volume) {
        if (pod == null) {
            return new PodView.Absent();
        }
        String uid = pod.getMetadata().getUid();
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return new PodView.Leaving(uid, lostNode(pod));
        }
        if ("Succeeded".equals(status.getPhase())) {
            return new PodView.Ended(uid, Optional.empty());
        }
        if ("Failed".equals(status.getPhase())) {
            return new PodView.Ended(uid, Optional.of(failed(status)));
        }
        List<ContainerStatus> containers = status.getContainerStatuses();
        if (containers == null || containers.isEmpty()) {
            return new PodView.Starting(uid, false, unscheduled(status, volume));
        }
        return read(uid, status, containers.getFirst());
    }

    private static PodView read(String uid, PodStatus status, ContainerStatus server) {
        int restarts = server.getRestartCount() == null ? 0 : server.getRestartCount();
        ContainerState state = server.getState() == null ? new ContainerState() : server.getState();
        if (state.getRunning() != null) {
            return new PodView.Running(new PodView.Incarnation(uid, restarts), Optional.ofNullable(status.getPodIP()));
        }
        if (state.getTerminated() != null) {
            ContainerStateTerminated end = state.getTerminated();
            // restartPolicy OnFailure: after an end without error there is no other start
            return end.getExitCode() != null && end.getExitCode() == 0
                    ? new PodView.Ended(uid, Optional.empty())
                    : new PodView.Starting(
                            uid, true, restarts == 0 ? Optional.empty() : Optional.of(crashed(end, wasShort(end))));
        }
        boolean ranBefore = restarts > 0 || lastEnd(server) != null;
        return new PodView.Starting(uid, ranBefore, waiting(state.getWaiting(), server));
    }

    /** Whether a server ended before it was of use to anybody. Nodes tell of a crash loop only some seconds later. */
    private static boolean wasShort(ContainerStateTerminated end) {
        return end.getStartedAt() != null
                && end.getFinishedAt() != null
                && Duration.between(Instant.parse(end.getStartedAt()), Instant.parse(end.getFinishedAt()))
                                .compareTo(SHORT_RUN)
                        < 0;
    }

    private static Optional<Trouble> waiting(ContainerStateWaiting waiting, ContainerStatus server) {
        String reason = waiting == null || waiting.getReason() == null ? "" : waiting.getReason();
        String message = waiting == null || waiting.getMessage() == null ? reason : waiting.getMessage();
        return switch (reason) {
            case "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError" ->
                Optional.of(new Trouble(
                        FailureReason.IMAGE_PULL,
                        "image " + server.getImage() + " can't be had: " + message
                                + "; look at spec.version, spec.image and spec.pod.imagePullSecrets",
                        true));
            case "ErrImagePull" ->
                Optional.of(new Trouble(
                        FailureReason.IMAGE_PULL, "image " + server.getImage() + " can't be had: " + message, false));
            case "CreateContainerConfigError" ->
                Optional.of(new Trouble(FailureReason.SECRET_MISSING, message + "; create it again", true));
            case "CreateContainerError", "RunContainerError" ->
                Optional.of(new Trouble(FailureReason.CRASH_LOOP, "the server can't be started: " + message, true));
            case "CrashLoopBackOff" -> Optional.of(crashed(lastEnd(server), true));
            default -> Optional.empty();
        };
    }

    private static ContainerStateTerminated lastEnd(ContainerStatus server) {
        return server.getLastState() == null ? null : server.getLastState().getTerminated();
    }

    private static Trouble crashed(ContainerStateTerminated end, boolean again) {
        if (end == null) {
            return new Trouble(FailureReason.CRASH_LOOP, "the server ends again and again", true);
        }
        if ("OOMKilled".equals(end.getReason())) {
            return new Trouble(
                    FailureReason.CRASH_LOOP,
                    "the server was killed for lack of memory; raise spec.resources.limits.memory",
                    again);
        }
        String lines = end.getMessage() == null ? "" : end.getMessage().strip();
        String cut = lines.length() > LAST_LINES ? lines.substring(lines.length() - LAST_LINES) : lines;
        String shown = cut.isEmpty() ? "" : "\nIts last lines:\n" + cut;
        if (FULL.matcher(lines).find()) {
            return new Trouble(
                    FailureReason.DISK_FULL,
                    "the volume is full; raise spec.storage.size, or make room on it" + shown,
                    again);
        }
        return new Trouble(
                FailureReason.CRASH_LOOP,
                "the server ended with status " + end.getExitCode()
                        + LastLines.cause(lines).map(cause -> ": " + cause).orElse("") + shown,
                again);
    }

    private static Trouble failed(PodStatus status) {
        boolean evicted = "Evicted".equals(status.getReason());
        String message = status.getMessage() == null ? "its pod failed" : status.getMessage();
        return new Trouble(
                evicted ? FailureReason.EVICTED : FailureReason.CRASH_LOOP,
                evicted ? "its pod was evicted: " + message : message,
                false);
    }

    private static Optional<Trouble> unscheduled(PodStatus status, PersistentVolumeClaim volume) {
        return condition(status, "PodScheduled")
                .filter(scheduled ->
                        "False".equals(scheduled.getStatus()) && "Unschedulable".equals(scheduled.getReason()))
                .map(scheduled -> {
                    boolean unbound = volume == null
                            || volume.getStatus() == null
                            || !"Bound".equals(volume.getStatus().getPhase());
                    boolean forVolume = unbound
                            && scheduled.getMessage() != null
                            && scheduled.getMessage().contains("olume");
                    return forVolume
                            ? new Trouble(
                                    FailureReason.VOLUME_PENDING,
                                    "its volume is not there: " + bare(scheduled)
                                            + "; look at its PersistentVolumeClaim and spec.storage.class",
                                    false)
                            : new Trouble(
                                    FailureReason.UNSCHEDULABLE,
                                    "no node takes its pod: " + bare(scheduled)
                                            + "; lower spec.resources.requests, look at where spec.pod wants it, or add a node that has room",
                                    false);
                });
    }

    private static String bare(PodCondition condition) {
        String message = condition.getMessage() == null ? "" : condition.getMessage();
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    private Optional<Trouble> lostNode(Pod pod) {
        Instant end = Instant.parse(pod.getMetadata().getDeletionTimestamp());
        return now.isAfter(end.plus(NODE_PATIENCE))
                ? Optional.of(new Trouble(
                        FailureReason.NODE_UNREACHABLE,
                        "nothing is heard of the end of its pod on node "
                                + pod.getSpec().getNodeName()
                                + "; when that node is gone for good, delete it or taint it"
                                + " node.kubernetes.io/out-of-service",
                        false))
                : Optional.empty();
    }

    private static Optional<PodCondition> condition(PodStatus status, String type) {
        return status.getConditions() == null
                ? Optional.empty()
                : status.getConditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst();
    }
}
