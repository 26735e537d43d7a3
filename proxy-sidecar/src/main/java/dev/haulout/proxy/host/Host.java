package dev.haulout.proxy.host;

import dev.haulout.crd.ListenAddress;
import dev.haulout.crd.manifest.Fault;
import dev.haulout.crd.manifest.InstanceManifest;
import dev.haulout.crd.manifest.ManifestFolder;
import dev.haulout.crd.manifest.Manifests;
import dev.haulout.proxy.door.Door;
import dev.haulout.proxy.door.DoorRules;
import dev.haulout.proxy.door.InheritedSockets;
import dev.haulout.proxy.durable.FolderShelf;
import dev.haulout.proxy.metrics.InstanceMeters;
import dev.haulout.proxy.metrics.MetricsEndpoint;
import dev.haulout.proxy.placement.InstanceRecord;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.tls.CertificateFiles;
import dev.haulout.proxy.tls.DoorTls;
import dev.haulout.proxy.tls.OwnCertificate;
import dev.haulout.proxy.transport.Transport;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Learned;
import dev.haulout.proxy.wake.SharedIdentities;
import dev.haulout.proxy.wake.Surroundings;
import dev.haulout.proxy.wake.process.ServerBinary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The single-host placement: a folder of manifests, each turned into doors and a server that wakes and sleeps. */
public final class Host {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.host");

    /** Enough for a slow one, such as a server that recovers, not to hold up the others. */
    private static final int OPENED_AT_ONCE = 64;

    /** Of what went wrong with doors, so many are told one by one: a common cause fails them all. */
    private static final int FAULTS_TOLD = 20;

    private static final Duration BETWEEN_LOOKS_AT_CERTIFICATE = Duration.ofSeconds(30);

    private static final Duration STOP_LIMIT = Duration.ofMinutes(5);
    private static final String STOPPING = "the proxy is stopping";

