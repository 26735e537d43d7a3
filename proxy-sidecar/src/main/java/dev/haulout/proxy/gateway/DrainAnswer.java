package dev.haulout.proxy.gateway;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.wake.Keeper;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One gateway's part in putting one instance to sleep. Each attempt has a number, its epoch:
 *
 * <pre>
 *  nobody needs the server here ──▶ propose the next epoch
 *  Requested ──▶ hold every session ──▶ held, or busy and by whom
 *  Cancelled ──▶ let go
 *  Stopping, Done ──▶ hold on, until the server has ended
 * </pre>
 *
 * A gateway that hears nothing more holds on. Safe for any thread.
 */
final class DrainAnswer {
    private final Sessions sessions;
    private final Consumer<GatewayReport> reports;

    // guarded by this
    private Drain drain = new Drain(0L, Drain.State.CANCELLED);
    private long proposed;
    private long answered;
    private String busyWith;

    /** The sessions that are held. */
    interface Sessions {
        /**
         * Lets all go of the server and forwards nothing new.
         *
         * @param evenIfUsed whether to hold although statements have passed lately
         * @param then told who needs the server, and then nothing is held; empty when all is
         */
        void hold(boolean evenIfUsed, Consumer<Optional<Keeper>> then);

        /** How long ago a client here last used the server; empty when none ever did. */
        Optional<Duration> sinceUse();

        /** Goes on. */
        void letGo();

        /** Whether there is no server here to be let go of. */
        boolean isAsleep();
    }

    /** @param reports given what to tell the operator, the latest only */
    DrainAnswer(Sessions sessions, Consumer<GatewayReport> reports) {
        this.sessions = sessions;
        this.reports = reports;
    }

    /** The instance's status is this now. */
    synchronized void seen(MariaDBInstanceStatus status) {
        if (status.drain() != null
                && status.drain().epoch() != null
                && status.drain().epoch() >= drain.epoch()
                && !status.drain().equals(drain)) {
            drain = status.drain();
            switch (drain.state()) {
                case REQUESTED, STOPPING -> hold();
                case CANCELLED -> sessions.letGo();
                case DONE -> {}
            }
        }
        // another gateway had it woken, and nobody has needed it here
        if (status.phase() == Phase.AWAKE && !isUnderWay() && sessions.isAsleep()) {
            idle();
        }
    }

    private boolean isUnderWay() {
        return drain.state() == Drain.State.REQUESTED || drain.state() == Drain.State.STOPPING;
    }

    private void hold() {
        long epoch = drain.epoch();
        if (answered == epoch) {
            return;
        }
        answered = epoch;
        boolean evenIfUsed = drain.state() == Drain.State.STOPPING || Boolean.TRUE.equals(drain.evenIfUsed());
        sessions.hold(evenIfUsed, busy -> held(epoch, busy));
    }

    private synchronized void held(long epoch, Optional<Keeper> busy) {
        if (epoch != drain.epoch()) {
            return; // a later attempt has been asked for, and is answered for itself
        }
        if (drain.state() == Drain.State.CANCELLED) {
            sessions.letGo();
            return;
        }
        busyWith = null;
        reports.accept(busy.map(who -> new GatewayReport(null, epoch, false, null, words(who)))
                .orElseGet(() -> new GatewayReport(
                        null,
                        epoch,
                        true,
                        sessions.sinceUse().map(Duration::toSeconds).orElse(null),
                        null)));
    }

    /** Nobody needs the server here. */
    synchronized void idle() {
        long next = drain.epoch() + 1;
        if (!isUnderWay() && proposed != next) {
            proposed = next;
            busyWith = null;
            reports.accept(new GatewayReport(next, null, null, null, null));
        }
    }

    /** Somebody needs the server here although nothing has passed for long. */
    synchronized void keptBy(Keeper keeper) {
        if (!isUnderWay() && !keeper.what().equals(busyWith)) {
            proposed = 0;
            busyWith = keeper.what();
            reports.accept(new GatewayReport(null, null, null, null, words(keeper)));
        }
    }

    private static String words(Keeper keeper) {
        return keeper.what()
                + (keeper.idle() ? ", last used " : ", since ")
                + keeper.since().truncatedTo(ChronoUnit.SECONDS);
    }
}
