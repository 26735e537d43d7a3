package dev.haulout.operator.desired;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.PodSettings;
import dev.haulout.crd.Resources;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The server's pod. It fits the restricted profile of Pod Security, and has no way to the API of Kubernetes. */
final class PodMaker {
    /** User and group of the server in the official image. */
    private static final long MYSQL = 999;

    /**
     * A clean stop writes every changed page of the buffer pool to the volume, which takes minutes where the pool is
     * large and the volume slow; killed before, the next wake pays more for the recovery.
     */
    private static final long GRACE_SECONDS = 600;

    /** While an evicted pod still answers, the gateways see its end coming and let statements in flight finish. */
    private static final long SECONDS_FOR_GATEWAYS = 3;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String IMAGE = "mariadb:";

    private PodMaker() {}

    static Pod pod(
            Release release,
            MariaDBInstance instance,
            Collection<GatewayPod> gateways,
            boolean initialise,
            int certificate)
            throws UnfitSpecException {
        Names names = Desired.names(instance);
        PodSettings asked = instance.getSpec().pod();
        return new PodBuilder()
                .withMetadata(new ObjectMetaBuilder(Marks.owned(instance, names.pod()))
                        .addToLabels(asked.labels())
                        .addToLabels(Marks.labels(instance)) // ours come last: by these the pod is found
                        .addToAnnotations(asked.annotations())
                        .addToAnnotations(Marks.restart(instance)
                                .map(value -> Map.of(Marks.RESTART, value))
                                .orElse(Map.of()))
                        .addToAnnotations(Marks.CONFIGURATION, configuration(instance))
                        .addToAnnotations(Marks.PROGRAM, program(instance))
                        .addToAnnotations(Marks.CERTIFICATE, Integer.toString(certificate))
                        .build())
                .withNewSpec()
                .withHostname(names.pod())
                .withSubdomain(names.podService())
                .withRestartPolicy("OnFailure")
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(orMysql(asked.securityContext().runAsUser()))
                .withRunAsGroup(orMysql(asked.securityContext().runAsGroup()))
                .withFsGroup(orMysql(asked.securityContext().fsGroup()))
                .withFsGroupChangePolicy("OnRootMismatch")
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withNodeSelector(asked.nodeSelector())
                .withTolerations(
                        asked.tolerations().stream().map(PodMaker::toleration).toList())
                .withAffinity(affinity(asked))
                .withTopologySpreadConstraints(asked.topologySpreadConstraints().stream()
                        .map(PodMaker::spread)
                        .toList())
                .withPriorityClassName(asked.priorityClassName())
                .withRuntimeClassName(asked.runtimeClassName())
                .withImagePullSecrets(asked.imagePullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withContainers(container(release, instance, gateways, initialise))
                .withVolumes(PodFiles.volumes(instance, initialise, certificate))
                .endSpec()
                .build();
    }

    private static long orMysql(Integer asked) {
        return asked == null ? MYSQL : asked;
    }

    private static Toleration toleration(PodSettings.Toleration asked) {
        Integer seconds = asked.tolerationSeconds();
        return new Toleration(
                asked.effect(),
                asked.key(),
                asked.operator(),
                seconds == null ? null : seconds.longValue(),
                asked.value());
    }

    /** Its own fields are for the API server to check when the pod is made. */
    private static Affinity affinity(PodSettings asked) throws UnfitSpecException {
        try {
            return asked.affinity() == null ? null : JSON.treeToValue(asked.affinity(), Affinity.class);
        } catch (JsonProcessingException e) {
            throw new UnfitSpecException(
                    "spec.pod.affinity is none; write it as in the spec of a pod: " + e.getOriginalMessage(), e);
        }
    }

    private static TopologySpreadConstraint spread(PodSettings.Spread asked) {
        return new TopologySpreadConstraintBuilder()
                .withTopologyKey(asked.topologyKey())
                .withMaxSkew(asked.maxSkew())
                .withWhenUnsatisfiable(asked.whenUnsatisfiable())
                .withNewLabelSelector()
                .addToMatchLabels("app.kubernetes.io/name", "mariadb")
                .addToMatchLabels("app.kubernetes.io/managed-by", Marks.MANAGER)
                .endLabelSelector()
                .build();
    }

    /**
     * There are no probes. A liveness probe would kill a server that recovers; nothing waits for readiness, since the
     * gateways dial and see for themselves; and every probe is a connection that the server logs as aborted.
     */
    private static Container container(
            Release release, MariaDBInstance instance, Collection<GatewayPod> gateways, boolean initialise) {
        return new ContainerBuilder()
                .withName("mariadb")
                .withImage(image(instance.getSpec()))
                .withImagePullPolicy("IfNotPresent")
                .withCommand("bash", PodFiles.FOLDER + "/start/start")
                .withEnv(environment(release, instance, gateways, initialise))
                .addNewPort()
                .withName(ClientObjects.PORT_NAME)
                .withContainerPort(ClientObjects.PORT)
                .withProtocol("TCP")
                .endPort()
                .withResources(resources(instance.getSpec().resources()))
                .withSecurityContext(unprivileged())
                .withNewLifecycle()
                .withNewPreStop()
                .withNewSleep()
                .withSeconds(SECONDS_FOR_GATEWAYS)
                .endSleep()
                .endPreStop()
                .endLifecycle()
                // the server's last lines, when it ends with an error
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withVolumeMounts(PodFiles.mounts(initialise))
                .build();
    }

    static String image(MariaDBInstanceSpec spec) {
        return spec.image() == null ? IMAGE + spec.version() : spec.image();
    }

    private static List<EnvVar> environment(
            Release release, MariaDBInstance instance, Collection<GatewayPod> gateways, boolean initialise) {
        List<EnvVar> environment = new ArrayList<>();
        environment.add(variable("HAULOUT_INSTANCE_UID", instance.getMetadata().getUid()));
        environment.add(new EnvVarBuilder()
                .withName("HAULOUT_POD_IP")
                .withNewValueFrom()
                .withNewFieldRef()
                .withApiVersion("v1")
                .withFieldPath("status.podIP")
                .endFieldRef()
                .endValueFrom()
                .build());
        environment.add(variable(
                "HAULOUT_GATEWAYS",
                addresses(gateways)
                        .map(address -> listener(address, release.announcePort()))
                        .collect(Collectors.joining(" "))));
        environment.add(variable("HAULOUT_PROXY_NETWORKS", addresses(gateways).collect(Collectors.joining(","))));
        if (initialise) {
            environment.addAll(forInitialisation(instance));
        }
        return environment;
    }

    /** What the start script and the image's entrypoint make a data directory from. Passwords are in files. */
    private static List<EnvVar> forInitialisation(MariaDBInstance instance) {
        MariaDBInstanceSpec spec = instance.getSpec();
        List<EnvVar> environment = new ArrayList<>();
        // the same until it has succeeded, however many pods that takes
        environment.add(variable(
                "HAULOUT_INSTRUCTION", "initialise " + instance.getMetadata().getUid()));
        environment.add(variable("MARIADB_ROOT_PASSWORD_FILE", PodFiles.ROOT_PASSWORD));
        if (spec.database() != null) {
            environment.add(variable("MARIADB_DATABASE", spec.database()));
        }
        if (spec.user() != null) {
            environment.add(variable("MARIADB_USER", spec.user()));
            environment.add(variable("MARIADB_PASSWORD_FILE", PodFiles.USER_PASSWORD));
        }
        return environment;
    }

    private static Stream<String> addresses(Collection<GatewayPod> gateways) {
        return gateways.stream()
                .sorted(Comparator.comparing(GatewayPod::name))
                .flatMap(gateway -> gateway.addresses().stream());
    }

    private static String listener(String address, int port) {
        return switch (AddressFamily.of(address)) {
            case IPV4 -> address + ":" + port;
            case IPV6 -> "[" + address + "]:" + port;
        };
    }

    /** Kubernetes puts another variable's value where {@code $(NAME)} stands, and one dollar for two. */
    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder()
                .withName(name)
                .withValue(value.replace("$", "$$"))
                .build();
    }

