package dev.haulout.e2e.cluster;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.flowcontrol.v1.FlowSchema;
import io.fabric8.kubernetes.api.model.flowcontrol.v1.FlowSchemaBuilder;
import io.fabric8.kubernetes.api.model.flowcontrol.v1.ResourcePolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts, at the API server, what operator and gateways write, also writes that change nothing. Each kind gets a
 * FlowSchema that only their service accounts' writes of it fall under, and the server counts what falls under each;
 * who else uses the cluster does not matter. They have the priority that service accounts have anyway.
 */
public final class Writes implements AutoCloseable {
    private static final List<String> KINDS = List.of(
            "leases",
            "mariadbinstances/status",
            "pods",
            "endpointslices",
            "secrets",
            "configmaps",
            "services",
            "persistentvolumeclaims",
            "poddisruptionbudgets",
            "networkpolicies",
            "events");
    private static final String OTHERS = "others";
    private static final Pattern COUNTED = Pattern.compile(
            "apiserver_flowcontrol_dispatched_requests_total\\{flow_schema=\"([^\"]+)\",.*} ([0-9.e+]+)");

    /** Before that of all service accounts, which is 9000. */
    private static final int PRECEDENCE = 8000;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final Map<String, FlowSchema> schemas = new LinkedHashMap<>();

    private Writes(Cluster cluster) {
        this.client = cluster.client();
        List<String> kinds = new ArrayList<>(KINDS);
        kinds.add(OTHERS);
        for (String kind : kinds) {
            schemas.put(kind, client.resource(schema(kind, schemas.size())).createOr(existing -> existing.update()));
        }
    }

    /** Begins to count. */
    public static Writes count(Cluster cluster) {
        Writes writes = new Writes(cluster);
        await("the API server to count the writes of Leases")
                .atMost(PATIENCE)
                .until(() -> writes.now().byKind().getOrDefault("leases", 0L) > 0);
        return writes;
    }

    private static FlowSchema schema(String kind, int index) {
        boolean others = kind.equals(OTHERS);
        return new FlowSchemaBuilder()
                .withNewMetadata()
                .withName(Cluster.RELEASE_NAMESPACE + "-writes-" + kind.replace('/', '-'))
                .endMetadata()
                .withNewSpec()
                .withMatchingPrecedence(PRECEDENCE + index)
                .withNewPriorityLevelConfiguration()
                .withName("workload-low")
                .endPriorityLevelConfiguration()
                .withNewDistinguisherMethod()
                .withType("ByUser")
                .endDistinguisherMethod()
                .addNewRule()
                .addNewSubject()
                .withKind("ServiceAccount")
                .withNewServiceAccount()
                .withName("*")
                .withNamespace(Cluster.RELEASE_NAMESPACE)
                .endServiceAccount()
                .endSubject()
                .addToResourceRules(new ResourcePolicyRuleBuilder()
                        .withVerbs("create", "update", "patch", "delete", "deletecollection")
                        .withApiGroups("*")
                        .withResources(others ? "*" : kind)
                        .withNamespaces("*")
                        .withClusterScope(others)
                        .build())
                .endRule()
                .endSpec()
                .build();
    }

    /**
     * How many there have been.
     *
     * @param byKind plural name, with the subresource where it is one; kinds that were not written are left out
     */
    public record Counts(Map<String, Long> byKind) {
        /** Those since then. */
        public Counts since(Counts before) {
            Map<String, Long> more = new TreeMap<>();
            byKind.forEach((kind, count) -> {
                long rise = count - before.byKind.getOrDefault(kind, 0L);
                if (rise > 0) {
                    more.put(kind, rise);
                }
            });
            return new Counts(more);
        }

        /** Those of that kind. */
        public long of(String kind) {
            return byKind.getOrDefault(kind, 0L);
        }

        /** All but those of Leases. */
        public Counts withoutLeases() {
            Map<String, Long> rest = new TreeMap<>(byKind);
            rest.remove("leases");
            return new Counts(rest);
        }

        @Override
        public String toString() {
            return byKind.isEmpty() ? "none" : byKind.toString();
        }
    }

    /** All there have been since the API server began. */
    public Counts now() {
        Map<String, Long> byKind = new TreeMap<>();
        String metrics = client.raw("/metrics");
        metrics.lines()
                .map(COUNTED::matcher)
                .filter(Matcher::matches)
                .forEach(line -> schemas.forEach((kind, schema) -> {
                    if (schema.getMetadata().getName().equals(line.group(1))) {
                        byKind.merge(kind, (long) Double.parseDouble(line.group(2)), Long::sum);
                    }
                }));
        return new Counts(byKind);
    }

    /** Waits until nothing but Leases has been written for a while. */
    public void awaitSettled(Duration quiet) {
        AtomicReference<Counts> last = new AtomicReference<>();
        await("nothing but Leases to be written for " + quiet.toSeconds() + " s")
                .during(quiet)
                .atMost(PATIENCE.plus(quiet))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    Counts now = now().withoutLeases();
                    return now.equals(last.getAndSet(now));
                });
    }

    @Override
    public void close() {
        schemas.values().forEach(schema -> client.resource(schema).delete());
    }
}
