package dev.haulout.e2e.bench;

import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Very many instances that sleep, most of which never ran. */
final class Fleet implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final int CONNECT_MILLIS = 1_000;
    private static final int GREETING_MILLIS = 5_000;

    /** So many servers make their data directories at once. */
    private static final int AT_ONCE = 2;

    private final Cluster cluster;
    private final List<String> neverRan;
    private final List<String> ran;
    private final SharedIndexInformer<MariaDBInstance> seen;

    Fleet(Cluster cluster, int count, int initialised) {
        this.cluster = cluster;
        this.neverRan = names("sleeper", count);
        this.ran = names("sleeper-that-ran", initialised);
        this.seen = cluster.client()
                .resources(MariaDBInstance.class)
                .inNamespace(Cluster.NAMESPACE)
                .inform();
    }

    private static List<String> names(String prefix, int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> String.format(Locale.ROOT, "%s-%05d", prefix, number))
                .toList();
    }

    /** Applies those that run once, and waits until they sleep. */
    void initialise() {
        for (int from = 0; from < ran.size(); from += AT_ONCE) {
            List<String> batch = ran.subList(from, Math.min(from + AT_ONCE, ran.size()));
            batch.forEach(name -> cluster.apply(name, "  sleep: {after: 1s}"));
            batch.forEach(cluster::awaitAsleep);
        }
    }

    /** Applies those that never ran, and changes them when they are there. */
    void apply(Duration sleepAfter) {
        neverRan.forEach(name ->
                cluster.apply(name, "  initialise: OnFirstWake\n  sleep: {after: " + sleepAfter.toSeconds() + "s}"));
    }

    /** Waits until the status of every one tells of its latest spec that it sleeps, and where its door is. */
    void awaitReconciled() {
        await("all instances to be reconciled")
                .atMost(PATIENCE)
                .pollInterval(BETWEEN_LOOKS)
                .until(() -> seen.getStore().list().stream()
                                .filter(Fleet::isReconciled)
                                .count()
                        == neverRan.size() + ran.size());
    }

    private static boolean isReconciled(MariaDBInstance instance) {
        MariaDBInstanceStatus status = instance.getStatus();
        return status != null
                && status.phase() == Phase.ASLEEP
                && status.door() != null
                && instance.getMetadata().getGeneration().equals(status.observedGeneration());
    }

    /** Waits until every Service answers with a greeting. */
    void awaitDoors() {
        List<String> addresses = cluster.client().services().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(service -> neverRan.contains(service.getMetadata().getName())
                        || ran.contains(service.getMetadata().getName()))
                .map(service -> service.getSpec().getClusterIP())
                .toList();
        for (String address : addresses) {
            await("a greeting of " + address)
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .until(() -> greets(address));
        }
    }

    private static boolean greets(String address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, 3306), CONNECT_MILLIS);
            socket.setSoTimeout(GREETING_MILLIS);
            return socket.getInputStream().readNBytes(5).length == 5;
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits until every Service leads to these addresses and to no others. */
    void awaitSlices(Set<String> addresses) {
        await("all EndpointSlices to name " + addresses)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> slices().stream()
                        .allMatch(slice -> slice.getEndpoints().stream()
                                .flatMap(endpoint -> endpoint.getAddresses().stream())
                                .collect(Collectors.toSet())
                                .equals(addresses)));
    }

    private List<EndpointSlice> slices() {
        return cluster.client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(Cluster.NAMESPACE)
                .withLabel("endpointslice.kubernetes.io/managed-by", "haulout")
                .list()
                .getItems();
    }

    /**
     * Deletes them all, and waits until nothing of them is left. Their objects would go by themselves, but Kubernetes
     * takes its time with that: some twenty a second.
     */
    @Override
    public void close() {
        KubernetesClient client = cluster.client();
        client.resources(MariaDBInstance.class).inNamespace(Cluster.NAMESPACE).delete();
        await("the instances to be gone")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> seen.getStore().list().isEmpty());
        seen.stop();
        for (Class<? extends HasMetadata> kind : List.of(
                EndpointSlice.class,
                Service.class,
                ConfigMap.class,
                Secret.class,
                PodDisruptionBudget.class,
                NetworkPolicy.class)) {
            client.resources(kind)
                    .inNamespace(Cluster.NAMESPACE)
                    .withLabel("app.kubernetes.io/managed-by", "haulout")
                    .delete();
        }
        await("nothing to be left of the instances")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> slices().isEmpty() && claims().isEmpty());
    }

    private List<PersistentVolumeClaim> claims() {
        return cluster.client()
                .persistentVolumeClaims()
                .inNamespace(Cluster.NAMESPACE)
                .withLabel("app.kubernetes.io/managed-by", "haulout")
                .list()
                .getItems();
    }
}
