package dev.haulout.operator.instance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.operator.certificate.KeyedCertificate;
import dev.haulout.operator.desired.Desired;
import dev.haulout.operator.desired.GatewayPod;
import dev.haulout.operator.desired.VolumeAccess;
import dev.haulout.operator.gateways.WriteLimit;
import dev.haulout.operator.server.FirstLearned;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Makes everything an instance needs but its pod. */
final class Furnishing {
    /** When the server's certificate is to be made anew. Kept here since its Secret is not to be read. */
    private static final String RENEW_AT = "haulout.dev/renew-certificate-at";

    /** Globals that were changed when the server last fell asleep, as JSON. */
    private static final String GLOBALS = "haulout.dev/changed-globals";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(OwnedObjects.FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final OwnedObjects objects;
    private final ReleaseSecrets secrets;
    private final FirstLearned learned;
    private final Clock clock;
    private final WriteLimit sliceWrites = new WriteLimit(100, System::nanoTime);
    private final Set<String> slicesUnderWay = ConcurrentHashMap.newKeySet();

    Furnishing(
            KubernetesClient client, OwnedObjects objects, ReleaseSecrets secrets, FirstLearned learned, Clock clock) {
        this.client = client;
        this.objects = objects;
        this.secrets = secrets;
        this.learned = learned;
        this.clock = clock;
    }

    /** Whether a pod finds all it needs. */
    boolean isInPlace(MariaDBInstance instance) {
        var names = Desired.names(instance);
        return instance.getStatus() != null
                && instance.getStatus().door() != null
                && objects.seen(PersistentVolumeClaim.class, names.namespace(), names.volume())
                        .isPresent()
                && objects.seen(ConfigMap.class, names.namespace(), names.serverConfigMap())
                        .isPresent();
    }

    /**
     * Makes what is not as it is to be.
     *
     * @param changedGlobals globals that the server was just found to have changed
     * @param isNew whether it was never furnished before: only then are Secrets made
     * @return why the volume can't grow as it is to; empty when it is as large, or grows
     * @throws IOException when what is known of it at first can't be kept
     */
    Optional<Trouble> furnish(
            MariaDBInstance instance, Desired desired, Optional<Map<String, String>> changedGlobals, boolean isNew)
            throws IOException {
        if (isNew) {
            makeSecrets(instance, desired);
        }
        Optional<Trouble> tooSmall = claim(desired);
        objects.apply(ConfigMap.class, serverFiles(instance, desired, changedGlobals));
        objects.apply(ConfigMap.class, desired.authority(secrets.authorityPem()));
        objects.apply(Service.class, desired.service());
        objects.apply(Service.class, desired.podService());
        objects.apply(PodDisruptionBudget.class, desired.disruptionBudget(true));
        objects.apply(NetworkPolicy.class, desired.networkPolicy());
        return tooSmall;
    }

    private Optional<Trouble> claim(Desired desired) {
        try {
            objects.apply(PersistentVolumeClaim.class, desired.volume(access(desired)));
            return Optional.empty();
        } catch (KubernetesClientException e) {
            Optional<Trouble> tooSmall = VolumeGrowth.refused(
                    e,
                    desired,
                    objects.seen(
                            PersistentVolumeClaim.class,
                            desired.names().namespace(),
                            desired.names().volume()));
            if (tooSmall.isEmpty()) {
                throw e;
            }
            return tooSmall;
        }
    }

    private void makeSecrets(MariaDBInstance instance, Desired desired) throws IOException {
        String namespace = instance.getMetadata().getNamespace();
        String name = instance.getMetadata().getName();
        create(desired.rootPassword(secrets.password("root", namespace, name)));
        Optional<String> password = Optional.empty();
        if (desired.generatesUserPassword()) {
            password = Optional.of(secrets.password("user", namespace, name));
            create(desired.userPassword(password.get()));
            create(desired.application(password.get()));
        }
        String token =
                secrets.password("announce", namespace, instance.getMetadata().getUid());
        create(desired.announceToken(token));
        learned.keep(instance, token, password);
    }

    /** Never in place of what is there. */
    private void create(Secret secret) {
        try {
            var _ = client.resource(secret).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    private VolumeAccess access(Desired desired) {
        boolean onePod = objects.seen(
                        PersistentVolumeClaim.class,
                        desired.names().namespace(),
                        desired.names().volume())
                .filter(claim -> claim.getSpec().getAccessModes().contains(VolumeAccess.ONE_POD.mode()))
                .isPresent();
        return onePod ? VolumeAccess.ONE_POD : VolumeAccess.ONE_NODE;
    }

    private ConfigMap serverFiles(
            MariaDBInstance instance, Desired desired, Optional<Map<String, String>> changedGlobals) {
        Map<String, String> before = objects.seen(
                        ConfigMap.class,
                        desired.names().namespace(),
                        desired.names().serverConfigMap())
                .map(map -> map.getMetadata().getAnnotations())
                .orElse(Map.of());
        Map<String, String> globals =
                new TreeMap<>(changedGlobals.orElseGet(() -> globals(before.get(GLOBALS), desired)));
        String renewAt = before.get(RENEW_AT);
        if (renewAt == null || !clock.instant().isBefore(Instant.parse(renewAt))) {
            renewAt = renewCertificate(instance, desired, renewAt == null).toString();
        }
        ConfigMap files = desired.serverFiles(globals);
        Map<String, String> annotations = new HashMap<>();
        if (files.getMetadata().getAnnotations() != null) {
            annotations.putAll(files.getMetadata().getAnnotations());
        }
        annotations.put(RENEW_AT, renewAt);
        annotations.put(GLOBALS, text(globals));
        files.getMetadata().setAnnotations(annotations);
        return files;
    }

    /**
     * The first one is created, and never in place of what is there; later ones replace it. A server that runs shows its
     * new certificate from its next start on: there are months left.
     */
    private Instant renewCertificate(MariaDBInstance instance, Desired desired, boolean first) {
        KeyedCertificate made = secrets.authority()
                .issueServer(instance.getMetadata().getUid(), desired.names().hosts());
        Secret wanted = desired.serverCertificate(made, secrets.authorityPem());
        if (first) {
            create(wanted);
        } else {
            var _ = client.resource(wanted).patch(APPLY);
        }
        Instant begin = made.certificate().getNotBefore().toInstant();
        Instant end = made.certificate().getNotAfter().toInstant();
        return end.minus(Duration.between(begin, end).dividedBy(3));
    }

    private static Map<String, String> globals(String json, Desired desired) {
        if (json == null) {
            return Map.of();
        }
        try {
            return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "annotation " + GLOBALS + " of ConfigMap " + desired.names().namespace() + "/"
                            + desired.names().serverConfigMap() + " is not ours; delete the ConfigMap",
                    e);
        }
    }

    private static String text(Map<String, String> globals) {
        try {
            return JSON.writeValueAsString(globals);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts can be written as JSON", e);
        }
    }

    /**
     * Leads the Service to these gateways. Returns at once: such writes come in thousands when a gateway comes or goes,
     * and are spaced.
     */
    void lead(Desired desired, int doorPort, Collection<GatewayPod> gateways) {
        List<EndpointSlice> wanted = desired.endpointSlices(doorPort, gateways);
        Set<String> names =
                wanted.stream().map(slice -> slice.getMetadata().getName()).collect(Collectors.toSet());
        String key = desired.names().namespace() + "/" + desired.names().instance();
        List<EndpointSlice> superfluous = objects.all(EndpointSlice.class).stream()
                .filter(slice -> slice.getMetadata()
                                .getNamespace()
                                .equals(desired.names().namespace())
                        && desired.names()
                                .service()
                                .equals(slice.getMetadata().getLabels().get("kubernetes.io/service-name"))
                        && !names.contains(slice.getMetadata().getName()))
                .toList();
        boolean changed = !superfluous.isEmpty()
                || wanted.stream().anyMatch(slice -> !objects.stands(EndpointSlice.class, slice));
        if (changed && slicesUnderWay.add(key)) {
            Duration wait = sliceWrites.place();
            Thread.startVirtualThread(() -> {
                try {
                    Thread.sleep(wait);
                    wanted.forEach(slice -> objects.apply(EndpointSlice.class, slice));
                    superfluous.forEach(slice -> client.resource(slice).delete());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    slicesUnderWay.remove(key);
                }
            });
        }
    }
}
