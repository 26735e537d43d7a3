package dev.haulout.proxy.wake;

import dev.haulout.crd.Windows;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance's power: who demands it, one wake for however many do, the server's connections shared out among
 * sessions, and the decision to sleep. {@link Power} draws the states. Safe for any thread; nothing here blocks an event
 * loop: what blocks runs on virtual threads, one at a time.
 */
public final class Instance {
    private static final Logger log = LoggerFactory.getLogger(Instance.class);

    /** Sessions that may wait for one instance; beyond it they are told at once. */
    private static final int MAX_WAITING = 10_000;

    /** Of the server's max_connections, those left to Haulout itself and to an admin. */
    private static final int RESERVED = 2;

    /** A server that ends by itself this soon is started again by demand only. */
    private static final Duration CRASHED_AT_ONCE = Duration.ofSeconds(30);

    private final Surroundings surroundings;
    private final Waker waker;
    private final Learned learned;
    private final Optional<Director> director;
    private final Set<Participant> participants = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();

    private final Activity activity = new Activity();
    private final ServerAccounts accounts = new ServerAccounts(this);
    private final OwnConnection own;
    private final SleepCheck sleepCheck = new SleepCheck(this);
    private final WindowWatch windowWatch = new WindowWatch(this);
    private final EventWatch eventWatch = new EventWatch(this);

    private volatile InstanceSettings settings;
    private volatile Power power = new Power.Asleep(Instant.now());
    private volatile LastWake lastWake;
    private volatile WakeTimeline timeline;
    private volatile long drainNanos = System.nanoTime();

    // guarded by lock
    private final Slots slots = new Slots();
    private int failures;
    private volatile boolean closing;
    private volatile CompletableFuture<Void> waking = CompletableFuture.completedFuture(null);

    /**
     * @param surroundings what is shared with other instances
     * @param settings from the manifest
     * @param waker starts and finds the server
     * @param learned what is kept of the server while it sleeps
     */
    public Instance(Surroundings surroundings, InstanceSettings settings, Waker waker, Learned learned) {
        this(surroundings, settings, waker, learned, Optional.empty());
    }

    /** As the other, for a proxy that does not itself decide when the instance sleeps. */
    public Instance(
            Surroundings surroundings, InstanceSettings settings, Waker waker, Learned learned, Director director) {
        this(surroundings, settings, waker, learned, Optional.of(director));
    }

    private Instance(
            Surroundings surroundings,
            InstanceSettings settings,
            Waker waker,
            Learned learned,
            Optional<Director> director) {
        this.surroundings = surroundings;
        this.settings = settings;
        this.waker = waker;
        this.learned = learned;
        this.director = director;
        this.own = new OwnConnection(settings.name(), surroundings, learned, director.isEmpty());
    }

    public InstanceSettings settings() {
        return settings;
    }

    /** Takes a changed manifest's settings; sessions go on. */
    public void settings(InstanceSettings settings) {
        this.settings = settings;
        if (power instanceof Power.Awake) {
            sleepCheck.schedule(settings.sleepAfter().toNanos());
        }
    }

    /**
     * Takes windows of time in which it is woken and kept awake, and wakes it for the EVENTs of its server from now on; for
     * a proxy that itself decides when the instance sleeps. Blocks.
     */
    public void keepAwake(Windows windows) {
        windowWatch.keep(windows);
        eventWatch.look();
    }

    /** What keeps it awake at this time, whoever uses it. */
    Optional<Keeper> window() {
        return windowWatch.keeper();
    }

    public Power power() {
        return power;
    }

    /** What is kept of the server while it sleeps. */
    public Learned learned() {
        return learned;
    }

    /** The most recent wake, null before the first. */
    public LastWake lastWake() {
        return lastWake;
    }

    /** The sessions present. */
    public Collection<Participant> participants() {
        return participants;
    }

    /**
     * What keeps it awake: what spoke against sleep when it was last considered, or else the last real statement while
     * that is not long enough ago.
     */
    public Optional<Keeper> keeper() {
        Keeper found = sleepCheck.keeper();
        return switch (power) {
            case Power.Awake awake -> Optional.of(found != null && isIdle() ? found : activity.lastUse(awake.since()));
            case Power.Draining d -> Optional.ofNullable(found);
            case Power.Asleep a -> Optional.empty();
            case Power.Waking w -> Optional.empty();
            case Power.Stopping s -> Optional.empty();
            case Power.Failed f -> Optional.empty();
            case Power.Closed c -> Optional.empty();
        };
    }

    /** How long ago the last real statement passed, or the server came up. */
    public Duration idle() {
        return activity.idle();
    }

