package dev.haulout.e2e.cluster;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts how often an instance fell asleep and how many pods it had, as the API tells. */
final class Cycles implements AutoCloseable {
    private final AtomicInteger sleeps = new AtomicInteger();
    private final Set<String> pods = ConcurrentHashMap.newKeySet();
    private final SharedIndexInformer<MariaDBInstance> instances;
    private final SharedIndexInformer<Pod> servers;

    private Cycles(Cluster cluster, String instance) {
        instances = cluster.client()
                .resources(MariaDBInstance.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(instance)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(MariaDBInstance now) {}

                    @Override
                    public void onUpdate(MariaDBInstance before, MariaDBInstance now) {
                        if (isAsleep(now) && !isAsleep(before)) {
                            sleeps.incrementAndGet();
                        }
                    }

                    @Override
                    public void onDelete(MariaDBInstance gone, boolean finalStateUnknown) {}
                });
        servers = cluster.client()
                .pods()
                .inNamespace(Cluster.NAMESPACE)
                .withLabel("haulout.dev/instance", instance)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Pod pod) {
                        pods.add(pod.getMetadata().getUid());
                    }

                    @Override
                    public void onUpdate(Pod before, Pod pod) {
                        pods.add(pod.getMetadata().getUid());
                    }

                    @Override
                    public void onDelete(Pod gone, boolean finalStateUnknown) {}
                });
    }

    static Cycles of(Cluster cluster, String instance) {
        return new Cycles(cluster, instance);
    }

    private static boolean isAsleep(MariaDBInstance instance) {
        return instance.getStatus() != null && instance.getStatus().phase() == Phase.ASLEEP;
    }

    int sleeps() {
        return sleeps.get();
    }

    int pods() {
        return pods.size();
    }

    @Override
    public void close() {
        instances.close();
        servers.close();
    }
}
