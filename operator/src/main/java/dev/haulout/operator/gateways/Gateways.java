package dev.haulout.operator.gateways;

import dev.haulout.operator.desired.GatewayPod;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The release's gateways, as their Leases and pods tell. A Lease is named as the gateway's pod is. */
public final class Gateways implements AutoCloseable {
    /** The label of a gateway's Lease. */
    public static final String LEASE_LABEL = "haulout.dev/gateway";

    /** How long a Lease lasts that does not say. */
    private static final int USUAL_SECONDS = 15;

    private static final Duration EXPIRY_CHECK = Duration.ofSeconds(1);

    private final Liveness liveness = new Liveness(System::nanoTime);
    private final SharedIndexInformer<Lease> leases;
    private final SharedIndexInformer<Pod> pods;
    private final String namespace;
    private final Runnable changed;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("gateways").factory());
    private List<Gateway> told = List.of();

    private Gateways(KubernetesClient client, String namespace, Map<String, String> podLabels, Runnable changed) {
        this.namespace = namespace;
        this.changed = changed;
        this.leases = client.leases()
                .inNamespace(namespace)
                .withLabel(LEASE_LABEL)
                .runnableInformer(0)
                .addEventHandler(new LeaseEvents());
        this.pods = client.pods()
                .inNamespace(namespace)
                .withLabels(podLabels)
                .runnableInformer(0)
                .addEventHandler(new PodEvents());
    }

    /**
     * Begins to watch; returns when all that are there are known.
     *
     * @param namespace where the gateways run
     * @param podLabels labels that their pods have
     * @param changed called whenever {@link #live()} has changed; must not block
     */
    public static Gateways watch(
            KubernetesClient client, String namespace, Map<String, String> podLabels, Runnable changed) {
        Gateways gateways = new Gateways(client, namespace, podLabels, changed);
        gateways.pods.start().toCompletableFuture().join();
        gateways.leases.start().toCompletableFuture().join();
        long millis = EXPIRY_CHECK.toMillis();
        var _ = gateways.timer.scheduleWithFixedDelay(gateways::compare, millis, millis, TimeUnit.MILLISECONDS);
        return gateways;
    }

    /** Those whose Lease has not expired, by name. */
    public List<Gateway> live() {
        List<Gateway> live = new ArrayList<>();
        for (String name : liveness.live()) {
            Pod pod = pods.getIndexer().getByKey(namespace + "/" + name);
            live.add(
                    pod == null
                            ? new Gateway(new GatewayPod(name, List.of(), null), false)
                            : new Gateway(
                                    new GatewayPod(
                                            name, addresses(pod), pod.getSpec().getNodeName()),
                                    isReady(pod) && pod.getMetadata().getDeletionTimestamp() == null));
        }
        return live;
    }

    /** Whether what it watches is being watched. */
    public boolean isHealthy() {
        return leases.isWatching() && pods.isWatching();
    }

    private static List<String> addresses(Pod pod) {
        PodStatus status = pod.getStatus();
        return status == null || status.getPodIPs() == null
                ? List.of()
                : status.getPodIPs().stream().map(PodIP::getIp).toList();
    }

    private static boolean isReady(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    private void compare() {
        synchronized (this) {
            List<Gateway> now = live();
            if (now.equals(told)) {
                return;
            }
            told = now;
        }
        changed.run();
    }

    private void seen(Lease lease) {
        Integer seconds = lease.getSpec() == null ? null : lease.getSpec().getLeaseDurationSeconds();
        liveness.renewed(
                lease.getMetadata().getName(),
                lease.getMetadata().getResourceVersion(),
                Duration.ofSeconds(seconds == null ? USUAL_SECONDS : seconds));
        compare();
    }

    private final class LeaseEvents implements ResourceEventHandler<Lease> {
        @Override
        public void onAdd(Lease lease) {
            seen(lease);
        }

        @Override
        public void onUpdate(Lease before, Lease lease) {
            seen(lease);
        }

        @Override
        public void onDelete(Lease lease, boolean finalStateUnknown) {
            liveness.gone(lease.getMetadata().getName());
            compare();
        }
    }

    private final class PodEvents implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            compare();
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            compare();
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            compare();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        leases.stop();
        pods.stop();
    }
}
