package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Demand;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.operator.instance.Memory.Clearance;
import dev.haulout.operator.instance.Memory.Trusted;
import dev.haulout.operator.instance.PodView.Incarnation;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What this process notes of one instance between two looks at it; {@link Memory} is how it stands at one moment. */
final class Notes {
    private final LongSupplier nanoTime;
    private boolean working;
    private Optional<Incarnation> answers = Optional.empty();
    private Optional<String> version = Optional.empty();
    private Optional<String> learnt = Optional.empty();
    private Optional<Trusted> trusted = Optional.empty();
    private Optional<Clearance> clearance = Optional.empty();
    private Map<String, String> changedGlobals;
    private Optional<Trouble> unchanged = Optional.empty();
    private Optional<Incarnation> saidShutdown = Optional.empty();
    private Optional<String> workTrouble = Optional.empty();
    private long retryAt;
    private long restartAt;
    private Drain drain;
    private long drainSince;
    private String demand;
    private long demandSince;
    private MariaDBInstance written;
    private Instant wakeAt;
    private long wakeNanos;
    private final Map<String, Long> wakePhases = new LinkedHashMap<>();

    Notes(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.retryAt = nanoTime.getAsLong();
        this.restartAt = retryAt;
    }

    /** The newer of what a cache shows and what was written last: a cache lags behind one's own writes. */
    synchronized MariaDBInstance newest(MariaDBInstance cached) {
        if (written == null || version(cached).compareTo(version(written)) >= 0) {
            written = null;
            return cached;
        }
        return written;
    }

    private static BigInteger version(MariaDBInstance instance) {
        return new BigInteger(instance.getMetadata().getResourceVersion());
    }

    synchronized void wrote(MariaDBInstance instance) {
        written = instance;
    }

    synchronized Memory at(MariaDBInstanceStatus status) {
        long now = nanoTime.getAsLong();
        if (!Objects.equals(status.drain(), drain)) {
            drain = status.drain();
            drainSince = now;
        }
        String open = Optional.ofNullable(status.demand())
                .map(Demand::id)
                .filter(id -> !id.equals(status.served()))
                .orElse(null);
        if (!Objects.equals(open, demand)) {
            demand = open;
            demandSince = now;
        }
        return new Memory(
                working,
                answers,
                trusted,
                clearance,
                saidShutdown,
                workTrouble,
                Duration.ofNanos(Math.max(0, retryAt - now)),
                Duration.ofNanos(Math.max(0, restartAt - now)),
                Duration.ofNanos(now - drainSince),
                Duration.ofNanos(now - demandSince));
    }

    /** Begins a piece of long work, unless one is under way. */
    synchronized boolean begin() {
        boolean mayBegin = !working;
        working = true;
        return mayBegin;
    }

    /** It has ended well. */
    synchronized void done() {
        working = false;
        workTrouble = Optional.empty();
        retryAt = nanoTime.getAsLong();
    }

    /** It has failed, and is not to be tried again so soon. */
    synchronized void failed(String why, Duration pause) {
        working = false;
        workTrouble = Optional.of(why);
        pause(pause);
    }

    synchronized void pause(Duration pause) {
        retryAt = nanoTime.getAsLong() + pause.toNanos();
    }

    /** The server is tried to be stopped: if in vain, not again so soon unless nobody uses it. */
    synchronized void restarts(Duration pause) {
        restartAt = nanoTime.getAsLong() + pause.toNanos();
    }

    /** @param program its program and options; null where they are not known */
    synchronized void answered(Incarnation which, String says, String program) {
        answers = Optional.of(which);
        learnt = Optional.ofNullable(program);
        version = Optional.of(says);
        mark("answers");
    }

    synchronized Optional<String> version() {
        return version;
    }

    /** Program and options of the server that was last asked what it greets with. */
    synchronized Optional<String> learnt() {
        return learnt;
    }

    synchronized void trusts(Trusted now) {
        trusted = Optional.of(now);
    }

    /** Whom the server trusts is not known any more. */
    synchronized void trustUnknown() {
        trusted = Optional.empty();
    }

    synchronized void cleared(Clearance now, Map<String, String> globals) {
        clearance = Optional.of(now);
        changedGlobals = globals;
    }

    /** Globals that the server would lose, where they were asked for and not yet kept. */
    synchronized Optional<Map<String, String>> changedGlobals() {
        return Optional.ofNullable(changedGlobals);
    }

    /** Why its volume can't become what the spec says, as it was when that was last tried. */
    synchronized Optional<Trouble> unchanged() {
        return unchanged;
    }

    synchronized void unchanged(Optional<Trouble> why) {
        unchanged = why;
    }

    synchronized void said(Incarnation which) {
        saidShutdown = Optional.of(which);
    }

    synchronized void wakeBegins(Instant at) {
        wakeAt = at;
        wakeNanos = nanoTime.getAsLong();
        wakePhases.clear();
        retryAt = wakeNanos;
    }

    /** The wake is over, well or not. */
    synchronized void wakeEnds() {
        wakeAt = null;
    }

    /** Notes when the wake under way came to a certain point, the first time it does. */
    synchronized void mark(String point) {
        if (wakeAt != null) {
            wakePhases.putIfAbsent(point, (nanoTime.getAsLong() - wakeNanos) / 1_000_000);
        }
    }

    synchronized Optional<StatusMaker.Wake> wake() {
        return wakeAt == null
                ? Optional.empty()
                : Optional.of(new StatusMaker.Wake(
                        wakeAt, (nanoTime.getAsLong() - wakeNanos) / 1_000_000, Map.copyOf(wakePhases)));
    }

    /** It sleeps: nothing of the server that ran matters any more. */
    synchronized void asleep() {
        answers = Optional.empty();
        trusted = Optional.empty();
        clearance = Optional.empty();
        changedGlobals = null;
        saidShutdown = Optional.empty();
        workTrouble = Optional.empty();
        wakeAt = null;
        retryAt = nanoTime.getAsLong();
    }

    /** The drain was called off: what the server said during it does not count. */
    synchronized void cancelled(Duration pause) {
        clearance = Optional.empty();
        pause(pause);
    }
}