    private static ResourceRequirements resources(Resources resources) {
        Map<String, Quantity> limits = amounts(resources.limits());
        Map<String, Quantity> requests = amounts(resources.requests());
        // Who lowers the limit alone means less than the usual request, too; a pod that asks for more is refused.
        limits.forEach((what, limit) ->
                requests.computeIfPresent(what, (same, request) -> isLess(limit, request) ? limit : request));
        return new ResourceRequirementsBuilder()
                .withRequests(requests)
                .withLimits(limits)
                .build();
    }

    private static boolean isLess(Quantity one, Quantity other) {
        return one.getNumericalAmount().compareTo(other.getNumericalAmount()) < 0;
    }

    private static Map<String, Quantity> amounts(Resources.Amounts amounts) {
        Map<String, Quantity> named = new TreeMap<>();
        if (amounts.cpu() != null) {
            named.put("cpu", amounts.cpu());
        }
        if (amounts.memory() != null) {
            named.put("memory", amounts.memory());
        }
        return named;
    }

    private static SecurityContext unprivileged() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .build();
    }

    /** A digest of what the server was started with: all that is read only at a start, and comes from the spec. */
    static String configuration(MariaDBInstance instance) {
        MariaDBInstanceSpec spec = instance.getSpec();
        return digest(
                image(spec),
                StartScript.TEXT,
                OptionsFile.of(spec),
                text(spec.resources().requests()),
                text(spec.resources().limits()),
                JSON.valueToTree(spec.pod()).toString());
    }

    /** A digest of what the server's greeting depends on. */
    static String program(MariaDBInstance instance) {
        return digest(image(instance.getSpec()), OptionsFile.of(instance.getSpec()));
    }

    private static String digest(String... texts) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\0", texts).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static String text(Resources.Amounts amounts) {
        Function<Quantity, String> text = quantity -> quantity == null ? "" : quantity.toString();
        return text.apply(amounts.cpu()) + "/" + text.apply(amounts.memory());
    }
}
