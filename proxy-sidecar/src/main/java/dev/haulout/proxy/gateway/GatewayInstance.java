package dev.haulout.proxy.gateway;

import dev.haulout.crd.ListenAddress;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.door.Door;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.placement.Farewell;
import dev.haulout.proxy.placement.FirstIdentity;
import dev.haulout.proxy.placement.Sessions;
import dev.haulout.proxy.placement.Settings;
import dev.haulout.proxy.tls.ClientAuthority;
import dev.haulout.proxy.tls.InstanceTls;
import dev.haulout.proxy.wake.Director;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Keeper;
import dev.haulout.proxy.wake.Learned;
import dev.haulout.proxy.wake.Power;
import dev.haulout.proxy.wake.SharedIdentities;
import dev.haulout.proxy.wake.pod.Lookout;
import dev.haulout.proxy.wake.pod.PodWaker;
import dev.haulout.proxy.wake.pod.SeenPod;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance at this gateway: what watches tell of it, turned into a door, held sessions, and words to the operator. */
final class GatewayInstance implements Director, DrainAnswer.Sessions {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.gateway");
    private static final Duration TRY_AGAIN = Duration.ofMillis(250);

    private final Gateway gateway;
    private final InstanceKey key;
    private final String uid;
    private final Lookout lookout = new Lookout();
    private final LearnedShelf shelf;
    private final Learned learned;
    private volatile Optional<ClientAuthority> clients = Optional.empty();
    private final Instance instance;
    private final DoorMeters meters;
    private final StatusWriter writer;
    private final DrainAnswer drain;
    private final AtomicInteger news = new AtomicInteger();

    private volatile MariaDBInstance latest;
    private volatile boolean learnedAnew;

    // guarded by this; touched by attend() and close() alone
    private long settledGeneration;
    private boolean begun;
    private boolean closed;
    private String doorFault = "";
    private volatile Door door;

    /** Prepares it; {@link #seen} sets it to work. */
    GatewayInstance(Gateway gateway, MariaDBInstance resource) {
        this.gateway = gateway;
        this.key = InstanceKey.of(resource);
        this.uid = resource.getMetadata().getUid();
        this.latest = slim(resource); // a resource without a status comes to have an empty one
        this.settledGeneration = generation(resource);
        takeClientAuthority(resource);
        this.shelf = new LearnedShelf(gateway.secrets(), uid);
        this.learned = learned(resource);
        this.writer = new StatusWriter(
                key.toString(), uid, gateway.options().pod(), gateway.statusOf(key), lookout, this::seen);
        this.drain = new DrainAnswer(this, writer::report);
        this.instance = new Instance(
                gateway.surroundings(),
                Settings.of(key.toString(), resource.getSpec()),
                new PodWaker(
                        lookout,
                        () -> writer.awaitDemand(why()),
                        () -> gateway.trust().instance(uid),
                        gateway.options().serverPort()),
                learned,
                this);
        this.meters = new DoorMeters(gateway.registry(), key.toString(), () -> Sessions.count(instance()));
    }

    private void takeClientAuthority(MariaDBInstance resource) {
        String pem = resource.getSpec().tls().clientCa();
        try {
            clients = pem == null ? Optional.empty() : Optional.of(ClientAuthority.of(pem));
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("instance", key)
                    .log("{}; no client can log in by a certificate until then", e.getMessage());
            clients = Optional.empty();
        }
    }

