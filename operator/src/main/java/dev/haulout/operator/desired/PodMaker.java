package dev.haulout.operator.desired;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.PasswordSecret;
import dev.haulout.crd.Resources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
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

    private static final String IMAGE = "docker.io/library/mariadb:";
    private static final String FILES = "/haulout";
    private static final int READABLE = 0444;
    private static final int SECRET = 0440;

    private PodMaker() {}

    static Pod pod(Release release, MariaDBInstance instance, Collection<GatewayPod> gateways) {
        Names names = Desired.names(instance);
        return new PodBuilder()
                .withMetadata(new ObjectMetaBuilder(Marks.owned(instance, names.pod()))
                        .addToAnnotations(Marks.CONFIGURATION, configuration(instance))
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
                .withRunAsUser(MYSQL)
                .withRunAsGroup(MYSQL)
                .withFsGroup(MYSQL)
                .withFsGroupChangePolicy("OnRootMismatch")
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withContainers(container(release, instance, gateways))
                .withVolumes(volumes(instance, names))
                .endSpec()
                .build();
    }

    /**
     * There are no probes. A liveness probe would kill a server that recovers; nothing waits for readiness, since the
     * gateways dial and see for themselves; and every probe is a connection that the server logs as aborted.
     */
    private static Container container(Release release, MariaDBInstance instance, Collection<GatewayPod> gateways) {
        return new ContainerBuilder()
                .withName("mariadb")
                .withImage(image(instance.getSpec()))
                .withImagePullPolicy("IfNotPresent")
                .withCommand("bash", FILES + "/start/start")
                .withEnv(environment(release, instance, gateways))
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
                .withVolumeMounts(mounts())
                .build();
    }

    static String image(MariaDBInstanceSpec spec) {
        return spec.image() == null ? IMAGE + spec.version() : spec.image();
    }

    private static List<EnvVar> environment(
            Release release, MariaDBInstance instance, Collection<GatewayPod> gateways) {
        MariaDBInstanceSpec spec = instance.getSpec();
        List<EnvVar> environment = new ArrayList<>();
        environment.add(variable("HAULOUT_INSTANCE_UID", instance.getMetadata().getUid()));
        environment.add(variable("HAULOUT_IMAGE_VERSION", image(spec)));
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
        environment.add(variable("MARIADB_ROOT_PASSWORD_FILE", FILES + "/secrets/root-password"));
        if (spec.database() != null) {
            environment.add(variable("MARIADB_DATABASE", spec.database()));
        }
        if (spec.user() != null) {
            environment.add(variable("MARIADB_USER", spec.user()));
            environment.add(variable("MARIADB_PASSWORD_FILE", FILES + "/secrets/user-password"));
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

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static ResourceRequirements resources(Resources resources) {
        return new ResourceRequirementsBuilder()
                .withRequests(amounts(resources.requests()))
                .withLimits(amounts(resources.limits()))
                .build();
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

    private static List<VolumeMount> mounts() {
        return List.of(
                new VolumeMountBuilder()
                        .withName("data")
                        .withMountPath("/var/lib/mysql")
                        .build(),
                new VolumeMountBuilder()
                        .withName("haulout")
                        .withMountPath(FILES)
                        .withReadOnly(true)
                        .build(),
                new VolumeMountBuilder().withName("tmp").withMountPath("/tmp").build(),
                new VolumeMountBuilder()
                        .withName("run")
                        .withMountPath("/run/mysqld")
                        .build());
    }

    private static List<Volume> volumes(MariaDBInstance instance, Names names) {
        return List.of(
                new VolumeBuilder()
                        .withName("data")
                        .withNewPersistentVolumeClaim()
                        .withClaimName(names.volume())
                        .endPersistentVolumeClaim()
                        .build(),
                // one volume for all of them: each is a mount more that the container waits for
                new VolumeBuilder()
                        .withName("haulout")
                        .withNewProjected()
                        .withDefaultMode(READABLE)
                        .withSources(files(instance.getSpec(), names))
                        .endProjected()
                        .build(),
                new VolumeBuilder()
                        .withName("tmp")
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .build(),
                new VolumeBuilder()
                        .withName("run")
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .build());
    }

    private static List<VolumeProjection> files(MariaDBInstanceSpec spec, Names names) {
        List<VolumeProjection> sources = new ArrayList<>();
        sources.add(new VolumeProjectionBuilder()
                .withNewConfigMap()
                .withName(names.serverConfigMap())
                .withItems(Stream.of("start", "my.cnf", "init.sql", "accounts.sql")
                        .map(file -> new KeyToPathBuilder()
                                .withKey(file)
                                .withPath("start/" + file)
                                .build())
                        .toList())
                .endConfigMap()
                .build());
        sources.add(secret(
                names.tlsSecret(),
                secretFile("tls.crt", "tls/tls.crt"),
                secretFile("tls.key", "tls/tls.key"),
                secretFile("ca.crt", "tls/ca.crt")));
        sources.add(secret(names.announceSecret(), secretFile("token", "announce/token")));
        sources.add(secret(names.rootSecret(), secretFile("password", "secrets/root-password")));
        if (spec.user() != null) {
            PasswordSecret given = spec.passwordSecret();
            sources.add(
                    given == null
                            ? secret(names.userSecret(), secretFile("password", "secrets/user-password"))
                            : secret(given.name(), secretFile(given.key(), "secrets/user-password")));
        }
        return sources;
    }

    private static VolumeProjection secret(String name, KeyToPath... files) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(name)
                .withItems(files)
                .endSecret()
                .build();
    }

    private static KeyToPath secretFile(String key, String path) {
        return new KeyToPathBuilder()
                .withKey(key)
                .withPath(path)
                .withMode(SECRET)
                .build();
    }

    /** A digest of what the server was started with: all that is read only at a start, and comes from the spec. */
    static String configuration(MariaDBInstance instance) {
        MariaDBInstanceSpec spec = instance.getSpec();
        String all = String.join(
                "\0",
                image(spec),
                StartScript.TEXT,
                OptionsFile.of(spec),
                text(spec.resources().requests()),
                text(spec.resources().limits()));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
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
