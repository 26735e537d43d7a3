package dev.haulout.operator.instance;

import dev.haulout.operator.desired.Release;
import dev.haulout.operator.gateways.Gateways;
import dev.haulout.operator.server.Orphans;
import dev.haulout.operator.server.Servers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator at work: one process of it, leading or waiting to lead. */
public final class Operation implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Operation.class);

    // held statements wait through a failover, so it is to be over within 15 s
    private static final Duration LEASE_DURATION = Duration.ofSeconds(10);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(7);
    private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

    // an instance is never given up, whatever fault there is
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

    private static final int AT_ONCE = 16;
    private static final Duration END_OF_RECONCILIATIONS = Duration.ofSeconds(5);

    private final Operator operator;
    private final Gateways gateways;
    private final AtomicBoolean closing;

    private Operation(Operator operator, Gateways gateways, AtomicBoolean closing) {
        this.operator = operator;
        this.gateways = gateways;
        this.closing = closing;
    }

    /**
     * What an operator is told.
     *
     * @param release the installation
     * @param namespaces whose instances it cares for; empty for all
     * @param lease name of the Lease of whoever leads, in the release's namespace
     * @param identity the name of this process
     * @param maxConcurrentWakes how many servers may start at once
     */
    public record Settings(
            Release release, Set<String> namespaces, String lease, String identity, int maxConcurrentWakes) {
        /** Copies the namespaces. */
        public Settings {
            namespaces = Set.copyOf(namespaces);
        }
    }

    /**
     * Starts to watch, and to lead as soon as nobody else does.
     *
     * @param servers asks servers
     * @param meters where wakes, sleeps and failures are counted
     * @param deposed called when another leads instead: this process must end then
     */
    public static Operation start(
            KubernetesClient client,
            Settings settings,
            ReleaseSecrets secrets,
            Servers servers,
            MeterRegistry meters,
            Clock clock,
            Runnable deposed) {
        AtomicBoolean closing = new AtomicBoolean();
        Release release = settings.release();
        AtomicReference<InstanceReconciler> reconciler = new AtomicReference<>();
        Gateways gateways = Gateways.watch(client, release.namespace(), release.gatewayLabels(), () -> {
            if (reconciler.get() != null) {
                reconciler.get().gatewaysChanged();
            }
        });
        reconciler.set(new InstanceReconciler(new InstanceReconciler.Tools(
                client,
                release,
                secrets,
                gateways::live,
                servers,
                new Outcomes(client, clock, settings.identity(), meters),
                settings.maxConcurrentWakes(),
                clock)));
        Operator operator = new Operator(overrides -> overrides
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withConcurrentReconciliationThreads(AT_ONCE)
                .withReconciliationTerminationTimeout(END_OF_RECONCILIATIONS)
                .withLeaderElectionConfiguration(new LeaderElectionConfiguration(
                        settings.lease(),
                        release.namespace(),
                        LEASE_DURATION,
                        RENEW_DEADLINE,
                        RETRY_PERIOD,
                        settings.identity(),
                        new LeaderCallbacks(
                                () -> tidyUp(new Orphans(client, release.namespace(), settings.namespaces())),
                                () -> {
                                    if (!closing.get()) {
                                        deposed.run();
                                    }
                                },
                                leader -> {}),
                        false)));
        operator.register(reconciler.get(), controller -> {
            if (settings.namespaces().isEmpty()) {
                controller.watchingAllNamespaces();
            } else {
                controller.settingNamespaces(settings.namespaces());
            }
            controller
                    .withGenerationAware(false)
                    .withTriggerReconcilerOnAllEvents(true)
                    .withInformerListLimit(OwnedObjects.PAGE)
                    .withRetry(new GenericRetry()
                            .setInitialInterval(FIRST_RETRY)
                            .setMaxInterval(LONGEST_RETRY.toMillis())
                            .withoutMaxAttempts());
        });
        Operation operation = new Operation(operator, gateways, closing);
        operator.start();
        return operation;
    }

    /** In the background, since it asks once for each instance. */
    private static void tidyUp(Orphans orphans) {
        Thread.ofVirtual().name("orphans").start(() -> {
            try {
                orphans.remove();
            } catch (KubernetesClientException e) {
                log.warn("what was learnt of instances that are gone is left for now: {}", e.getMessage());
            }
        });
    }

    /** Whether all that it watches is being watched. */
    public boolean isHealthy() {
        return gateways.isHealthy() && operator.getRuntimeInfo().allEventSourcesAreHealthy();
    }

    @Override
    public void close() {
        closing.set(true);
        operator.stop();
        gateways.close();
    }
}
