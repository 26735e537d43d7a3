package dev.haulout.proxy.sidecar;

import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.door.Door;
import dev.haulout.proxy.door.DoorRules;
import dev.haulout.proxy.door.Networks;
import dev.haulout.proxy.durable.NoShelf;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.metrics.InstanceMeters;
import dev.haulout.proxy.metrics.MetricsEndpoint;
import dev.haulout.proxy.placement.Farewell;
import dev.haulout.proxy.placement.Sessions;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.sql.KeepAlives;
import dev.haulout.proxy.transport.Transport;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.InstanceEvents;
import dev.haulout.proxy.wake.InstanceSettings;
import dev.haulout.proxy.wake.Learned;
import dev.haulout.proxy.wake.ServerIdentity;
import dev.haulout.proxy.wake.SharedIdentities;
import dev.haulout.proxy.wake.Surroundings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sidecar placement: doors on loopback or unix sockets for the instance of one application. */
public final class Sidecar {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.sidecar");

    /** Stands for "whatever is behind the gateway". */
    private static final String DIGEST = "gateway";

    /** How long a statement waits for a gateway, beside what it waits there for the server. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** For what is never asked here. */
    private static final Duration NEVER = Duration.ofDays(365);

    private static final Duration BETWEEN_READINGS = Duration.ofSeconds(1);

    /** How long statements may go on after SIGTERM. As a rule the application has ended before, and all is over. */
    private static final Duration FAREWELL = Duration.ofSeconds(15);

    private final SidecarOptions options;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EventLoopGroup loops = Transport.loops();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("haulout-clock").factory());
    private final GatewayWaker waker = new GatewayWaker(this::secret);
    private final MetricsEndpoint http;
    private final DoorRules rules = DoorRules.usual(ConnectionIds.ofTheOnlyProxy(), Networks.NONE);
    private final List<Door> doors = new ArrayList<>();
    private volatile ApplicationSecret secret;
    private volatile Instance instance;
    private volatile boolean open;

    /** What was wrong with the Secret when it was last read; on the clock's thread alone. */
    private String fault = "";

    /**
     * Prepares it and tells at once how it is; no door is open until {@link #open}.
     *
     * @throws IOException when the Secret lacks something, or the address of {@code http} can't be had
     */
    public Sidecar(SidecarOptions options) throws IOException {
        this.options = options;
        this.secret = ApplicationSecret.read(options.secret());
        new InstanceMeters(registry).build();
        this.http = MetricsEndpoint.open(options.http(), registry);
        http.check("/livez", Optional::empty);
        http.check("/readyz", this::notReady);
    }

    private Optional<String> notReady() {
        return open ? Optional.empty() : waker.obstacle().or(() -> Optional.of("the door is not open yet"));
    }

    private ApplicationSecret secret() {
        return secret;
    }

    /**
     * Waits for a gateway, since a door greets as the server does, and opens the doors. From then on gateways may come and
     * go.
     *
     * @throws IOException when a door can't be opened; the message names it and the remedy
     */
    public void open() throws IOException, InterruptedException {
        Greeting greeting = waker.await().greeting();
        Learned learned = new Learned(
                new NoShelf(),
                new ServerIdentity(
                        greeting.serverVersion(),
                        greeting.capabilities(),
                        greeting.collation(),
                        Map.of(), // a gateway tells them with the first login
                        Integer.MAX_VALUE,
                        DIGEST),
                SharedIdentities.ofOneInstance(),
                () -> secret.accounts(),
                Optional::empty);
        // what wakes and sleeps is the instance behind the gateway, and that one tells
        instance = new Instance(new Surroundings(loops, clock, InstanceEvents.UNTOLD), settings(), waker, learned);
        DoorMeters meters = new DoorMeters(registry, settings().name(), () -> Sessions.count(instance));
        for (ListenAddress address : options.listen()) {
            doors.add(Door.open(loops, address, instance, rules, meters, Optional.empty()));
        }
        clock.scheduleWithFixedDelay(
                this::readAgain, BETWEEN_READINGS.toMillis(), BETWEEN_READINGS.toMillis(), TimeUnit.MILLISECONDS);
        open = true;
        log.atInfo()
                .addKeyValue("instance", settings().name())
                .log(
                        "open at {} for {} by way of {}:{}",
                        options.listen(),
                        secret.user(),
                        secret.host(),
                        secret.port());
    }

    /** When it sleeps, who keeps it awake and what is a keep-alive is all the gateway's to say. */
    private InstanceSettings settings() {
        return new InstanceSettings(secret.instance(), NEVER, PATIENCE, NEVER, true, Set.of(), KeepAlives.NONE);
    }

    /** The Secret may have been given another password. What is wrong with it is told once, and the old one used. */
    private void readAgain() {
        try {
            ApplicationSecret now = ApplicationSecret.read(options.secret());
            if (!now.equals(secret)) {
                secret = now;
                instance.learned().reread();
                log.info("the Secret in {} has changed: {}", options.secret(), now);
            }
            fault = "";
        } catch (IOException e) {
            if (!fault.equals(e.getMessage())) {
                fault = e.getMessage();
                log.warn("{}; what was there before is used on", fault);
            }
        }
    }

    /** Takes no more clients, lets statements finish, and ends. Blocks. */
    public void stop() throws InterruptedException {
        open = false;
        doors.forEach(Door::close);
        if (instance != null) {
            Farewell.elsewhere(instance).say("the sidecar is stopping", FAREWELL);
            instance.close("the sidecar is stopping", false, Duration.ofSeconds(1));
        }
        http.close();
        clock.shutdownNow();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(5_000);
    }

    /** The port of a TCP door, 0 for a unix socket, in the order of the options. */
    public List<Integer> ports() {
        return doors.stream().map(Door::port).toList();
    }
}
