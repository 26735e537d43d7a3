package dev.haulout.operator.instance;

import dev.haulout.crd.Durations;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.wake.DueEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the next EVENT of an instance's server means for it now.
 *
 * @param why it is to be awake for that, in words; empty when it is not
 * @param changes when that will be otherwise, by time alone
 */
record EventPlan(Optional<String> why, Optional<Instant> changes) {

    /** Of an instance without any. */
    static final EventPlan NONE = new EventPlan(Optional.empty(), Optional.empty());

    static EventPlan of(MariaDBInstanceSpec spec, MariaDBInstanceStatus status, Instant now) {
        if (status.nextEvent() == null) {
            return NONE;
        }
        DueEvent due = new DueEvent(
                status.nextEvent().name(), Instant.parse(status.nextEvent().at()));
        Duration sleepAfter = Durations.parse(spec.sleep().after());
        boolean awake = status.phase() == Phase.AWAKE || status.phase() == Phase.FALLING_ASLEEP;
        Instant from = awake ? due.stayFrom(wakeTime(status), sleepAfter) : due.wakeAt(wakeTime(status));
        if (now.isBefore(from)) {
            return new EventPlan(Optional.empty(), Optional.of(from));
        }
        // one that sleeps wakes for what is past too: an event that was to run once still runs
        Optional<Instant> until = awake ? Optional.of(due.stayUntil(sleepAfter)) : Optional.empty();
        return until.filter(end -> !now.isBefore(end)).isPresent()
                ? NONE
                : new EventPlan(Optional.of(due.text()), until);
    }

    private static Duration wakeTime(MariaDBInstanceStatus status) {
        LastWake last = status.lastWake();
        return last == null || last.milliseconds() == null ? Duration.ZERO : Duration.ofMillis(last.milliseconds());
    }
}
