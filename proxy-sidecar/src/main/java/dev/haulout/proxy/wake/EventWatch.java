package dev.haulout.proxy.wake;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wakes an instance in time for the next EVENT of its server, and keeps it awake when that is near. */
final class EventWatch {
    private static final Logger log = LoggerFactory.getLogger(EventWatch.class);

    /** So often is tried to wake it, where it does not come up. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    /** The clock may be put right. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final Instance instance;
    private ScheduledFuture<?> next;

    EventWatch(Instance instance) {
        this.instance = instance;
    }

    /** What of that event keeps the server awake now. */
    Optional<Keeper> keeper(Optional<DueEvent> due) {
        Instant now = Instant.now();
        return due.filter(event -> !now.isBefore(
                        event.stayFrom(wakeTime(), instance.settings().sleepAfter())))
                .map(event -> Keeper.noticed(event.text()));
    }

    private Duration wakeTime() {
        LastWake last = instance.lastWake();
        return last == null ? Duration.ZERO : Duration.ofMillis(Math.round(last.millis()));
    }

    /** It has fallen asleep, or was found asleep. */
    synchronized void look() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
        Optional<DueEvent> due = due();
        if (due.isEmpty()) {
            return;
        }
        Duration wait = Duration.between(Instant.now(), due.get().wakeAt(wakeTime()));
        if (!wait.isPositive()) {
            instance.wakeUnasked(due.get().text());
            wait = AGAIN;
        }
        next = instance.surroundings()
                .clock()
                .schedule(
                        () -> instance.surroundings().background(this::look),
                        Math.min(wait.toMillis() + 1, LONGEST_WAIT.toMillis()),
                        TimeUnit.MILLISECONDS);
    }

    /** Known only of a server that was asked before it ended, and that nobody has woken since. */
    private Optional<DueEvent> due() {
        boolean rests = switch (instance.power()) {
            case Power.Asleep a -> true;
            case Power.Failed f -> true;
            case Power.Stopping s -> false; // its end is told
            case Power.Waking w -> false;
            case Power.Awake a -> false;
            case Power.Draining d -> false;
            case Power.Closed c -> false;
        };
        if (!rests || !instance.learned().isSettled()) {
            return Optional.empty();
        }
        try {
            return instance.learned().nextEvent();
        } catch (IOException e) {
            log.atError()
                    .addKeyValue("instance", instance.settings().name())
                    .log("when its next event is due can't be read, so it is not woken for it: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
