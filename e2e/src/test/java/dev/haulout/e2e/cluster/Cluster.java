package dev.haulout.e2e.cluster;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The Kubernetes that tests and benches are given: the one {@code KUBECONFIG} names. Haulout is installed there from the
 * chart, with the images of the properties {@code haulout.image} and {@code haulout.mariadb.image}, which its nodes must
 * have or be able to pull; operator and gateways so run under the chart's own rights. Volumes are of the class
 * {@code haulout.storage.class}. The Services' addresses have to be reachable from here.
 */
public final class Cluster {
    /** Tells installations that share a cluster apart; empty for the only one. */
    private static final String SUFFIX = System.getProperty("haulout.test.suffix", "");

    public static final String RELEASE_NAMESPACE = "haulout-system" + SUFFIX;
    public static final String NAMESPACE = "haulout-test" + SUFFIX;

    /** Where instances of another owner live. */
    public static final String OTHER_NAMESPACE = "haulout-other" + SUFFIX;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("haulout-e2e")
            .withForce(true)
            .build();

    private static Cluster present;

    private final KubernetesClient client;
    private final String serverImage;

    private Cluster(KubernetesClient client, String serverImage) {
        this.client = client;
        this.serverImage = serverImage;
    }

    /** The cluster with Haulout in it; a test is left out, with the reason, where there is none. */
    public static synchronized Cluster get() {
        if (present == null) {
            String kubeconfig = System.getenv("KUBECONFIG");
            if (kubeconfig == null || kubeconfig.isBlank()) {
                abort("no cluster: set KUBECONFIG to one that may be used for tests");
            }
            String image = System.getProperty("haulout.image");
            String serverImage = System.getProperty("haulout.mariadb.image");
            if (image == null || serverImage == null) {
                abort("no images: set -Dhaulout.image (operator and gateway) and -Dhaulout.mariadb.image, such as"
                        + " mariadb:11.8");
            }
            KubernetesClient client = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(new File(kubeconfig)))
                    .build();
            Cluster cluster = new Cluster(client, serverImage);
            cluster.install(image);
            present = cluster;
        }
        return present;
    }

    private void install(String image) {
        namespace(RELEASE_NAMESPACE);
        namespace(NAMESPACE);
        namespace(OTHER_NAMESPACE);
        int tag = image.lastIndexOf(':');
        Map<String, Object> values = new HashMap<>();
        values.put("namespaces[0]", NAMESPACE);
        values.put("namespaces[1]", OTHER_NAMESPACE);
        values.put("image.repository", image.substring(0, tag));
        values.put("image.tag", image.substring(tag + 1));
        List<HasMetadata> objects = Chart.render(RELEASE_NAMESPACE, values);
        objects.forEach(object -> client.resource(object).patch(APPLY));
        objects.stream()
                .filter(Deployment.class::isInstance)
                .forEach(deployment ->
                        client.resource(deployment).waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    private void namespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .patch(APPLY);
    }

    public KubernetesClient client() {
        return client;
    }

    /** The image that servers are to run. */
    public String serverImage() {
        return serverImage;
    }

    /** The class of volumes that servers get. */
    public String storageClass() {
        return System.getProperty("haulout.storage.class", "standard");
    }

    /**
     * Makes or changes an instance with a database {@code app} and a user {@code app}, on a volume of its own that goes
     * when it goes.
     *
     * @param more further lines of its spec, indented by two
     */
    public void apply(String name, String more) {
        applyAll("""
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata:
                  name: %s
                spec:
                  image: %s
                  database: app
                  user: app
                  deletionPolicy: Delete
                  storage: {size: 1Gi, class: "%s"}
                %s
                """.formatted(name, serverImage, storageClass(), more));
    }

    /** Applies YAML, several documents where one likes, in {@link #NAMESPACE}. */
    public List<HasMetadata> applyAll(String yaml) {
        List<HasMetadata> applied = new ArrayList<>();
        for (String document : yaml.split("(?m)^---$")) {
            HasMetadata object = Serialization.unmarshal(document);
            object.getMetadata().setNamespace(NAMESPACE);
            applied.add(client.resource(object).patch(APPLY));
        }
        return applied;
    }

    /** The instance as it is now; empty when it is not there. */
    public Optional<MariaDBInstance> instance(String name) {
        return Optional.ofNullable(client.resources(MariaDBInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get());
    }

    /** Where an instance is between asleep and awake; null before anything is known of it. */
    public MariaDBInstanceStatus.Phase phase(String name) {
        return instance(name)
                .map(MariaDBInstance::getStatus)
                .map(MariaDBInstanceStatus::phase)
                .orElse(null);
    }

    /** Waits until an instance sleeps, and makes sure that no pod of it is there. */
    public void awaitAsleep(String name) {
        awaitPhase(name, MariaDBInstanceStatus.Phase.ASLEEP);
        awaitNoPods("haulout.dev/instance", name);
    }

    /** Waits until the operator says that an instance is awake. */
    public void awaitAwake(String name) {
        awaitPhase(name, MariaDBInstanceStatus.Phase.AWAKE);
    }

    private void awaitPhase(String name, MariaDBInstanceStatus.Phase phase) {
        await("instance " + name + " to be " + phase)
                .atMost(PATIENCE)
                .pollInterval(BETWEEN_LOOKS)
                .until(() -> phase(name), phase::equals);
    }

    /** Waits until no pod bears this label. */
    public void awaitNoPods(String label, String value) {
        await("no pod with " + label + "=" + value)
                .atMost(PATIENCE)
                .pollInterval(BETWEEN_LOOKS)
                .until(() -> pods(label, value).isEmpty());
    }

    private List<Pod> pods(String label, String value) {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel(label, value)
                .list()
                .getItems();
    }

    /** The pods of an instance. */
    public List<Pod> pods(String name) {
        return pods("haulout.dev/instance", name);
    }

    /** When the server of an instance wrote that it is ready for connections. */
    public Instant serverReady(String name) {
        String log = client.pods()
                .inNamespace(NAMESPACE)
                .withName(pods(name).getFirst().getMetadata().getName())
                .usingTimestamps()
                .getLog();
        String ready = log.lines()
                .filter(line -> line.contains("ready for connections"))
                .reduce((first, last) -> last)
                .orElseThrow(() -> new IllegalStateException("the server's log does not say that it is ready: " + log));
        return Instant.parse(ready.substring(0, ready.indexOf(' ')));
    }

    /** The phases of the last wake as the status tells them. */
    public String phases(String name) {
        return instance(name)
                .map(MariaDBInstance::getStatus)
                .map(MariaDBInstanceStatus::lastWake)
                .map(MariaDBInstanceStatus.LastWake::phases)
                .map(phases -> phases.entrySet().stream()
                        .map(phase -> phase.getKey() + " " + phase.getValue())
                        .collect(Collectors.joining(" ")))
                .orElse("");
    }

    /** A generated password of an instance's user. */
    public String password(String name) {
        Secret secret =
                client.secrets().inNamespace(NAMESPACE).withName(name + "-user").require();
        return new String(Base64.getDecoder().decode(secret.getData().get("password")), StandardCharsets.UTF_8);
    }

    /** Where a Service is reached from here. */
    public String address(String service) {
        return client.services()
                .inNamespace(NAMESPACE)
                .withName(service)
                .require()
                .getSpec()
                .getClusterIP();
    }

    /** Deletes an instance and waits until it is gone. */
    public void delete(MariaDBInstance instance) {
        client.resource(instance)
                .withTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .delete();
        awaitNoPods("haulout.dev/instance", instance.getMetadata().getName());
    }
}
