package dev.haulout.operator.cli;

import ch.qos.logback.classic.Level;
import dev.haulout.crd.LeanSerialization;
import dev.haulout.operator.desired.Release;
import dev.haulout.operator.instance.Operation;
import dev.haulout.operator.instance.ReleaseSecrets;
import dev.haulout.operator.server.SqlServers;
import dev.haulout.proxy.backend.ServerTrust;
import dev.haulout.proxy.cli.Logging;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import sun.misc.Signal;

/** {@code haulout-operator}: cares for the MariaDBInstances of a cluster. */
@Command(
        name = "haulout-operator",
        description = {
            "Cares for the MariaDBInstances of a cluster, with the rights of the kubeconfig or service account it runs"
                    + " under. Of several with the same --lease one leads and the others wait.",
            "SIGTERM and Ctrl-C end it; databases are left as they are."
        },
        mixinStandardHelpOptions = true)
public final class OperatorMain implements Callable<Integer> {
    private static final int LOST_LEAD = 3;

    @Option(
            names = "--namespaces",
            paramLabel = "NAME[,NAME...]",
            split = ",",
            defaultValue = "${env:HAULOUT_NAMESPACES}",
            description = "Where instances live; * for everywhere. Required. Environment: HAULOUT_NAMESPACES.",
            required = true)
    private List<String> namespaces;

    @Option(
            names = "--release-namespace",
            paramLabel = "NAME",
            defaultValue = "${env:POD_NAMESPACE}",
            required = true,
            description = "Where operator and gateways run. Environment: POD_NAMESPACE.")
    private String releaseNamespace;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "${env:POD_NAME}",
            required = true,
            description = "Tells this process from others that may lead. Environment: POD_NAME.")
    private String name;

    @Option(
            names = "--lease",
            paramLabel = "NAME",
            defaultValue = "${env:HAULOUT_LEASE:-haulout-operator}",
            description = "Lease of whoever leads. Environment: HAULOUT_LEASE. Default: haulout-operator.")
    private String lease;

    @Option(
            names = "--gateway-selector",
            paramLabel = "LABEL=VALUE[,...]",
            split = ",",
            defaultValue = "${env:HAULOUT_GATEWAY_SELECTOR:-app.kubernetes.io/component=gateway}",
            description = "Labels of the gateways' pods. Environment: HAULOUT_GATEWAY_SELECTOR."
                    + " Default: app.kubernetes.io/component=gateway.")
    private Map<String, String> gatewayLabels = new LinkedHashMap<>();

    @Option(
            names = "--operator-selector",
            paramLabel = "LABEL=VALUE[,...]",
            split = ",",
            defaultValue = "${env:HAULOUT_OPERATOR_SELECTOR:-app.kubernetes.io/component=operator}",
            description = "Labels of the operator's pods. Environment: HAULOUT_OPERATOR_SELECTOR."
                    + " Default: app.kubernetes.io/component=operator.")
    private Map<String, String> operatorLabels = new LinkedHashMap<>();

    @Option(
            names = "--announce-port",
            paramLabel = "PORT",
            defaultValue = "${env:HAULOUT_ANNOUNCE_PORT:-9307}",
            description = "Where gateways listen for servers that announce themselves. Environment:"
                    + " HAULOUT_ANNOUNCE_PORT. Default: 9307.")
    private int announcePort;

    @Option(
            names = "--max-concurrent-wakes",
            paramLabel = "COUNT",
            defaultValue = "${env:HAULOUT_MAX_CONCURRENT_WAKES:-20}",
            description = "How many servers may start at once; the others wait in line. Environment:"
                    + " HAULOUT_MAX_CONCURRENT_WAKES. Default: 20.")
    private int maxConcurrentWakes;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "${env:HAULOUT_HTTP_PORT:-8080}",
            description = "Serves /livez, /readyz and /metrics. Environment: HAULOUT_HTTP_PORT. Default: 8080.")
    private int httpPort;

    @Option(names = "--log-json", description = "Log in JSON.")
    private boolean json;

    @Option(names = "--verbose", description = "Log more.")
    private boolean verbose;

    @Spec
    private CommandSpec spec;

    private OperatorMain() {}

    /** Runs the program. */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new OperatorMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (maxConcurrentWakes < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--max-concurrent-wakes is " + maxConcurrentWakes
                            + ", so nothing could ever wake; give at least 1");
        }
        Logging.setUp(json, verbose ? Level.DEBUG : Level.INFO);
        Logger log = LoggerFactory.getLogger("dev.haulout.operator");
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        CountDownLatch stop = new CountDownLatch(1);
        AtomicInteger status = new AtomicInteger();
        Signal.handle(new Signal("TERM"), signal -> stop.countDown());
        Signal.handle(new Signal("INT"), signal -> stop.countDown());
        AtomicReference<Operation> present = new AtomicReference<>();
        try (HealthPort health = HealthPort.open(
                        httpPort, () -> present.get() != null && present.get().isHealthy(), registry);
                KubernetesClient client = new KubernetesClientBuilder()
                        .withKubernetesSerialization(LeanSerialization.keepingOnlyMetadataOf(
                                ConfigMap.class, Service.class, NetworkPolicy.class, PodDisruptionBudget.class))
                        .build()) {
            ReleaseSecrets secrets = ReleaseSecrets.ensure(client, releaseNamespace, Clock.systemUTC());
            try (SqlServers servers = new SqlServers(client, releaseNamespace, trust(secrets));
                    Operation operation =
                            Operation.start(client, settings(), secrets, servers, registry, Clock.systemUTC(), () -> {
                                log.error("another operator leads: this one ends and begins anew");
                                status.set(LOST_LEAD);
                                stop.countDown();
                            })) {
                present.set(operation);
                log.info(
                        "cares for instances in {}; health and metrics at port {}",
                        isEverywhere() ? "all namespaces" : String.join(", ", namespaces),
                        health.port());
                awaitEnd(stop, secrets, log);
                log.info("stopping: databases are left as they are");
                present.set(null);
            }
        }
        return status.get();
    }

    /** Until it is told to stop, or has to begin anew because its certificate is renewed at a start. */
    private static void awaitEnd(CountDownLatch stop, ReleaseSecrets secrets, Logger log) throws InterruptedException {
        while (!stop.await(1, TimeUnit.HOURS)) {
            if (secrets.own().isDueForRenewal(Clock.systemUTC())) {
                log.info("its certificate is due for renewal: this operator ends and begins anew");
                return;
            }
        }
    }

    private boolean isEverywhere() {
        return namespaces.equals(List.of("*"));
    }

    private Operation.Settings settings() {
        Set<String> watched = isEverywhere() ? Set.of() : new TreeSet<>(namespaces);
        return new Operation.Settings(
                new Release(releaseNamespace, operatorLabels, gatewayLabels, announcePort),
                watched,
                lease,
                name,
                maxConcurrentWakes);
    }

    private static ServerTrust trust(ReleaseSecrets secrets) throws IOException {
        return ServerTrust.of(
                bytes(secrets.authorityPem()),
                bytes(secrets.own().certificatePem()),
                bytes(secrets.own().keyPem()));
    }

    private static byte[] bytes(String pem) {
        return pem.getBytes(StandardCharsets.UTF_8);
    }
}
