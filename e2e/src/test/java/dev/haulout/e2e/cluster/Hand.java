package dev.haulout.e2e.cluster;

import static org.awaitility.Awaitility.await;

import dev.haulout.e2e.torture.Incidents;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Strikes blows at an installation, one at a time, and counts those that hit. */
final class Hand {
    private static final Duration UNTIL_BACK = Duration.ofMinutes(3);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Cluster cluster;
    private final KubernetesClient client;
    private final String instance;
    private final Incidents incidents;
    private final Random random;
    private final PodKiller killer;
    private final Map<Blow, Integer> hits = new ConcurrentHashMap<>();

    Hand(Cluster cluster, String instance, Incidents incidents, long seed) {
        this.cluster = cluster;
        this.client = cluster.client();
        this.instance = instance;
        this.incidents = incidents;
        this.random = new Random(seed);
        this.killer = new PodKiller(client);
    }

    /** Returns whether there was something to strike; after a blow at gateways only when they are all up again. */
    boolean strike(Blow blow) throws IOException, InterruptedException {
        boolean hit = switch (blow) {
            case DELETE_OPERATOR -> {
                client.resource(operator()).delete();
                yield true;
            }
            case DELETE_SERVER -> {
                List<Pod> servers = servers();
                servers.forEach(pod -> client.resource(pod).delete());
                yield !servers.isEmpty();
            }
            case DELETE_GATEWAY -> {
                Pod gateway = anyOf(pods("gateway"));
                incidents.proxyLeaves();
                client.resource(gateway).delete();
                awaitOthers("gateway", incarnations(List.of(gateway)));
                incidents.proxyHasLeft();
                yield true;
            }
            case ROLL_GATEWAYS -> {
                Set<String> before = incarnations(pods("gateway"));
                incidents.proxyLeaves();
                client.apps()
                        .deployments()
                        .inNamespace(Cluster.RELEASE_NAMESPACE)
                        .withName("haulout-gateway")
                        .rolling()
                        .restart();
                awaitOthers("gateway", before);
                incidents.proxyHasLeft();
                yield true;
            }
            case KILL_OPERATOR -> {
                killer.kill(operator(), false);
                yield true;
            }
            case KILL_GATEWAY -> {
                Pod gateway = anyOf(pods("gateway"));
                incidents.proxyGoes();
                killer.kill(gateway, false);
                awaitOthers("gateway", incarnations(List.of(gateway)));
                incidents.proxyIsBack();
                yield true;
            }
            case KILL_SERVER -> {
                List<Pod> servers = servers();
                for (Pod server : servers) {
                    incidents.serverDies();
                    killer.kill(server, true);
                }
                yield !servers.isEmpty();
            }
        };
        if (hit) {
            hits.merge(blow, 1, Integer::sum);
        }
        return hit;
    }

    private List<Pod> servers() {
        return cluster.pods(instance).stream()
                .filter(pod -> isUp(pod)
                        && pod.getStatus()
                                        .getContainerStatuses()
                                        .getFirst()
                                        .getState()
                                        .getRunning()
                                != null)
                .toList();
    }

    /** Every other time the one that leads, if it is known. */
    private Pod operator() {
        List<Pod> operators = pods("operator");
        String leader = client.leases()
                .inNamespace(Cluster.RELEASE_NAMESPACE)
                .withName("haulout-operator")
                .require()
                .getSpec()
                .getHolderIdentity();
        return random.nextBoolean()
                ? anyOf(operators)
                : operators.stream()
                        .filter(pod -> pod.getMetadata().getName().equals(leader))
                        .findFirst()
                        .orElseGet(() -> anyOf(operators));
    }

    private Pod anyOf(List<Pod> pods) {
        return pods.get(random.nextInt(pods.size()));
    }

    /** Those of a part of the release that run and have not been told to end. */
    private List<Pod> pods(String part) {
        return await(part + " pods")
                .atMost(UNTIL_BACK)
                .pollInterval(BETWEEN_LOOKS)
                .until(() -> all(part).stream().filter(Hand::isUp).toList(), some -> !some.isEmpty());
    }

    private List<Pod> all(String part) {
        return client.pods()
                .inNamespace(Cluster.RELEASE_NAMESPACE)
                .withLabel("app.kubernetes.io/component", part)
                .list()
                .getItems();
    }

    private static boolean isUp(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && !pod.getStatus().getContainerStatuses().isEmpty()
                && pod.getStatus().getContainerStatuses().getFirst().getContainerID() != null;
    }

    private static Set<String> incarnations(List<Pod> pods) {
        return pods.stream()
                .map(pod -> pod.getStatus().getContainerStatuses().isEmpty()
                        ? ""
                        : pod.getStatus().getContainerStatuses().getFirst().getContainerID())
                .collect(Collectors.toSet());
    }

    /** Waits until these containers are gone, and as many as there are to be are ready. */
    void awaitOthers(String part, Set<String> old) {
        int wanted = client.apps()
                .deployments()
                .inNamespace(Cluster.RELEASE_NAMESPACE)
                .withName("haulout-" + part)
                .require()
                .getSpec()
                .getReplicas();
        await(part + "s to be back")
                .atMost(UNTIL_BACK)
                .pollInterval(BETWEEN_LOOKS)
                .until(() -> {
                    List<Pod> now = all(part);
                    Set<String> left = new HashSet<>(incarnations(now));
                    left.retainAll(old);
                    return left.isEmpty()
                            && now.size() == wanted
                            && now.stream()
                                    .allMatch(pod -> isUp(pod)
                                            && pod.getStatus().getContainerStatuses().stream()
                                                    .allMatch(ContainerStatus::getReady));
                });
    }

    /** Waits until operator and gateways are as they were. */
    void awaitCalm() {
        awaitOthers("operator", Set.of());
        awaitOthers("gateway", Set.of());
    }

    /** Blows that met something. */
    Map<Blow, Integer> hits() {
        return Collections.unmodifiableMap(hits);
    }
}
