package dev.haulout.operator.instance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.operator.desired.AddressFamily;
import dev.haulout.operator.desired.Desired;
import dev.haulout.operator.desired.GatewayPod;
import dev.haulout.operator.desired.Names;
import dev.haulout.operator.desired.VolumeAccess;
import dev.haulout.operator.gateways.WriteLimit;
import dev.haulout.operator.server.FirstLearned;
import dev.haulout.proxy.certificate.KeyedCertificate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes everything an instance needs but its pod. */
final class Furnishing {
    /** Program and options of the server that was last asked what it greets with. */
    private static final String LEARNT = "haulout.dev/learnt-program";

    /** Globals that were changed when the server last fell asleep, as JSON. */
    private static final String GLOBALS = "haulout.dev/changed-globals";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final OwnedObjects objects;
    private final ReleaseSecrets secrets;
    private final FirstLearned learned;
    private final Clock clock;
    private final WriteLimit sliceWrites = new WriteLimit(100, System::nanoTime);
    /** When, by {@link System#nanoTime}, it is whose turn to have slices written. */
    private final Map<String, Long> sliceTurns = new ConcurrentHashMap<>();

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
                && Objects.equals(
                        instance.getStatus().observedGeneration(),
                        instance.getMetadata().getGeneration())
                && objects.seen(PersistentVolumeClaim.class, names.namespace(), names.volume())
                        .isPresent()
                && ServerCertificate.of(objects, names)
                        .filter(present -> !present.isDue(clock.instant()))
                        .isPresent();
    }

    /**
     * Makes what is not as it is to be.
     *
     * @param changedGlobals globals that the server was just found to have changed
     * @param learnt program and options of the server that was just asked what it greets with
     * @param secretsToo whether Secrets that are not there are made too. They can't be read, so that is known only of an
     *     instance that was never furnished before, and of one whose pod waits for one
     * @return why the volume that is there can't become what the spec says; nothing else waits for that
     * @throws IOException when what is known of it at first can't be kept
     * @throws NameTakenException when something is there already under a name that it needs
     */
    Optional<Trouble> furnish(
            MariaDBInstance instance,
            Desired desired,
            Optional<Map<String, String>> changedGlobals,
            Optional<String> learnt,
            boolean secretsToo)
            throws IOException, NameTakenException {
        if (secretsToo) {
            makeSecrets(instance, desired);
        }
        Optional<Trouble> volume = volume(instance, desired);
        objects.apply(instance, ConfigMap.class, serverFiles(instance, desired, changedGlobals, learnt));
        objects.apply(instance, ConfigMap.class, desired.authority(secrets.authorityPem()));
        objects.apply(instance, Service.class, desired.service());
        objects.apply(instance, Service.class, desired.podService());
        objects.apply(instance, PodDisruptionBudget.class, desired.disruptionBudget(true));
        objects.apply(instance, NetworkPolicy.class, desired.networkPolicy());
        return volume;
    }

    /** One that is there can be used as it is, be it smaller or of another class than the spec says by now. */
    private Optional<Trouble> volume(MariaDBInstance instance, Desired desired) throws NameTakenException {
        try {
            objects.apply(instance, PersistentVolumeClaim.class, desired.volume(access(desired)));
            return Optional.empty();
        } catch (KubernetesClientException e) {
            Optional<PersistentVolumeClaim> there = objects.seen(
                    PersistentVolumeClaim.class,
                    desired.names().namespace(),
                    desired.names().volume());
            if (there.isEmpty() || !Refusal.isForGood(e)) {
                throw e;
            }
            return Optional.of(VolumeGrowth.refused(there.get(), desired, Refusal.message(e)));
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
        // else the first one is made with the ConfigMap that tells when to renew it
        ServerCertificate.of(objects, desired.names()).ifPresent(present -> issue(instance, desired, present.number()));
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
            MariaDBInstance instance,
            Desired desired,
            Optional<Map<String, String>> changedGlobals,
            Optional<String> learnt) {
        Map<String, String> before = objects.seen(
                        ConfigMap.class,
                        desired.names().namespace(),
                        desired.names().serverConfigMap())
                .map(map -> map.getMetadata().getAnnotations())
                .orElse(Map.of());
        Map<String, String> globals =
                new TreeMap<>(changedGlobals.orElseGet(() -> globals(before.get(GLOBALS), desired)));
        Optional<ServerCertificate> present = ServerCertificate.of(before);
        ServerCertificate certificate = present.filter(there -> !there.isDue(clock.instant()))
                .orElseGet(() -> ServerCertificate.made(
                        issue(
                                instance,
                                desired,
                                present.map(ServerCertificate::number).orElse(0) + 1),
                        present));
        ConfigMap files = desired.serverFiles(globals);
        Map<String, String> annotations = new HashMap<>();
        if (files.getMetadata().getAnnotations() != null) {
            annotations.putAll(files.getMetadata().getAnnotations());
        }
        annotations.putAll(certificate.annotations());
        annotations.put(GLOBALS, text(globals));
        learnt.or(() -> Optional.ofNullable(before.get(LEARNT))).ifPresent(program -> annotations.put(LEARNT, program));
        files.getMetadata().setAnnotations(annotations);
        return files;
    }

    /** Whether a server of another program or with other options was the last that was asked what it greets with. */
    boolean greetsOtherwise(Desired desired) {
        return objects.seen(
                        ConfigMap.class,
                        desired.names().namespace(),
                        desired.names().serverConfigMap())
                .map(files -> files.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(LEARNT))
                .filter(learnt -> !learnt.equals(desired.program()))
                .isPresent();
    }

    /** Makes a certificate, and its Secret where that is not there. Servers show it from their next start on. */
    private KeyedCertificate issue(MariaDBInstance instance, Desired desired, int number) {
        KeyedCertificate made = secrets.authority()
                .issueServer(instance.getMetadata().getUid(), desired.names().hosts());
        create(desired.serverCertificate(number, made, secrets.authorityPem()));
        return made;
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
     * Leads the Service to these gateways, when it is its turn: such writes come in thousands when a gateway comes or
     * goes, and are spaced. Who comes when it is writes what is right by then.
     *
     * @return how long until its turn; empty when all is as it is to be
     */
    Optional<Duration> lead(MariaDBInstance instance, Desired desired, int doorPort, Collection<GatewayPod> gateways)
            throws NameTakenException {
        Names names = desired.names();
        String key = names.namespace() + "/" + names.instance();
        List<EndpointSlice> wanted = desired.endpointSlices(doorPort, gateways).stream()
                .filter(slice -> !objects.stands(EndpointSlice.class, slice))
                .toList();
        for (EndpointSlice slice : wanted) {
            objects.claim(instance, EndpointSlice.class, slice);
        }
        List<EndpointSlice> superfluous = superfluous(instance, desired, doorPort, gateways);
        if (wanted.isEmpty() && superfluous.isEmpty()) {
            sliceTurns.remove(key);
            return Optional.empty();
        }
        long now = System.nanoTime();
        long turn = sliceTurns.computeIfAbsent(
                key, unused -> now + sliceWrites.place().toNanos());
        if (turn - now > 0) {
            return Optional.of(Duration.ofNanos(turn - now));
        }
        sliceTurns.remove(key);
        for (EndpointSlice slice : wanted) {
            objects.apply(instance, EndpointSlice.class, slice);
        }
        superfluous.forEach(slice -> client.resource(slice).delete());
        return Optional.empty();
    }

    /** Those of a family that no gateway has an address of any more. */
    private List<EndpointSlice> superfluous(
            MariaDBInstance instance, Desired desired, int doorPort, Collection<GatewayPod> gateways) {
        Set<String> wanted = desired.endpointSlices(doorPort, gateways).stream()
                .map(slice -> slice.getMetadata().getName())
                .collect(Collectors.toSet());
        return Stream.of(AddressFamily.values())
                .map(desired.names()::endpointSlice)
                .filter(name -> !wanted.contains(name))
                .flatMap(name ->
                        objects.seen(EndpointSlice.class, desired.names().namespace(), name).stream())
                .filter(slice -> OwnedObjects.isOf(instance, slice))
                .toList();
    }

    /** The instance is gone. */
    void forget(MariaDBInstance gone) {
        Names names = Desired.names(gone);
        sliceTurns.remove(names.namespace() + "/" + names.instance());
    }
}
