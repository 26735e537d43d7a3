package dev.haulout.proxy.scripted;

import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.control.ControlCommand;
import dev.haulout.proxy.control.ControlListener;
import dev.haulout.proxy.door.Door;
import dev.haulout.proxy.door.DoorRules;
import dev.haulout.proxy.door.InheritedSockets;
import dev.haulout.proxy.door.Networks;
import dev.haulout.proxy.lua.Limits;
import dev.haulout.proxy.lua.LuaFailure;
import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.script.Handlers;
import dev.haulout.proxy.lua.script.Listeners;
import dev.haulout.proxy.lua.script.ProxyScript;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.metrics.InstanceMeters;
import dev.haulout.proxy.metrics.MetricsEndpoint;
import dev.haulout.proxy.placement.Farewell;
import dev.haulout.proxy.placement.FirstIdentity;
import dev.haulout.proxy.placement.Sessions;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.tls.CertificateFiles;
import dev.haulout.proxy.tls.DoorTls;
import dev.haulout.proxy.transport.Transport;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.InstanceEvents;
import dev.haulout.proxy.wake.Surroundings;
import dev.haulout.proxy.wake.remote.RemoteInstances;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.luaj.vm2.LuaError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The scripted placement: what a configuration of CM4all's myproxy asks for. */
public final class ScriptedProxy {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.script");

    /** What clients may agree on with the door; servers that are led to are taken to offer as much. */
    private static final String ANNOUNCED = "5.7.30";

