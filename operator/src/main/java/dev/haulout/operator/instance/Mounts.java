package dev.haulout.operator.instance;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** Why a pod's volumes are not mounted: only Events tell, so they are asked when a pod takes long to start. */
final class Mounts {
    private static final Duration LONG = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final Clock clock;

    Mounts(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    Optional<Trouble> trouble(Pod pod) {
        Instant made = Instant.parse(pod.getMetadata().getCreationTimestamp());
        boolean waits = pod.getSpec().getNodeName() != null && clock.instant().isAfter(made.plus(LONG));
        if (!waits) {
            return Optional.empty();
        }
        return client
                .v1()
                .events()
                .inNamespace(pod.getMetadata().getNamespace())
                .withField("involvedObject.uid", pod.getMetadata().getUid())
                .list()
                .getItems()
                .stream()
                .filter(event ->
                        "FailedMount".equals(event.getReason()) || "FailedAttachVolume".equals(event.getReason()))
                .max(Comparator.comparing(Mounts::when))
                .map(Mounts::trouble);
    }

    private static String when(Event event) {
        return event.getLastTimestamp() == null ? "" : event.getLastTimestamp();
    }

    private static Trouble trouble(Event event) {
        String message = event.getMessage() == null ? event.getReason() : event.getMessage();
        boolean secret =
                message.contains("secret") && (message.contains("not found") || message.contains("non-existent"));
        return secret
                ? new Trouble(FailureReason.SECRET_MISSING, message + "; create it again", true)
                : new Trouble(FailureReason.VOLUME_PENDING, message, false);
    }
}