    /** How long ago the last real statement passed; empty when none ever has. */
    public Optional<Duration> sinceUse() {
        return activity.sinceUse();
    }

    /**
     * Whether it is falling asleep or sleeps, and nothing real has happened since that moment, here or at any other door:
     * none of them would have let it sleep within {@code sleepAfter} of a statement.
     *
     * @param nanos by {@link System#nanoTime}
     */
    public boolean hasRestedSince(long nanos) {
        boolean resting = switch (power) {
            case Power.Asleep a -> true;
            case Power.Draining d -> true;
            case Power.Stopping s -> true;
            case Power.Waking w -> false;
            case Power.Awake a -> false;
            case Power.Failed f -> false;
            case Power.Closed c -> false;
        };
        long untilDrain = drainNanos - nanos;
        return resting
                && untilDrain >= 0
                && untilDrain <= settings.sleepAfter().toNanos()
                && activity.idle().toNanos() > System.nanoTime() - nanos;
    }

    /** How long until sleep is considered, when it is awake. */
    public Duration untilSleepCheck() {
        Duration left = settings.sleepAfter().minus(activity.idle());
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Whether a session that needs no connection just now should let go of it for another that waits. */
    public boolean slotsWanted() {
        return slots.wanted();
    }

    public void join(Participant participant) {
        participants.add(participant);
    }

    public void leave(Participant participant) {
        participants.remove(participant);
        activity.left(participant);
        if (participants.isEmpty() && isAsleep()) {
            learned.forgetAccounts();
        }
    }

    /** A real statement passes or has passed: its kind in a word, and whose it is. */
    public void activity(String kind, Participant who) {
        activity.happened(kind, who);
    }

    /** Whether no server runs, nor is being started. */
    public boolean isAsleep() {
        return switch (power) {
            case Power.Asleep a -> true;
            case Power.Stopping s -> true;
            case Power.Failed f -> true;
            case Power.Closed c -> true;
            case Power.Waking w -> false;
            case Power.Awake a -> false;
            case Power.Draining d -> false;
        };
    }

    /** Whether the accounts of its server are kept, so that a login can be decided without it. */
    public boolean keepsAccounts() {
        return waker.keepsAccounts();
    }

    /** Whether its server is shown the names in a client's certificate, where the account asks for them. */
    public boolean showsClientsNames() {
        return waker.showsClientsNames();
    }

    /** The accounts of its server. */
    public ServerAccounts accounts() {
        return accounts;
    }

    /** What is known to be in the way of its server, in words; empty when nothing is. */
    public Optional<String> obstacle() {
        return waker.obstacle();
    }

    // ---------------------------------------------------------------- demand

    /**
     * Demands a connection to the server, waking it if need be.
     *
     * @param why in words, for status
     * @param then told the outcome on {@code loop}, after this call has returned
     * @return the demand, for {@link #withdraw}
     */
    public Demand demand(String why, EventLoop loop, Consumer<Demand.Outcome> then) {
        Demand demand = new Demand(why, loop, then);
        synchronized (lock) {
            if (power instanceof Power.Closed) {
                demand.deny(Refusals.closed(settings.name()));
            } else if (power instanceof Power.Awake awake && slots.take(mostConnections())) {
                demand.grant(awake.server());
            } else if (power instanceof Power.Failed failed && failed.retryNanos() - System.nanoTime() > 0) {
                demand.deny(Refusals.failed(settings.name(), failed));
            } else if (slots.waiting() >= MAX_WAITING) {
                demand.deny(Refusals.queueFull(settings.name(), MAX_WAITING));
            } else {
                enqueue(demand);
            }
        }
        return demand;
    }

    /** Wakes it to learn what it greets with, and lets it sleep again. */
    public void wakeToLearn() {
        wakeUnasked("learning what to greet with");
    }

    /** Wakes it though no session needs it. */
    void wakeUnasked(String why) {
        demand(why, surroundings.nextLoop(), outcome -> {
            if (outcome instanceof Demand.Outcome.Granted) {
                finishWake();
                release();
            }
        });
    }

    private void enqueue(Demand demand) {
        slots.add(demand);
        Duration limit = settings.wakeDeadline();
        demand.deadline(demand.loop().schedule(() -> missed(demand, limit), limit.toMillis(), TimeUnit.MILLISECONDS));
        switch (power) {
            case Power.Asleep a -> startWake(demand);
            case Power.Failed f -> startWake(demand);
            case Power.Awake a -> slots.ask(participants);
            case Power.Waking w -> demand.waitsForWake();
            case Power.Stopping s -> demand.waitsForWake();
            case Power.Draining d -> director.ifPresent(decider -> decider.wanted(demand.why()));
            case Power.Closed c -> {}
        }
    }

    /** Takes a demand back, as when its client has gone. */
    public void withdraw(Demand demand) {
        synchronized (lock) {
            slots.withdraw(demand);
        }
    }

    private void missed(Demand demand, Duration limit) {
        boolean waited;
        Power now;
        synchronized (lock) {
            waited = slots.withdraw(demand);
            now = power;
        }
        if (waited) {
            surroundings.events().wakeMissed(this);
            demand.deny(Refusals.missed(settings.name(), limit, now, mostConnections(), waker));
        }
    }

    /** Gives a granted connection back, once it is closed. */
    public void release() {
        synchronized (lock) {
            if (power instanceof Power.Awake awake) {
                slots.passOn(awake.server());
            } else {
                slots.giveBack();
            }
        }
    }

    private int mostConnections() {
        return Math.max(1, learned.identity().maxConnections() - RESERVED);
    }

    // ---------------------------------------------------------------- waking

    private void startWake(Demand first) {
        first.waitsForWake();
        power = new Power.Waking(Instant.now(), first.why());
        timeline = new WakeTimeline(first.why(), first.startedNanos());
        waking = new CompletableFuture<>();
        surroundings.background(this::wake);
    }

    private void wake() {
        WakeTimeline phases = timeline;
        surroundings.events().wakeBegins(this, phases.why());
        try {
            Server server = waker.start(phases);
            becomeAwake(server, phases);
        } catch (WakeFailure e) {
            wakeFailed(e, phases);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            wakeFailed(new WakeFailure("the proxy is stopping", List.of()), phases);
        } catch (RuntimeException e) {
            log.atError().addKeyValue("instance", settings.name()).setCause(e).log("a fault of ours while waking");
            wakeFailed(new WakeFailure("a fault in the proxy; its log says more", List.of()), phases);
        } finally {
            waking.complete(null);
        }
    }

    /**
     * Takes over a server that already runs, as after the proxy alone ended. Blocks; to be called before the doors open.
     *
     * @return whether one was found
     */
    public boolean takeOver() throws IOException, InterruptedException {
        Optional<Server> running = waker.find();
        if (running.isEmpty()) {
            return false;
        }
        becomeAwake(running.get(), null);
        log.atInfo()
                .addKeyValue("instance", settings.name())
                .log(
                        "took over the server that already runs (pid {})",
                        running.get().pid().orElse(-1));
        return true;
    }

    private void becomeAwake(Server server, WakeTimeline phases) throws InterruptedException {
        // Globals a user had set come back before any session does; where there are none nobody waits for our
        // questions.
        boolean ask = director.isEmpty() && !learned.changedGlobals().isEmpty();
        if (ask) {
            own.open(server);
        }
        ServerWatch before = own.present();
        Power.Awake awake = new Power.Awake(Instant.now(), server);
        boolean tooLate;
        synchronized (lock) {
            tooLate = closing;
            if (!tooLate) {
                failures = 0;
                activity.touch();
                power = awake;
                sleepCheck.forgetKeeper();
                slots.grant(server, mostConnections(), participants);
            }
        }
        if (tooLate) {
            Drain.shutDown(this, own.present(), server, Duration.ofMinutes(1));
            own.close();
            return;
        }
        server.ended().thenAccept(how -> serverEnded(server, how));
        sleepCheck.schedule(settings.sleepAfter().toNanos());
        if (!ask) {
            surroundings.background(() -> own.replace(server, before, () -> power == awake));
        }
        if (phases == null) {
            surroundings.events().tookOver(this);
        }
    }

    private void wakeFailed(WakeFailure failure, WakeTimeline phases) {
        List<Demand> lost;
        Power.Failed failed;
        synchronized (lock) {
            failures++;
            long backOff = Math.min(60, 1L << Math.min(failures - 1, 6));
            failed = new Power.Failed(
                    Instant.now(),
                    failure.getMessage(),
                    System.nanoTime() + TimeUnit.SECONDS.toNanos(backOff),
                    failures);
            if (!(power instanceof Power.Closed)) {
                power = failed;
            }
            lost = slots.withdrawAll();
        }
        LastWake record = phases.finish("failed");
        if (record != null) {
            lastWake = record;
            surroundings.events().wakeEnded(this, record);
        }
        log.atError()
                .addKeyValue("instance", settings.name())
                .log(
                        "{}{}",
                        failure.getMessage(),
                        failure.lastLines().isEmpty()
                                ? ""
                                : "; its last lines:\n  " + String.join("\n  ", failure.lastLines()));
        for (Demand demand : lost) {
            demand.deny(Refusals.failed(settings.name(), failed));
        }
    }

    /** The first result's first byte went to a client: the wake in progress is complete. */
    public void firstResult() {
        WakeTimeline phases = timeline;
        if (phases == null) {
            return;
        }
        phases.ended("result");
        finishWake();
    }

    private void finishWake() {
        WakeTimeline phases = timeline;
        if (phases == null) {
            return;
        }
        timeline = null;
        LastWake record = phases.finish("ok");
        if (record != null) {
            lastWake = record;
            surroundings.events().wakeEnded(this, record);
        }
    }

    private void serverEnded(Server server, String how) {
        boolean expected;
        boolean again = false;
        boolean settled = true;
        synchronized (lock) {
            if (!isPresent(server)) {
                return;
            }
            expected = power instanceof Power.Stopping || (director.isPresent() && power instanceof Power.Draining);
            settled = expected
                    || director.isPresent()
                    || closing
                    || power.since().isAfter(Instant.now().minus(CRASHED_AT_ONCE));
            own.close();
            if (closing) {
                power = new Power.Closed(Instant.now());
            } else {
                power = new Power.Asleep(Instant.now());
                again = slots.isAnyoneWaiting();
                if (again) {
                    slots.waitForWake();
                    startWake(slots.first());
                }
            }
            slots.noneWanted();
        }
        if (!expected && !server.isGateway()) {
            log.atWarn().addKeyValue("instance", settings.name()).log("the server ended by itself: {}", how);
        }
        surroundings.events().asleep(this, expected);
        if (director.isEmpty() && !closing) {
            surroundings.background(eventWatch::look);
        }
        if (!settled && !again) {
            wakeToLearn(); // recover now rather than when a client waits, and see what had changed
        }
    }

    private boolean isPresent(Server server) {
        return switch (power) {
            case Power.Awake a -> a.server() == server;
            case Power.Draining d -> d.server() == server;
            case Power.Stopping s -> s.server() == server;
            case Power.Asleep a -> false;
            case Power.Waking w -> false;
            case Power.Failed f -> false;
            case Power.Closed c -> false;
        };
    }

    /** What kept it from waking may be over: the next demand may try at once. */
    public void mayTryAgain() {
        synchronized (lock) {
            if (power instanceof Power.Failed) {
                failures = 0;
                power = new Power.Asleep(Instant.now());
            }
        }
    }

    // ---------------------------------------------------------------- sleeping

    /** From Awake to Draining; false when it is no longer so, or somebody already waits. */
    boolean beginDrain(Power.Awake awake) {
        synchronized (lock) {
            if (slots.isAnyoneWaiting()) {
                return false;
            }
            return beginAbandoning(awake);
        }
    }

    /** As {@link #beginDrain}, whoever waits. */
    boolean beginAbandoning(Power.Awake awake) {
        synchronized (lock) {
            if (power != awake || closing) {
                return false;
            }
            slots.noneWanted();
            power = new Power.Draining(Instant.now(), awake.server(), awake.since());
            drainNanos = System.nanoTime();
            return true;
        }
    }

    /** Back to Awake: somebody is busy, or wants in. */
    void cancelDrain(Power.Awake awake) {
        synchronized (lock) {
            if (power instanceof Power.Draining) {
                power = awake;
                slots.grant(awake.server(), mostConnections(), participants);
            }
        }
    }

    /** From Draining to Stopping; false when somebody wants in, and then it is Awake again. */
    boolean commitDrain(Power.Awake awake) {
        synchronized (lock) {
            if (!(power instanceof Power.Draining)) {
                return false;
            }
            if (slots.isAnyoneWaiting()) {
                cancelDrain(awake);
                return false;
            }
            power = new Power.Stopping(Instant.now(), awake.server());
            sleepCheck.forgetKeeper();
            return true;
        }
    }

    /** From Draining to Stopping, whoever waits: another server is started for them. False when it is being closed. */
    boolean commitRestart() {
        synchronized (lock) {
            if (closing || !(power instanceof Power.Draining draining)) {
                return false;
            }
            power = new Power.Stopping(Instant.now(), draining.server());
            sleepCheck.forgetKeeper();
            return true;
        }
    }

    /**
     * Starts the server again with all sessions held meanwhile, for a proxy that itself decides when the instance sleeps.
     * Blocks.
     *
     * @param wait how long statements and transactions under way may take to end; others wait meanwhile
     * @param force whether to end sessions that have not let go by then, and not to mind who else uses the server
     * @throws IOException when the server can't be asked; then it runs on
     */
    public Restart.Outcome restart(Duration wait, boolean force) throws IOException, InterruptedException {
        await(waking, settings.wakeDeadline());
        if (isAsleep()) {
            mayTryAgain();
            return new Restart.Outcome.Asleep();
        }
        long began = System.nanoTime();
        Optional<Keeper> inTheWay = sleepCheck.stopForRestart(wait, force);
        if (inTheWay.isPresent()) {
            return new Restart.Outcome.Kept(inTheWay.get());
        }
        CompletableFuture<Demand.Outcome> next = new CompletableFuture<>();
        demand("a restart", surroundings.nextLoop(), next::complete);
        return switch (next.join()) { // it has a deadline of its own
            case Demand.Outcome.Granted granted -> {
                finishWake();
                release();
                yield new Restart.Outcome.Done(Duration.ofNanos(System.nanoTime() - began));
            }
            case Demand.Outcome.Denied denied ->
                new Restart.Outcome.Failed(denied.error().message());
        };
    }

    /** Who decides when it sleeps, where that is not this proxy. */
    Optional<Director> director() {
        return director;
    }

    /**
     * Lets every session go of the server and forwards nothing until {@link #letGo} or the server's end: this proxy's
     * part of a sleep that a {@link Director} prepares. When anybody can't let go, nothing is held.
     *
     * @param evenIfUsed whether to hold although statements have passed lately
     * @param then told who needs the server, empty when all is held; on a virtual thread
     */
    public void hold(boolean evenIfUsed, Consumer<Optional<Keeper>> then) {
        surroundings.background(() -> then.accept(sleepCheck.hold(evenIfUsed)));
    }

    /**
     * Somebody else is about to stop the server, and nothing will keep him from it: each session lets go as soon as it can
     * and waits for the next server, while others finish what they do. Until the server's end or {@link #letGo}.
     */
    public void abandon() {
        surroundings.background(sleepCheck::abandon);
    }

    /** After {@link #hold} or {@link #abandon}: the server runs on, and whoever waits goes on with it. */
    public void letGo() {
        Power.Awake awake;
        synchronized (lock) {
            if (!(power instanceof Power.Draining draining)) {
                return;
            }
            awake = new Power.Awake(draining.awakeSince(), draining.server());
            cancelDrain(awake);
        }
        sleepCheck.schedule(settings.sleepAfter().toNanos());
    }

    /** Whether no real statement has passed for as long as the settings ask. */
    boolean isIdle() {
        return activity.idle().compareTo(settings.sleepAfter()) >= 0;
    }

    /**
     * Stops serving: sessions end with {@code why}, and the server is shut down cleanly unless it is to run on.
     * Blocks until the server has ended or {@code limit} has passed.
     */
    public void close(String why, boolean stopServer, Duration limit) throws InterruptedException {
        Server running = null;
        List<Demand> denied;
        synchronized (lock) {
            closing = true;
            denied = slots.withdrawAll();
            running = switch (power) {
                case Power.Awake a -> a.server();
                case Power.Draining d -> d.server();
                case Power.Stopping s -> s.server();
                case Power.Asleep a -> null;
                case Power.Waking w -> null;
                case Power.Failed f -> null;
                case Power.Closed c -> null;
            };
            power = running == null || !stopServer
                    ? new Power.Closed(Instant.now())
                    : new Power.Stopping(Instant.now(), running);
        }
        participants.forEach(participant -> participant.end(why));
        denied.forEach(demand -> demand.deny(Refusals.closed(settings.name()))); // now of interest to nobody's session
        await(waking, limit);
        if (running != null && stopServer) {
            learnLastThing();
            Drain.shutDown(this, own.present(), running, limit);
        }
        own.close();
    }

    private void learnLastThing() throws InterruptedException {
        ServerWatch present = own.present();
        if (present == null) {
            return;
        }
        try {
            learned.learnFinally(present);
            learned.nextEvent(present.nextEvent());
            learned.settle();
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("instance", settings.name())
                    .log(
                            "could not be asked last thing, so the next start of the proxy will wake it: {}",
                            e.getMessage());
        }
    }

    private static void await(CompletableFuture<Void> future, Duration limit) throws InterruptedException {
        try {
            future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("a server that was starting has not come up within {} s of being told to stop", limit.toSeconds());
        } catch (ExecutionException e) {
            throw new IllegalStateException("it is only ever completed", e);
        }
    }

    Activity activity() {
        return activity;
    }

    EventWatch eventWatch() {
        return eventWatch;
    }

    OwnConnection ownConnection() {
        return own;
    }

    Surroundings surroundings() {
        return surroundings;
    }
}
