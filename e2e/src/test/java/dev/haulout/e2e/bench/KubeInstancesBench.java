package dev.haulout.e2e.bench;

import static org.awaitility.Awaitility.await;

import dev.haulout.crd.Durations;
import dev.haulout.e2e.cluster.Cluster;
import dev.haulout.e2e.cluster.ResourceVersions;
import dev.haulout.e2e.cluster.Writes;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code haulout bench kube-instances}: what sleeping instances cost a cluster. */
@Command(
        name = "kube-instances",
        description = {
            "Applies many sleeping instances to the Kubernetes that KUBECONFIG names, and prints how long that takes, the"
                    + " memory of operator and gateways, what they write while nothing happens, how long an operator"
                    + " takes from its start until it has seen to what was changed meanwhile, and what a rollout of the"
                    + " gateways writes.",
            "Installs Haulout from the chart into the namespace haulout-system, and needs its images on the nodes. Makes"
                    + " FlowSchemas, by which the API server counts the writes, and removes them again."
        },
        mixinStandardHelpOptions = true)
final class KubeInstancesBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration QUIET = Duration.ofSeconds(10);
    private static final double OPERATOR_AIM = 400;
    private static final double GATEWAY_AIM = 300;

    @Option(names = "--count", paramLabel = "N", description = "Instances that never ran. Default: ${DEFAULT-VALUE}.")
    private int count = 1000;

    @Option(
            names = "--initialised",
            paramLabel = "N",
            description = "Further ones that run once first, each on a volume of 1Gi. Default: ${DEFAULT-VALUE}.")
    private int initialised = 20;

    @Option(
            names = "--idle",
            paramLabel = "DURATION",
            description = "How long to watch what is written while nothing happens. Default: ${DEFAULT-VALUE}.")
    private String idle = "1m";

    @Option(names = "--image", paramLabel = "IMAGE", required = true, description = "Image of operator and gateway.")
    private String image;

    @Option(names = "--server-image", paramLabel = "IMAGE", required = true, description = "Image of the server.")
    private String serverImage;

    @Option(
            names = "--storage-class",
            paramLabel = "CLASS",
            required = true,
            description =
                    "Class of the volumes. One that waits for the first pod has none made for those that never ran.")
    private String storageClass;

    private final Map<String, Long> mostMemory = new HashMap<>();
    private Cluster cluster;
    private Writes writes;
    private Fleet fleet;

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.setProperty("haulout.image", image);
        System.setProperty("haulout.mariadb.image", serverImage);
        System.setProperty("haulout.storage.class", storageClass);
        Duration window = Durations.parse(idle);
        System.out.println("bench kube-instances: " + count + " that never ran and " + initialised + " that did; "
                + Machine.describe());
        cluster = Cluster.get();
        long idleWrites;
        try (Writes counted = Writes.count(cluster);
                Fleet many = new Fleet(cluster, count, initialised)) {
            writes = counted;
            fleet = many;
            memory("with no instance");
            fleet.initialise();
            timed("all reconciled, from the first apply", () -> {
                timed("  applied", () -> fleet.apply(Duration.ofMinutes(5)));
                fleet.awaitReconciled();
            });
            timed("every door greeted thereafter", fleet::awaitDoors);
            writes.awaitSettled(QUIET);
            memory("with all of them");
            restartOperator();
            memory("after the restart of the operator");
            idleWrites = watchIdle(window);
            memory("after idling");
            rollGateways();
            memory("after the rollout of the gateways");
        }
        double operator = ContainerMemory.megabytes(mostMemory.get("operator"));
        double gateway = ContainerMemory.megabytes(mostMemory.get("gateway"));
        System.out.printf(
                Locale.ROOT,
                "operator at most %.0f MB (aim: %.0f), gateway at most %.0f MB (aim: %.0f), %d writes but Leases while"
                        + " idle (aim: none)%n",
                operator,
                OPERATOR_AIM,
                gateway,
                GATEWAY_AIM,
                idleWrites);
        return 0;
    }

    private interface Part {
        void run() throws IOException, InterruptedException;
    }

    private void timed(String what, Part part) throws IOException, InterruptedException {
        Writes.Counts before = writes.now();
        long began = System.nanoTime();
        part.run();
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%s: %.1f s; written: %s%n",
                what,
                seconds,
                writes.now().since(before));
    }

    private List<Pod> pods(String component) {
        return cluster.client()
                .pods()
                .inNamespace(Cluster.RELEASE_NAMESPACE)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems();
    }

    private RollableScalableResource<Deployment> deployment(String component) {
        return cluster.client()
                .apps()
                .deployments()
                .inNamespace(Cluster.RELEASE_NAMESPACE)
                .withName("haulout-" + component);
    }

    private void memory(String when) throws IOException {
        for (String component : List.of("operator", "gateway")) {
            for (Pod pod : pods(component)) {
                ContainerMemory memory = ContainerMemory.of(cluster.client(), pod);
                mostMemory.merge(component, memory.resident(), Math::max);
                System.out.println("memory " + when + ": " + pod.getMetadata().getName() + " " + memory);
            }
        }
    }

    /** While it is away every spec changes: from outside only what it has to do shows that it has seen all. */
    private void restartOperator() throws IOException, InterruptedException {
        int replicas = deployment("operator").get().getSpec().getReplicas();
        deployment("operator").scale(0);
        await("the operators to be gone")
                .atMost(PATIENCE)
                .until(() -> pods("operator").isEmpty());
        fleet.apply(Duration.ofMinutes(6));
        timed("operator from 0 replicas to " + replicas + ", until all changes made meanwhile are reconciled", () -> {
            deployment("operator").scale(replicas);
            fleet.awaitReconciled();
        });
    }

    /** Returns how many writes there were that were not of Leases. */
    private long watchIdle(Duration window) throws IOException, InterruptedException {
        writes.awaitSettled(QUIET);
        ResourceVersions before = ResourceVersions.of(cluster.client(), Cluster.NAMESPACE);
        ResourceVersions releaseBefore = ResourceVersions.of(cluster.client(), Cluster.RELEASE_NAMESPACE);
        Writes.Counts countedBefore = writes.now();
        timed("idle", () -> Thread.sleep(window));
        Writes.Counts written = writes.now().since(countedBefore).withoutLeases();
        List<String> changes = before.changesUntil(ResourceVersions.of(cluster.client(), Cluster.NAMESPACE));
        System.out.println("changed in the namespace of the instances, of "
                + before.byObject().size() + " objects: " + (changes.isEmpty() ? "none" : changes));
        System.out.println(
                "changed in the release's, of " + releaseBefore.byObject().size() + " objects: "
                        + releaseBefore.changesUntil(ResourceVersions.of(cluster.client(), Cluster.RELEASE_NAMESPACE)));
        return written.byKind().values().stream().mapToLong(Long::longValue).sum();
    }

    private void rollGateways() throws IOException, InterruptedException {
        Set<String> old =
                pods("gateway").stream().map(pod -> pod.getMetadata().getName()).collect(Collectors.toSet());
        int replicas = deployment("gateway").get().getSpec().getReplicas();
        timed("gateway rollout, until every EndpointSlice names the new ones alone", () -> {
            deployment("gateway").rolling().restart();
            await("the old gateways to be gone").atMost(PATIENCE).until(() -> {
                List<Pod> now = pods("gateway");
                return now.size() == replicas
                        && now.stream()
                                .noneMatch(pod -> old.contains(pod.getMetadata().getName()));
            });
            fleet.awaitSlices(pods("gateway").stream()
                    .map(pod -> pod.getStatus().getPodIP())
                    .collect(Collectors.toSet()));
        });
    }
}