    private static long generation(MariaDBInstance resource) {
        Long generation = resource.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    private Learned learned(MariaDBInstance resource) {
        String version = resource.getSpec().image() == null ? resource.getSpec().version() : "";
        String series = version.matches("\\d+\\.\\d+(\\.\\d+)?.*") ? version : "11.8";
        try {
            Learned made = newLearned(series);
            made.expect(made.identity().learntFrom());
            return made;
        } catch (IOException damaged) {
            tellDamage(damaged);
            shelf.ignoreSecret();
            try {
                return newLearned(series);
            } catch (IOException e) {
                throw new IllegalStateException("nothing is read from an empty shelf", e);
            }
        }
    }

    private Learned newLearned(String version) throws IOException {
        return new Learned(
                shelf,
                FirstIdentity.of(version + "-MariaDB", ""),
                SharedIdentities.ofOneInstance(),
                AccountBook::empty,
                Optional::empty);
    }

    private void tellDamage(IOException damaged) {
        log.atError()
                .addKeyValue("instance", key)
                .log("{} can't be read: {}", shelf.place(Learned.IDENTITY), damaged.getMessage());
    }

    /** What the first demand of the wake under way is for. */
    private String why() {
        return instance.power() instanceof Power.Waking waking ? waking.why() : "a session needs it";
    }

    InstanceKey key() {
        return key;
    }

    String uid() {
        return uid;
    }

    Instance instance() {
        return instance;
    }

    // ---------------------------------------------------------------- what is seen

    /** The resource is so now, or was so a moment ago: what is older than what is known is passed over. */
    void seen(MariaDBInstance resource) {
        synchronized (lookout) {
            if (version(resource) < version(latest)) {
                return;
            }
            latest = slim(resource);
            lookout.see(was -> was.with(latest.getStatus(), Slim.down(latest.getSpec())));
        }
        attend();
    }

    private static MariaDBInstance slim(MariaDBInstance resource) {
        MariaDBInstance slim = new MariaDBInstance();
        slim.setMetadata(Slim.metadata(resource));
        slim.getMetadata().setGeneration(resource.getMetadata().getGeneration());
        slim.setSpec(resource.getSpec());
        slim.setStatus(Slim.status(resource));
        return slim;
    }

    private static long version(MariaDBInstance resource) {
        return Long.parseLong(resource.getMetadata().getResourceVersion());
    }

    void pod(Optional<SeenPod> pod) {
        lookout.see(was -> was.with(pod));
        attend();
    }

    void announced(InetAddress address) {
        lookout.announced(address);
    }

    void learnedAnew() {
        learnedAnew = true;
        attend();
    }

    // ---------------------------------------------------------------- what is done about it

    /** Sees to all that was seen, on a thread of its own, once for however much there is. */
    void attend() {
        if (gateway.isOpen() && news.getAndIncrement() == 0) {
            Thread.ofVirtual().name("haulout-gateway").start(() -> {
                int seen;
                do {
                    seen = news.get();
                    try {
                        attendOnce();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    } catch (RuntimeException e) {
                        log.atError().addKeyValue("instance", key).setCause(e).log("a fault of ours");
                    }
                } while (news.addAndGet(-seen) != 0);
            });
        }
    }

    private synchronized void attendOnce() throws InterruptedException {
        if (closed) {
            return;
        }
        MariaDBInstance now = latest;
        if (learnedAnew) {
            learnedAnew = false;
            relearn();
        }
        if (generation(now) != settledGeneration) {
            settledGeneration = generation(now);
            instance.settings(Settings.of(key.toString(), now.getSpec()));
            instance.mayTryAgain();
            takeClientAuthority(now);
        }
        if (!begun) {
            begun = true;
            takeOver();
        }
        drain.seen(now.getStatus());
        holdIfPodLeaves();
        keepDoor(now.getStatus());
    }

    private void relearn() {
        shelf.forgetOwn();
        try {
            learned.reread();
            learned.expect(learned.identity().learntFrom());
        } catch (IOException damaged) {
            tellDamage(damaged);
        }
    }

    private void takeOver() throws InterruptedException {
        try {
            instance.takeOver();
        } catch (IOException e) {
            log.atWarn().addKeyValue("instance", key).log("its server can't be taken over: {}", e.getMessage());
        }
    }

    /** Somebody evicts it: what can be held is, and comes to the next pod. */
    private void holdIfPodLeaves() {
        if (lookout.now().pod().filter(SeenPod::leaving).isPresent() && instance.power() instanceof Power.Awake) {
            instance.abandon();
        }
    }

    private void attendLater() {
        gateway.surroundings().clock().schedule(this::attend, TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void keepDoor(MariaDBInstanceStatus status) throws InterruptedException {
        Optional<Integer> wanted = wantedPort(status);
        if (door != null && !wanted.equals(Optional.of(door.port()))) {
            door.close();
            door = null;
        }
        if (door == null && wanted.isPresent() && gateway.secrets().knows(uid)) {
            try {
                door = Door.open(
                        gateway.surroundings().loops(),
                        new ListenAddress.Tcp(gateway.options().doors(), wanted.get()),
                        instance,
                        gateway.rules(),
                        meters,
                        Optional.of(new InstanceTls(gateway.doorTls(key), () -> clients)));
                doorFault = "";
            } catch (IOException e) {
                if (!doorFault.equals(e.getMessage())) {
                    doorFault = e.getMessage();
                    log.atWarn().addKeyValue("instance", key).log("{}; trying on", doorFault);
                }
                attendLater(); // whoever had the port before may yet learn that it is no longer his
            }
        }
    }

    private static Optional<Integer> wantedPort(MariaDBInstanceStatus status) {
        return Optional.ofNullable(status.door()).map(MariaDBInstanceStatus.Door::port);
    }

    /** Why clients can't be sent here yet, in words; empty when they can. */
    Optional<String> notReady() {
        MariaDBInstanceStatus status = lookout.now().status();
        if (wantedPort(status).isPresent() && gateway.secrets().knows(uid) && door == null) {
            return Optional.of("the door of " + key + " is not open yet");
        }
        boolean trusted = status.phase() != Phase.AWAKE
                || status.pod() != null
                        && status.pod().trusts() != null
                        && status.pod().trusts().contains(gateway.options().pod());
        return trusted ? Optional.empty() : Optional.of("the server of " + key + " does not trust this gateway yet");
    }

    // ---------------------------------------------------------------- what the instance says

    @Override
    public void idle() {
        drain.idle();
    }

    @Override
    public void wanted(String why) {
        writer.demand(why);
    }

    @Override
    public void keptBy(Keeper keeper) {
        drain.keptBy(keeper);
    }

    // ---------------------------------------------------------------- what a drain asks of it

    @Override
    public void hold(boolean evenIfUsed, Consumer<Optional<Keeper>> then) {
        instance.hold(evenIfUsed || lookout.now().down().isPresent(), then);
    }

    @Override
    public Optional<Duration> sinceUse() {
        return instance.sinceUse();
    }

    @Override
    public void letGo() {
        instance.letGo();
        attend(); // a pod that leaves is not gone back to
    }

    @Override
    public boolean isAsleep() {
        return instance.isAsleep();
    }

    // ---------------------------------------------------------------- the end

    /** Takes no more visitors, ends every session once it runs no statement, or after {@code limit}, and forgets it. */
    void leave(String why, Duration limit) throws InterruptedException {
        shut();
        Farewell.elsewhere(instance).say(why, limit);
        forget(why);
    }

    /** The instance is gone: so are its door and its sessions. */
    void close(String why) throws InterruptedException {
        shut();
        forget(why);
    }

    private synchronized void shut() {
        closed = true;
        if (door != null) {
            door.close();
            door = null;
        }
    }

    private void forget(String why) throws InterruptedException {
        lookout.close();
        writer.close();
        instance.close(why, false, Duration.ofSeconds(5));
    }
}
