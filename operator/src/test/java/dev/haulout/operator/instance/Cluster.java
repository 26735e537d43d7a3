package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.operator.ControlPlane;
import dev.haulout.operator.desired.Release;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A control plane with the operator at work on it; the test plays kubelet and gateways. */
final class Cluster implements AutoCloseable {
    static final String RELEASE = "haulout-system";
    static final String NAMESPACE = "shop";

    private static final PatchContext MERGE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager("haulout-gateway")
            .build();

    final ControlPlane plane;
    final KubernetesClient client;
    final FakeServers servers = new FakeServers();
    private final AdvancedClock clock = new AdvancedClock();
    private Operation operation;
    private int generation;
    private int maxConcurrentWakes = 1000; // many of the tests' servers never come up

    private Cluster(ControlPlane plane) {
        this.plane = plane;
        this.client = plane.client();
    }

    static Cluster start() throws IOException {
        Cluster cluster = new Cluster(ControlPlane.start());
        for (String namespace : Set.of(RELEASE, NAMESPACE)) {
            var unused = cluster.client
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();
        }
        return cluster;
    }

    /** Of the operator's next start. */
    void maxConcurrentWakes(int limit) {
        maxConcurrentWakes = limit;
    }

    /** Starts the operator, as another process than before. */
    void startOperator() {
        generation++;
        Release release = new Release(RELEASE, Map.of("app", "operator"), Map.of("app", "gateway"), 3999);
        operation = Operation.start(
                client,
                new Operation.Settings(
                        release, Set.of(NAMESPACE), "haulout-operator", "operator-" + generation, maxConcurrentWakes),
                ReleaseSecrets.ensure(client, RELEASE, clock),
                servers,
                new SimpleMeterRegistry(),
                clock,
                () -> {});
    }

    /** Has the operator's clock show that much more than it is; never less than before. */
    void advanceClock(Duration by) {
        clock.by = by;
    }

    Instant now() {
        return clock.instant();
    }

    private static final class AdvancedClock extends Clock {
        private volatile Duration by = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("the operator has no need of it");
        }
    }

    void stopOperator() {
        operation.close();
        operation = null;
    }

    /** A gateway that is ready and whose Lease is live for an hour. */
    void gateway(String name, String ip) {
        Pod pod = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(RELEASE)
                        .withLabels(Map.of("app", "gateway"))
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("gateway")
                        .withImage("gateway:1")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        patchPod(pod, """
                {"status": {"phase": "Running", "podIP": "%s", "podIPs": [{"ip": "%s"}],
                 "conditions": [{"type": "Ready", "status": "True"}]}}""".formatted(ip, ip));
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(RELEASE)
                .withLabels(Map.of("haulout.dev/gateway", "true"))
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(name)
                .withLeaseDurationSeconds(3600)
                .endSpec()
                .build();
        var unused = client.resource(lease).create();
    }

    void apply(String yaml) {
        var unused = client.resource(yaml).inNamespace(NAMESPACE).create();
    }

    /** Creates or replaces what YAML tells, as {@code kubectl} does: what the schema does not know is refused. */
    void applyStrictly(String yaml) {
        GenericKubernetesResource meant = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        var resource = client.resource(meant).inNamespace(NAMESPACE);
        GenericKubernetesResource present = resource.get();
        if (present == null) {
            var unused = resource.fieldValidation(Validation.STRICT).create();
        } else {
            meant.getMetadata().setResourceVersion(present.getMetadata().getResourceVersion());
            var unused = resource.fieldValidation(Validation.STRICT).update();
        }
    }

    MariaDBInstance instance(String name) {
        return client.resources(MariaDBInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
    }

    /** Waits until the status is as told. */
    MariaDBInstanceStatus await(String name, String what, Predicate<MariaDBInstanceStatus> fits) {
        return Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            MariaDBInstanceStatus status = instance(name).getStatus();
                            return status == null ? MariaDBInstanceStatus.EMPTY : status;
                        },
                        fits);
    }

    /** As a gateway writes it. */
    void patchStatus(String name, String status) {
        var unused = client.resources(MariaDBInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .subresource("status")
                .patch(MERGE, "{\"status\": " + status + "}");
    }

    void patchSpec(String name, String spec) {
        var unused = client.resources(MariaDBInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .patch(MERGE, "{\"spec\": " + spec + "}");
    }

    void demand(String name, String id) {
        patchStatus(name, "{\"demand\": {\"id\": \"" + id + "\", \"why\": \"app runs SELECT\", \"by\": \"gw-a\"}}");
    }

    void report(String name, String gateway, String report) {
        patchStatus(name, "{\"gateways\": {\"" + gateway + "\": " + report + "}}");
    }

    void storageClass(String name, boolean grows) {
        var unused = client.resource(new StorageClassBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withProvisioner("example.org/disks")
                        .withAllowVolumeExpansion(grows)
                        .build())
                .create();
    }

    /** As the volume controller tells that the claim has its volume, as large as it asks for. */
    void bind(String name) {
        capacity(name, "1Gi");
    }

    /** As the volume controller tells how large the volume is. */
    void capacity(String name, String size) {
        var unused = client.persistentVolumeClaims()
                .inNamespace(NAMESPACE)
                .withName(name + "-data")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"status": {"phase": "Bound", "capacity": {"storage": "%s"}}}""".formatted(size));
    }

    Pod pod(String name) {
        return client.pods().inNamespace(NAMESPACE).withName(name).get();
    }

    Pod awaitPod(String name) {
        return Awaitility.await("the pod " + name)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> pod(name), pod -> pod != null && pod.getMetadata().getDeletionTimestamp() == null);
    }

    /** As the kubelet tells that the server runs. */
    void run(String name) {
        patchPod(awaitPod(name), """
                {"status": {"phase": "Running", "podIP": "10.9.9.9", "podIPs": [{"ip": "10.9.9.9"}],
                 "containerStatuses": [{"name": "mariadb", "image": "i", "imageID": "", "ready": true, "restartCount": 0,
                  "state": {"running": {}}}]}}""");
    }

    /** As the kubelet tells that the server has ended without an error. */
    void end(String name) {
        patchPod(awaitPod(name), """
                {"status": {"phase": "Succeeded", "containerStatuses": [{"name": "mariadb", "image": "i", "imageID": "",
                  "ready": false, "restartCount": 0, "state": {"running": null, "terminated": {"exitCode": 0}}}]}}""");
    }

    /** As the kubelet tells that the container waits. */
    void waits(String name, String reason, String lastEnd) {
        patchPod(awaitPod(name), """
                {"status": {"phase": "Pending", "containerStatuses": [{"name": "mariadb", "image": "i", "imageID": "",
                  "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "%s", "message": "m"}}%s}]}}""".formatted(reason, lastEnd));
    }

    private void patchPod(Pod pod, String patch) {
        var unused = client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    /** Removes the pod as the kubelet does when its grace is over, or its node when it is gone. */
    void remove(String name) {
        try {
            var unused = client.pods()
                    .inNamespace(NAMESPACE)
                    .withName(name)
                    .withGracePeriod(0)
                    .delete();
        } catch (KubernetesClientException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (operation != null) {
            operation.close();
        }
        client.close();
        plane.close();
    }
}
