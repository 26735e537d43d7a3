package dev.haulout.proxy.gateway;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.proxy.backend.ServerTrust;
import dev.haulout.proxy.door.DoorRules;
import dev.haulout.proxy.metrics.InstanceMeters;
import dev.haulout.proxy.metrics.MetricsEndpoint;
import dev.haulout.proxy.placement.InstanceRecord;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.session.KillAnswer;
import dev.haulout.proxy.tls.CertificateFiles;
import dev.haulout.proxy.tls.DoorTls;
import dev.haulout.proxy.transport.Transport;
import dev.haulout.proxy.wake.Surroundings;
import dev.haulout.proxy.wake.pod.SeenPod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway placement: a door for every instance of a cluster, awake or not. */
public final class Gateway {
    /** Under which name the API keeps what gateways write. */
    static final String FIELD_MANAGER = "haulout-gateway";

    private static final Logger log = LoggerFactory.getLogger("dev.haulout.gateway");
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
    private static final Duration BETWEEN_READINGS = Duration.ofSeconds(10);

    /** How long at most, when it stops, it waits for clients to be sent elsewhere. */
    private static final Duration LONGEST_NAMED = Duration.ofSeconds(15);

    private final GatewayOptions options;
    private final KubernetesClient client;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EventLoopGroup loops = Transport.loops();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("haulout-clock").factory());
    private final Surroundings surroundings;
    private final LearnedSecrets secrets = new LearnedSecrets();
    private final DoorRules rules;
    private final ServerTrustFiles trust;
    private final ReleaseAuthority authority;
    private final Optional<DoorTls> supplied;
    private final Map<InstanceKey, GatewayInstance> instances = new ConcurrentHashMap<>();
    private final Map<InstanceKey, OwnedPod> pods = new ConcurrentHashMap<>();
    private final MetricsEndpoint http;
    private final Slices slices;
    private Announcements announcements;
    private PeerListener peerListener;
    private Peers peers;
    private Watches watches;
    private GatewayLease lease;
    private volatile boolean open;
    private volatile boolean wasReady;
    private volatile boolean stopping;

    private Gateway(GatewayOptions options, KubernetesClient client) throws IOException {
        this.options = options;
        this.client = client;
        this.trust = new ServerTrustFiles(options.certificates());
        this.slices = new Slices(client, options);
        this.authority = new ReleaseAuthority(client, options.namespace());
        this.supplied = supplied(options);
        this.rules = DoorRules.usual(ConnectionIds.of(options.pod()), options.proxies());
        InstanceMeters meters = new InstanceMeters(registry);
        meters.build();
        this.surroundings = new Surroundings(loops, clock, new InstanceRecord(meters));
        this.http = MetricsEndpoint.open(options.http(), registry);
        http.check("/livez", Optional::empty);
        http.check("/readyz", this::notReady);
    }

    private static Optional<DoorTls> supplied(GatewayOptions options) throws IOException {
        if (options.doorCertificate().isEmpty()) {
            return Optional.empty();
        }
        Path folder = options.doorCertificate().get();
        return Optional.of(new CertificateFiles(folder.resolve("tls.crt"), folder.resolve("tls.key")));
    }

    /**
     * Starts it; {@code /readyz} tells when clients may be sent to it.
     *
     * @param client reaches the API; closed by whoever made it
     * @throws IOException when an address can't be had or the certificates can't be read
     */
    public static Gateway start(GatewayOptions options, KubernetesClient client) throws IOException {
        Gateway gateway = new Gateway(options, client);
        gateway.begin();
        return gateway;
    }

    private void begin() throws IOException {
        announcements = Announcements.open(options.announcements(), new Announced(), registry);
        peerListener = PeerListener.open(options.peers(), trust::peers, this::kill, clock, registry);
        peers = new Peers(trust::peers, peerListener.port());
        lease = GatewayLease.take(client, options);
        watches = Watches.open(client, options, new Seen());
        clock.scheduleWithFixedDelay(
                () -> Thread.ofVirtual().start(this::refreshCertificates),
                BETWEEN_READINGS.toSeconds(),
                BETWEEN_READINGS.toSeconds(),
                TimeUnit.SECONDS);
        Thread.ofVirtual().name("haulout-gateway").start(this::openWhenAllIsSeen);
    }

    private void refreshCertificates() {
        trust.refresh();
        if (supplied.isPresent()) {
            supplied.get().refresh();
        } else {
            authority.refresh(trust.authorityPem());
        }
    }

    /** A door that opened before all is seen would refuse logins, or hold what is not to be held. */
    private void openWhenAllIsSeen() {
        long began = System.nanoTime();
        try {
            while (!watches.isSynced()) {
                Thread.sleep(BETWEEN_LOOKS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        open = true;
        instances.values().forEach(GatewayInstance::attend);
        log.info(
                "{} instances seen after {} ms",
                instances.size(),
                Duration.ofNanos(System.nanoTime() - began).toMillis());
    }

    /**
     * A pod and who made it.
     *
     * @param owner the instance's uid
     */
    private record OwnedPod(String owner, SeenPod pod) {}

    /** Takes what the watches see to the instance it is about. */
    private final class Seen implements Watches.Sink {
        @Override
        public void instance(MariaDBInstance resource) {
            InstanceKey key = InstanceKey.of(resource);
            GatewayInstance present = instances.get(key);
            if (present != null && !present.uid().equals(resource.getMetadata().getUid())) {
                instanceGone(key);
                present = null;
            }
            if (present == null) {
                present = new GatewayInstance(Gateway.this, resource);
                present.pod(Optional.ofNullable(pods.get(key))
                        .filter(pod -> pod.owner().equals(resource.getMetadata().getUid()))
                        .map(OwnedPod::pod));
                instances.put(key, present);
            }
            present.seen(resource);
        }

        @Override
        public void instanceGone(InstanceKey key) {
            GatewayInstance gone = instances.remove(key);
            if (gone != null) {
                Thread.ofVirtual().start(() -> {
                    try {
                        gone.close("the database " + key + " was deleted");
                        log.atInfo().addKeyValue("instance", key).log("removed");
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
            }
        }

        @Override
        public void pod(InstanceKey key, Optional<String> owner, Optional<SeenPod> pod) {
            if (owner.isPresent() && pod.isPresent()) {
                pods.put(key, new OwnedPod(owner.get(), pod.get()));
            } else {
                pods.remove(key);
            }
            GatewayInstance present = instances.get(key);
            if (present != null) {
                boolean its = owner.filter(present.uid()::equals).isPresent();
                present.pod(its ? pod : Optional.empty());
            }
        }

        @Override
        public void learned(Secret secret) {
            secrets.seen(secret).flatMap(Gateway.this::byUid).ifPresent(GatewayInstance::learnedAnew);
        }

        @Override
        public void learnedGone(String secret) {
            secrets.gone(secret);
        }
    }

    /** Takes what pods announce to the instance they are of. */
    private final class Announced implements Announcements.Instances {
        @Override
        public Optional<byte[]> token(String uid) {
            return secrets.announceToken(uid);
        }

        @Override
        public void announced(String uid, InetAddress address) {
            byUid(uid).ifPresent(instance -> instance.announced(address));
        }
    }

    /** Another gateway's client kills a session that may be here. */
    private CompletableFuture<KillAnswer> kill(KillRequest request) {
        CompletableFuture<KillAnswer> answer = new CompletableFuture<>();
        byUid(request.uid())
                .map(GatewayInstance::instance)
                .ifPresentOrElse(
                        instance -> request.order(instance.learned().accounts()).carryOut(instance, answer::complete),
                        () -> answer.complete(new KillAnswer.Unknown()));
        return answer;
    }

    private Optional<GatewayInstance> byUid(String uid) {
        return instances.values().stream()
                .filter(instance -> instance.uid().equals(uid))
                .findFirst();
    }

    /** Once clients may come they may until it stops: a server that starts later trusts every gateway there is. */
    private Optional<String> notReady() {
        if (stopping) {
            return Optional.of("stopping");
        }
        if (!wasReady) {
            Optional<String> reason = open
                    ? instances.values().stream()
                            .flatMap(instance -> instance.notReady().stream())
                            .findFirst()
                    : Optional.of("not all instances have been seen yet");
            if (reason.isPresent()) {
                return reason;
            }
            wasReady = true;
        }
        return Optional.empty();
    }

    /**
     * Waits until no clients are sent here, ends all sessions between their statements, and stops. Servers run on.
     * Blocks.
     */
    public void stop() throws InterruptedException {
        stopping = true;
        if (wasReady && !instances.isEmpty()) {
            slices.awaitUnnamed(LONGEST_NAMED);
        }
        List<Thread> leaving = new ArrayList<>();
        for (GatewayInstance instance : instances.values()) {
            leaving.add(Thread.ofVirtual().start(() -> {
                try {
                    instance.leave("the gateway " + options.pod() + " is stopping; connect again", options.farewell());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread thread : leaving) {
            thread.join();
        }
        watches.close();
        try {
            announcements.close();
            peerListener.close();
        } catch (IOException e) {
            log.warn("announcements or requests of other gateways could not be closed: {}", e.getMessage());
        }
        lease.close(); // last: until here an operator has to ask this gateway before it stops a server
        http.close();
        clock.shutdownNow();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(5_000);
    }

    /** The port of {@code /metrics}, {@code /livez} and {@code /readyz}. */
    public int httpPort() {
        return http.port();
    }

    /** The port that other gateways come to. */
    public int peerPort() {
        return peerListener.port();
    }

    /** The port of announcements. */
    public int announcementPort() {
        return announcements.port();
    }

    Slices slices() {
        return slices;
    }

    Peers peers() {
        return peers;
    }

    StatusApi statusOf(InstanceKey key) {
        return new StatusPatch(client, key);
    }

    boolean isOpen() {
        return open;
    }

    GatewayOptions options() {
        return options;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    LearnedSecrets secrets() {
        return secrets;
    }

    DoorRules rules() {
        return rules;
    }

    /** What the door of an instance shows to clients. */
    DoorTls doorTls(InstanceKey instance) {
        return supplied.orElseGet(() -> authority.door(instance));
    }

    ServerTrust trust() {
        return trust.present();
    }

    MeterRegistry registry() {
        return registry;
    }
}