    private static final Duration BETWEEN_LOOKS_AT_CERTIFICATES = Duration.ofSeconds(30);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final InheritedSockets inherited;
    private final EventLoopGroup loops;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("haulout-clock").factory());
    private final RemoteInstances instances;
    private final Nodes nodes;
    private final Visits visits = new Visits();
    private final DoorRules rules = DoorRules.usual(ConnectionIds.ofTheOnlyProxy(), Networks.NONE);
    private final List<Door> doors = new ArrayList<>();
    private final List<ControlListener> controls = new ArrayList<>();
    private final Obedience obedience = new Obedience();
    private final List<MetricsEndpoint> metrics = new ArrayList<>();
    private ProxyScript script;

    private ScriptedProxy(InheritedSockets inherited) {
        this.inherited = inherited;
        this.loops = inherited.isEmpty() ? Transport.loops() : Transport.adoptingLoops();
        new InstanceMeters(registry).build();
        Surroundings surroundings = new Surroundings(loops, clock, InstanceEvents.UNTOLD);
        this.instances = new RemoteInstances(surroundings, FirstIdentity.of(ANNOUNCED, ""));
        this.nodes = new Nodes(surroundings, instances);
    }

    /**
     * Reads the configuration and opens what it listens on.
     *
     * @param inherited for {@code mysql_listen(systemd, ...)}
     * @param out where print writes
     * @param limits of each callback
     * @throws LuaFailure when it fails or opens no door; the message names the line
     * @throws IOException when it can't be read
     */
    public static ScriptedProxy start(Path config, InheritedSockets inherited, PrintStream out, Limits limits)
            throws LuaFailure, IOException, InterruptedException {
        ScriptedProxy proxy = new ScriptedProxy(inherited);
        try {
            proxy.script = ProxyScript.read(config, proxy.new Opening(), out, limits, log::error);
            if (proxy.doors.isEmpty()) {
                throw new LuaFailure("No listeners configured");
            }
            return proxy;
        } catch (LuaFailure | IOException | RuntimeException e) {
            proxy.stop(Duration.ZERO);
            throw e;
        }
    }

    /** The ports of the doors, 0 for a unix socket, in the order in which they were opened. */
    public List<Integer> ports() {
        return doors.stream().map(Door::port).toList();
    }

    /** The event loops, and a clock: for whoever watches that they turn. */
    public EventLoopGroup loops() {
        return loops;
    }

    /** Runs short tasks at their time. */
    public ScheduledExecutorService clock() {
        return clock;
    }

    /** Calls the script's {@code reload}. */
    public void reload() {
        script.reload();
    }

    /** Lets nobody in any more, ends all connections between their statements, for which they have so long, and stops. */
    public void stop(Duration farewell) throws InterruptedException {
        doors.forEach(Door::close);
        List<Thread> leaving = new ArrayList<>();
        for (Instance instance : instances.all()) {
            leaving.add(Thread.ofVirtual().start(() -> leave(instance, farewell)));
        }
        for (Thread thread : leaving) {
            thread.join();
        }
        nodes.close();
        controls.forEach(ControlListener::close);
        metrics.forEach(MetricsEndpoint::close);
        if (script != null) {
            script.close();
        }
        clock.shutdownNow();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(5_000);
    }

    private static void leave(Instance instance, Duration farewell) {
        String why = "the proxy is stopping";
        try {
            if (!farewell.isZero()) {
                Farewell.forGood(instance).say(why, farewell);
            }
            instance.close(why, false, Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whoever can send a datagram is believed. */
    private final class Obedience implements ControlListener.Receiver {
        @Override
        public void command(ControlCommand command) {
            if (command.id() == ControlCommand.DISCONNECT_DATABASE && command.payload().length > 0) {
                String account = command.text();
                log.info("disconnected {} connections of account \"{}\"", visits.disconnect(account), account);
            }
        }

        @Override
        public void malformed(String why) {
            log.warn("a control datagram: {}", why);
        }
    }

    /** Opens what the script asks for, while it is read. */
    private final class Opening implements Listeners {
        @Override
        public void mysql(Address address, Handlers handlers, Options options) {
            open(listenAddress(address), handlers, options, InheritedSockets.NONE);
        }

        @Override
        public void inherited(Handlers handlers, Options options) {
            try {
                List<ListenAddress> addresses = inherited.addresses();
                if (addresses.isEmpty()) {
                    throw new LuaError("No systemd socket");
                }
                addresses.forEach(address -> open(address, handlers, options, inherited));
            } catch (IOException e) {
                throw new LuaError(e.getMessage());
            }
        }

        private void open(ListenAddress address, Handlers handlers, Options options, InheritedSockets sockets) {
            if (handlers.has("on_query")) {
                throw new LuaError("on_query is not called yet; leave it out");
            }
            Instance front = instances.nowhere(address.toString());
            ScriptGuide guide = new ScriptGuide(handlers, nodes, visits, options.allowCleartext());
            DoorMeters meters = new DoorMeters(registry, address.toString(), () -> Sessions.count(front));
            try {
                doors.add(Door.open(
                        loops,
                        sockets,
                        address,
                        front,
                        rules.leading(guide, Networks.parse(options.proxies())),
                        meters,
                        tls(options)));
            } catch (IOException | IllegalArgumentException e) {
                throw new LuaError(e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LuaError("the proxy is stopping");
            }
        }

        private Optional<DoorTls> tls(Options options) throws IOException {
            if (options.certificate().isEmpty()) {
                return Optional.empty();
            }
            CertificateFiles files = new CertificateFiles(
                    Path.of(options.certificate().get()), Path.of(options.key().orElseThrow()));
            clock.scheduleWithFixedDelay(
                    () -> Thread.ofVirtual().start(files::refresh),
                    BETWEEN_LOOKS_AT_CERTIFICATES.toSeconds(),
                    BETWEEN_LOOKS_AT_CERTIFICATES.toSeconds(),
                    TimeUnit.SECONDS);
            return Optional.of(files);
        }

        @Override
        public void control(Address address, Optional<InetAddress> group, Optional<String> networkInterface) {
            try {
                controls.add(
                        address.isLocal()
                                ? ControlListener.local(address.local(), obedience)
                                : ControlListener.ip(address.ip(), group, networkInterface, obedience));
            } catch (IOException e) {
                throw new LuaError("control_listen at " + address.tojstring() + ": " + e.getMessage());
            }
        }

        @Override
        public void prometheus(Address address) {
            if (address.isLocal()) {
                throw new LuaError("prometheus_listen at " + address.tojstring()
                        + ": only IP addresses can be listened at; write for example '127.0.0.1:9100'");
            }
            try {
                metrics.add(MetricsEndpoint.openForAnyPath(address.ip(), registry));
            } catch (IOException e) {
                throw new LuaError("prometheus_listen at " + address.tojstring() + ": " + e.getMessage());
            }
        }
    }

    private static ListenAddress listenAddress(Address address) {
        if (!address.isLocal()) {
            return new ListenAddress.Tcp(address.ip().getAddress(), address.ip().getPort());
        }
        String name = address.local();
        return name.startsWith("@")
                ? new ListenAddress.Abstract(name.substring(1))
                : new ListenAddress.Unix(Path.of(name));
    }
}
