package dev.haulout.proxy.wake;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Considers sleep when an instance may have been idle for long enough, and again later while something keeps it awake. */
final class SleepCheck {
    private static final Logger log = LoggerFactory.getLogger(SleepCheck.class);
    private static final long SOONEST_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LATEST_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** While a server that others stop is still there: each moment counts. */
    private static final Duration BETWEEN_PARTINGS = Duration.ofMillis(25);

    /**
     * How long sessions are gathered whose server is to end though it is used: those that have let go wait for the others.
     * Shorter than an operator waits for the answer.
     */
    private static final Duration GATHERING = Duration.ofSeconds(6);

    private final Instance instance;

    /** Held while sleep is considered. */
    private final ReentrantLock considering = new ReentrantLock();

    private ScheduledFuture<?> next;
    private volatile Keeper keeper;

    SleepCheck(Instance instance) {
        this.instance = instance;
    }

    /** What spoke against sleep when it was last considered; null when nothing has. */
    Keeper keeper() {
        return keeper;
    }

    /** Nothing speaks against sleep any more. */
    void forgetKeeper() {
        keeper = null;
    }

    /** Considers it after that time. There is one check to come at most, however often a server came and went. */
    synchronized void schedule(long nanos) {
        if (next != null) {
            next.cancel(false);
        }
        next = instance.surroundings()
                .clock()
                .schedule(
                        () -> instance.surroundings().background(this::consider),
                        Math.max(0, nanos),
                        TimeUnit.NANOSECONDS);
    }

    private void consider() {
        if (!considering.tryLock()) {
            schedule(instance.settings().sleepAfter().toNanos()); // one for an earlier server is not yet over
            return;
        }
        try {
            if (instance.power() instanceof Power.Awake awake
                    && !awake.server().isGateway()) { // which decides for itself
                consider(awake);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            considering.unlock();
        }
    }

    private void consider(Power.Awake awake) throws InterruptedException {
        if (!instance.isIdle()) {
            schedule(instance.untilSleepCheck().toNanos());
            return;
        }
        if (instance.director().isPresent()) {
            propose(awake, instance.director().get());
            return;
        }
        Optional<Keeper> window = instance.window();
        if (window.isPresent()) {
            keepFor(window.get());
            return;
        }
        ServerWatch asked = instance.ownConnection().present();
        Drain.Verdict verdict;
        try {
            verdict = new Drain(instance, awake, asked).run();
        } catch (IOException e) {
            verdict = new Drain.Verdict.StaysAwake(
                    Keeper.noticed("the server can't be asked whether it is idle: " + e.getMessage()));
            instance.ownConnection().replace(awake.server(), asked, () -> instance.power() == awake);
            instance.activity().touch(); // silence is no evidence of idleness
        } catch (RuntimeException e) {
            log.atError()
                    .addKeyValue("instance", instance.settings().name())
                    .setCause(e)
                    .log("a fault of ours while considering sleep");
            verdict = new Drain.Verdict.StaysAwake(Keeper.noticed("a fault in the proxy; its log says more"));
        }
        if (verdict instanceof Drain.Verdict.StaysAwake stays && instance.power() == awake) {
            keepFor(stays.by());
        }
    }

    private void keepFor(Keeper now) {
        keep(now);
        long tenth = instance.settings().sleepAfter().toNanos() / 10;
        schedule(Math.clamp(tenth, SOONEST_AGAIN_NANOS, LATEST_AGAIN_NANOS));
    }

    /** Sleep is for another to decide: he is told whenever nobody here needs the server. */
    private void propose(Power.Awake awake, Director director) throws InterruptedException {
        Optional<Keeper> busy;
        try {
            busy = new Parking(instance).all();
        } catch (IOException e) {
            busy = Optional.of(Keeper.noticed(e.getMessage()));
            instance.activity().touch(); // silence is no evidence of idleness
        }
        if (instance.power() != awake) {
            return;
        }
        if (busy.isPresent()) {
            keep(busy.get());
            director.keptBy(busy.get());
        } else if (instance.isIdle()) {
            forgetKeeper();
            director.idle();
        }
        long tenth = instance.settings().sleepAfter().toNanos() / 10;
        schedule(Math.clamp(tenth, SOONEST_AGAIN_NANOS, LATEST_AGAIN_NANOS));
    }

    /** Holds all sessions for one who decides on a sleep. Returns who is busy; then nothing is held. Blocks. */
    Optional<Keeper> hold(boolean evenIfUsed) {
        considering.lock();
        try {
            return switch (instance.power()) {
                case Power.Awake awake -> hold(awake, evenIfUsed);
                case Power.Waking waking -> Optional.of(Keeper.noticed("a wake under way: " + waking.why()));
                case Power.Draining d -> Optional.empty();
                case Power.Stopping s -> Optional.empty();
                case Power.Asleep a -> Optional.empty();
                case Power.Failed f -> Optional.empty();
                case Power.Closed c -> Optional.empty();
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(Keeper.noticed("the proxy is stopping"));
        } finally {
            considering.unlock();
        }
    }

    /**
     * Stops the server for a {@link Restart}.
     *
     * @return who is in the way; empty when no server runs any more
     */
    Optional<Keeper> stopForRestart(Duration wait, boolean force) throws IOException, InterruptedException {
        considering.lockInterruptibly();
        try {
            return instance.power() instanceof Power.Awake awake
                    ? new Restart(instance, awake, wait, force).stop()
                    : Optional.empty();
        } finally {
            considering.unlock();
        }
    }

    /** Has all sessions let go of a server that is about to be stopped, none for long. Blocks until all have. */
    void abandon() {
        considering.lock();
        try {
            if (instance.power() instanceof Power.Awake awake && instance.beginAbandoning(awake)) {
                while (instance.power() instanceof Power.Draining && isAnybodyLeft()) {
                    Thread.sleep(BETWEEN_PARTINGS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            considering.unlock();
        }
    }

    private boolean isAnybodyLeft() throws InterruptedException {
        try {
            return new Parking(instance).all().isPresent();
        } catch (IOException e) {
            log.atWarn().addKeyValue("instance", instance.settings().name()).log("{}", e.getMessage());
            return true;
        }
    }

    private Optional<Keeper> hold(Power.Awake awake, boolean evenIfUsed) throws InterruptedException {
        if (!evenIfUsed && !instance.isIdle()) {
            return Optional.of(instance.activity().lastUse(awake.since()));
        }
        if (!(evenIfUsed ? instance.beginAbandoning(awake) : instance.beginDrain(awake))) {
            return Optional.of(Keeper.noticed("somebody wants in"));
        }
        Optional<Keeper> busy;
        try {
            Parking parking = new Parking(instance);
            busy = evenIfUsed ? parking.allWithin(GATHERING) : parking.all();
        } catch (IOException e) {
            busy = Optional.of(Keeper.noticed(e.getMessage()));
        } catch (InterruptedException e) {
            instance.cancelDrain(awake);
            throw e;
        }
        if (busy.isEmpty() && !evenIfUsed && !instance.isIdle()) {
            busy = Optional.of(Keeper.noticed("a statement ran meanwhile"));
        }
        if (busy.isPresent()) {
            keep(busy.get());
            instance.cancelDrain(awake);
        }
        return busy;
    }

    private void keep(Keeper now) {
        Keeper before = keeper;
        if (before == null || !before.what().equals(now.what())) {
            log.atInfo().addKeyValue("instance", instance.settings().name()).log("stays awake: {}", now.what());
            keeper = now;
        } else if (now.idle() || now.since().isBefore(before.since())) {
            keeper = now; // else it is the same as before, and has lasted since then
        }
    }
}