    private final HostOptions options;
    private final FileChannel lockFile;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EventLoopGroup loops;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("haulout-clock").factory());
    private final Surroundings surroundings;
    private final SharedIdentities identities;
    private final Ports ports;
    private final DoorTls tls;
    private final DoorRules rules;
    private final Map<Optional<Path>, ServerBinary> binaries = new HashMap<>();
    private final Map<String, HostedInstance> instances = Collections.synchronizedMap(new LinkedHashMap<>());
    private AdminSocket admin;
    private MetricsEndpoint metrics;
    private Optional<ServiceManager> manager = Optional.empty();

    private Host(HostOptions options, FileChannel lockFile) throws IOException {
        this.options = options;
        this.lockFile = lockFile;
        this.loops = options.sockets().isEmpty() ? Transport.loops() : Transport.adoptingLoops();
        this.rules = DoorRules.usual(ConnectionIds.ofTheOnlyProxy(), options.proxies());
        InstanceMeters meters = new InstanceMeters(registry);
        meters.build();
        this.surroundings = new Surroundings(loops, clock, new InstanceRecord(meters));
        Files.createDirectories(cache());
        this.identities = new SharedIdentities(new FolderShelf(cache()));
        this.tls = tls(options);
        this.ports = Ports.read(options.state().resolve("ports.json"));
    }

    private static DoorTls tls(HostOptions options) throws IOException {
        if (options.tls().isPresent()) {
            HostOptions.SuppliedCertificate supplied = options.tls().get();
            return new CertificateFiles(supplied.certificate(), supplied.key());
        }
        return new OwnCertificate(options.state().resolve("tls.pem"), Clock.systemUTC());
    }

    /**
     * Reads the manifests and opens their doors.
     *
     * @throws HostFailure when anything is wrong; then nothing runs
     */
    public static Host start(HostOptions options) throws HostFailure, InterruptedException {
        List<InstanceManifest> manifests = read(options.manifests());
        try {
            Files.createDirectories(options.state());
            Host host = new Host(options, lock(options.state()));
            try {
                host.open(manifests);
                return host;
            } catch (IOException | HostFailure e) {
                host.end(Duration.ZERO, false); // a server that ran before goes on: the next start takes it over
                throw e;
            }
        } catch (IOException e) {
            throw new HostFailure(List.of(String.valueOf(e.getMessage())));
        }
    }

    /** All that is wrong with a folder of manifests, a line each; empty if nothing is. */
    public static List<String> check(Path manifests) {
        return switch (ManifestFolder.read(manifests)) {
            case Manifests.Loaded loaded -> List.of();
            case Manifests.Refused refused ->
                refused.faults().stream().map(Fault::text).toList();
        };
    }

    private static List<InstanceManifest> read(Path folder) throws HostFailure {
        return switch (ManifestFolder.read(folder)) {
            case Manifests.Loaded loaded -> loaded.instances();
            case Manifests.Refused refused ->
                throw new HostFailure(refused.faults().stream().map(Fault::text).toList());
        };
    }

    private static FileChannel lock(Path state) throws IOException {
        FileChannel file = FileChannel.open(state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = file.tryLock();
        if (lock == null) {
            file.close();
            throw new IOException("another haulout host already runs with the state in " + state
                    + "; stop it, or choose another --state");
        }
        return file;
    }

    private void open(List<InstanceManifest> manifests) throws IOException, HostFailure, InterruptedException {
        long began = System.nanoTime();
        FileDescriptors.checkEnough(manifests);
        ports.choose(manifests);
        for (InstanceManifest manifest : manifests) {
            instances.put(manifest.id(), new HostedInstance(this, manifest));
        }
        List<String> faults = openAll(instances.values());
        if (!faults.isEmpty()) {
            throw new HostFailure(faults);
        }
        tellUnused();
        learnUnknown(instances.values());
        if (options.metrics().isPresent()) {
            metrics = MetricsEndpoint.open(options.metrics().get(), registry);
        }
        clock.scheduleWithFixedDelay(
                () -> Thread.ofVirtual().name("certificate").start(tls::refresh),
                BETWEEN_LOOKS_AT_CERTIFICATE.toSeconds(),
                BETWEEN_LOOKS_AT_CERTIFICATE.toSeconds(),
                TimeUnit.SECONDS);
        // last: who is answered may take it that the host is up
        admin = AdminSocket.open(HostOptions.adminSocket(options.state()), this);
        log.info(
                "{} instances at their doors after {} ms",
                instances.size(),
                Duration.ofNanos(System.nanoTime() - began).toMillis());
    }

    /** A socket unit may name more than there are instances: these may come yet. */
    private void tellUnused() throws IOException {
        List<ListenAddress> doors = instances().stream()
                .flatMap(hosted -> hosted.doors().stream())
                .map(Door::address)
                .toList();
        for (String address : options.sockets().notAmong(doors)) {
            log.warn(
                    "the inherited socket {} is no instance's door, so who connects there waits in vain: name it in"
                            + " spec.host.listen of an instance, or take it out of the socket unit",
                    address);
        }
    }

    /** Has a service manager told that the doors are open, that it goes on well, and that it stops. */
    public void reportTo(ServiceManager told) {
        manager = Optional.of(told);
        told.ready(loops, clock);
    }

    /** Opens several at a time, as each waits more than it works. Returns what went wrong, a line each. */
    private static List<String> openAll(Collection<HostedInstance> hosted) throws InterruptedException {
        List<Callable<Optional<String>>> openings = new ArrayList<>();
        for (HostedInstance one : hosted) {
            openings.add(() -> {
                try {
                    one.open();
                    return Optional.empty();
                } catch (IOException e) {
                    return Optional.of(one.manifest().id() + ": " + e.getMessage());
                }
            });
        }
        List<String> faults = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(OPENED_AT_ONCE, Thread.ofVirtual().factory())) {
            for (Future<Optional<String>> opening : threads.invokeAll(openings)) {
                opening.get().ifPresent(faults::add);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a fault of ours while opening doors", e.getCause());
        }
        if (faults.size() > FAULTS_TOLD) {
            int more = faults.size() - FAULTS_TOLD;
            faults.subList(FAULTS_TOLD, faults.size()).clear();
            faults.add("and " + more + " more");
        }
        return faults;
    }

    /**
     * Reads the certificate and the manifests again: new ones are opened, removed ones closed, changed ones changed, the others not touched.
     * Where anything is wrong nothing happens.
     */
    public synchronized void reload() throws HostFailure, InterruptedException {
        tls.refresh();
        Map<String, InstanceManifest> wanted = new LinkedHashMap<>();
        for (InstanceManifest manifest : read(options.manifests())) {
            wanted.put(manifest.id(), manifest);
        }
        List<String> faults = new ArrayList<>();
        for (HostedInstance hosted : List.copyOf(instances.values())) {
            String id = hosted.manifest().id();
            if (!wanted.containsKey(id)) {
                instances.remove(id);
                hosted.close("its database was taken off this host", true, STOP_LIMIT);
                log.atInfo()
                        .addKeyValue("instance", id)
                        .log("removed; its data stays in {}", folderOf(hosted.manifest()));
            }
        }
        List<HostedInstance> added = new ArrayList<>();
        try {
            FileDescriptors.checkEnough(wanted.values());
            ports.choose(wanted.values());
            for (InstanceManifest manifest : wanted.values()) {
                if (!instances.containsKey(manifest.id())) {
                    HostedInstance hosted = new HostedInstance(this, manifest);
                    instances.put(manifest.id(), hosted);
                    added.add(hosted);
                }
            }
        } catch (IOException e) {
            faults.add(e.getMessage());
        }
        faults.addAll(openAll(added));
        try {
            tellUnused();
        } catch (IOException e) {
            faults.add(e.getMessage());
        }
        learnUnknown(added);
        added.stream()
                .filter(hosted -> !hosted.doors().isEmpty())
                .forEach(hosted -> log.atInfo()
                        .addKeyValue("instance", hosted.manifest().id())
                        .log("added"));
        for (InstanceManifest manifest : wanted.values()) {
            HostedInstance present = instances.get(manifest.id());
            try {
                if (present != null && !same(present.manifest(), manifest)) {
                    present.change(manifest);
                    learnUnknown(List.of(present));
                    log.atInfo()
                            .addKeyValue("instance", manifest.id())
                            .log("changed; what concerns the server itself holds from its next start on");
                }
            } catch (IOException e) {
                faults.add(manifest.id() + ": " + e.getMessage());
            }
        }
        if (!faults.isEmpty()) {
            throw new HostFailure(faults);
        }
    }

    /**
     * Wakes those that crashed, to recover and to see what had changed, and one instance of each program and
     * configuration that nothing is known of: the others greet as it does.
     */
    private static void learnUnknown(Collection<HostedInstance> opened) {
        Set<String> asked = new HashSet<>();
        for (HostedInstance hosted : opened) {
            Instance instance = hosted.instance();
            Learned learned = instance.learned();
            boolean must = !learned.isSettled() || !learned.isKnown() && asked.add(learned.digest());
            if (instance.isAsleep() && must) {
                instance.wakeToLearn();
            }
        }
    }

    private static boolean same(InstanceManifest one, InstanceManifest other) {
        return one.resource().getSpec().equals(other.resource().getSpec())
                && one.password().equals(other.password());
    }

    /** Reads the manifests again and starts an instance's server again, with its sessions held meanwhile. Blocks. */
    RestartRequest.Reply restart(RestartRequest request) throws InterruptedException {
        try {
            reload();
        } catch (HostFailure e) {
            return new RestartRequest.Reply(
                    false, "nothing was done, as the manifests can't be taken: " + String.join("; ", e.lines()));
        }
        List<HostedInstance> meant = instances().stream()
                .filter(hosted -> hosted.manifest().id().equals(request.name())
                        || hosted.manifest().resource().getMetadata().getName().equals(request.name()))
                .toList();
        if (meant.size() != 1) {
            String known = instances().stream()
                    .map(hosted -> hosted.manifest().id())
                    .limit(FAULTS_TOLD)
                    .collect(Collectors.joining(", "));
            return new RestartRequest.Reply(
                    false,
                    (meant.isEmpty() ? "there is no instance " : "several namespaces have an instance ")
                            + request.name() + "; say one of " + known);
        }
        try {
            return meant.getFirst().restart(Duration.ofMillis(request.waitMillis()), request.force());
        } catch (IOException e) {
            return new RestartRequest.Reply(false, meant.getFirst().manifest().id() + ": " + e.getMessage());
        }
    }

    /** Closes all doors, ends all sessions between their statements, and shuts all servers down. Blocks. */
    public void stop() throws InterruptedException {
        end(options.farewell(), true);
    }

    private synchronized void end(Duration farewell, boolean servers) throws InterruptedException {
        manager.ifPresent(ServiceManager::stopping);
        instances().forEach(HostedInstance::closeDoors);
        List<Thread> closing = new ArrayList<>();
        for (HostedInstance hosted : instances()) {
            closing.add(Thread.ofVirtual().start(() -> {
                try {
                    hosted.sayFarewell(STOPPING, farewell);
                    hosted.close(STOPPING, servers, STOP_LIMIT);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread thread : closing) {
            thread.join();
        }
        instances.clear();
        if (admin != null) {
            admin.close();
        }
        if (metrics != null) {
            metrics.close();
        }
        clock.shutdownNow();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(5_000);
        try {
            lockFile.close();
        } catch (IOException e) {
            log.warn("the lock of {} could not be closed: {}", options.state(), e.getMessage());
        }
    }

    /** The port metrics are served at, 0 for none. */
    public int metricsPort() {
        return metrics == null ? 0 : metrics.port();
    }

    /** How all instances are. */
    public List<InstanceStatus> status() {
        return instances().stream().map(InstanceStatus::of).toList();
    }

    private List<HostedInstance> instances() {
        synchronized (instances) {
            return List.copyOf(instances.values());
        }
    }

    Path cache() {
        return options.state().resolve("cache");
    }

    Path folderOf(InstanceManifest manifest) {
        String chosen = manifest.resource().getSpec().host().process().directory();
        return chosen == null
                ? options.state()
                        .resolve("instances")
                        .resolve(manifest.resource().getMetadata().getNamespace())
                        .resolve(manifest.resource().getMetadata().getName())
                : Path.of(chosen);
    }

    /** The server a manifest asks for; found once. */
    synchronized ServerBinary binary(InstanceManifest manifest) throws IOException, InterruptedException {
        ServerBinary found = binaries.get(configuredServer(manifest));
        return found == null ? presentBinary(manifest) : found;
    }

    /** The server a manifest asks for, looked for anew: another may lie there by now. */
    synchronized ServerBinary presentBinary(InstanceManifest manifest) throws IOException, InterruptedException {
        Optional<Path> configured = configuredServer(manifest);
        ServerBinary found = ServerBinary.find(configured, cache());
        binaries.put(configured, found);
        return found;
    }

    private static Optional<Path> configuredServer(InstanceManifest manifest) {
        return Optional.ofNullable(
                        manifest.resource().getSpec().host().process().server())
                .map(Path::of);
    }

    /** Where the door of a manifest without an address is. */
    ListenAddress usualAddress(InstanceManifest manifest) {
        return new ListenAddress.Tcp(InetAddress.getLoopbackAddress(), ports.of(manifest.id()));
    }

    InheritedSockets sockets() {
        return options.sockets();
    }

    Surroundings surroundings() {
        return surroundings;
    }

    SharedIdentities identities() {
        return identities;
    }

    DoorTls tls() {
        return tls;
    }

    DoorRules rules() {
        return rules;
    }

    MeterRegistry registry() {
        return registry;
    }
}
