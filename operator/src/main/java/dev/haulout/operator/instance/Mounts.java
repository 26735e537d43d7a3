package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.operator.desired.Desired;
import dev.haulout.operator.desired.Names;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why a pod's volumes are not mounted: only Events tell, so they are asked when a pod takes long to start. */
final class Mounts {
    private static final Duration LONG = Duration.ofSeconds(5);

    /** As the kubelet puts it. */
    private static final Pattern NO_SECRET = Pattern.compile("secret \"(?<name>[^\"]+)\" not found");

    private static final Pattern NO_KEY = Pattern.compile("non-existent secret key: (?<key>[-._a-zA-Z0-9]+)");

    private final KubernetesClient client;
    private final Clock clock;

    Mounts(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    Optional<Trouble> trouble(Pod pod, MariaDBInstance instance) {
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
                .map(event -> trouble(event, instance));
    }

    private static String when(Event event) {
        return event.getLastTimestamp() == null ? "" : event.getLastTimestamp();
    }

    /** What such an Event says. */
    static Trouble trouble(Event event, MariaDBInstance instance) {
        String message = event.getMessage() == null ? event.getReason() : event.getMessage();
        Matcher noSecret = NO_SECRET.matcher(message);
        if (noSecret.find()) {
            return secretMissing(noSecret.group("name"), instance);
        }
        Matcher noKey = NO_KEY.matcher(message);
        if (noKey.find()) {
            return keyMissing(noKey.group("key"), instance);
        }
        return new Trouble(
                FailureReason.VOLUME_PENDING,
                "its volume is not mounted: " + message + "; look at its PersistentVolumeClaim and the pod's node",
                false);
    }

    private static Trouble secretMissing(String name, MariaDBInstance instance) {
        Names names = Desired.names(instance);
        Set<String> made = Set.of(names.announceSecret(), names.rootSecret(), names.userSecret());
        boolean certificate = name.startsWith(names.tlsSecret(1));
        boolean given = instance.getSpec().passwordSecret() != null
                && name.equals(instance.getSpec().passwordSecret().name());
        if ((made.contains(name) || certificate) && !given) {
            return new Trouble(
                    FailureReason.SECRET_MISSING,
                    "Secret " + name + " was deleted and is being made again; leave it to Haulout",
                    false);
        }
        return new Trouble(
                FailureReason.SECRET_MISSING,
                "there is no Secret " + name + " in namespace "
                        + instance.getMetadata().getNamespace()
                        + "; create it, or name another in spec.passwordSecret.name",
                true);
    }

    private static Trouble keyMissing(String key, MariaDBInstance instance) {
        var given = instance.getSpec().passwordSecret();
        return new Trouble(
                FailureReason.SECRET_MISSING,
                given != null && key.equals(given.key())
                        ? "Secret " + given.name() + " has no key " + key
                                + "; add it, or name another in spec.passwordSecret.key"
                        : "a Secret of its pod has no key " + key
                                + "; delete the Secret of the instance that lacks it, and Haulout makes it again",
                true);
    }
}
