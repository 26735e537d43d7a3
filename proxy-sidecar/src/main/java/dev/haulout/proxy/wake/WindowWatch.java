package dev.haulout.proxy.wake;

import dev.haulout.crd.Windows;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Wakes an instance when a window of its owner's opens, and keeps it awake until it ends. */
final class WindowWatch {
    /** So often it is looked at within a window, where a server may end by itself or not come up. */
    private static final Duration WITHIN = Duration.ofSeconds(30);

    /** And so often outside, since the clock may be put right. */
    private static final Duration OUTSIDE = Duration.ofMinutes(10);

    private static final Duration JUST_AFTER = Duration.ofMillis(20);

    private final Instance instance;
    private volatile Windows windows = Windows.NONE;
    private ScheduledFuture<?> next;

    WindowWatch(Instance instance) {
        this.instance = instance;
    }

    /** From now on these windows hold. */
    void keep(Windows wanted) {
        windows = wanted;
        look();
    }

    /** What keeps it awake now. */
    Optional<Keeper> keeper() {
        return windows.openUntil(Instant.now()).map(WindowWatch::words).map(Keeper::noticed);
    }

    private static String words(ZonedDateTime end) {
        return "spec.sleep.keepAwake until " + Windows.text(end);
    }

    private synchronized void look() {
        if (next != null) {
            next.cancel(false);
        }
        Instant now = Instant.now();
        Optional<ZonedDateTime> end = windows.openUntil(now);
        boolean rests = switch (instance.power()) {
            case Power.Asleep a -> true;
            case Power.Failed f -> true;
            case Power.Stopping s -> true;
            case Power.Waking w -> false;
            case Power.Awake a -> false;
            case Power.Draining d -> false;
            case Power.Closed c -> false;
        };
        if (end.isPresent() && rests) {
            instance.wakeUnasked(words(end.get()));
        }
        if (instance.power() instanceof Power.Closed) {
            return;
        }
        windows.nextEdge(now).ifPresent(edge -> {
            Duration most = end.isPresent() ? WITHIN : OUTSIDE;
            Duration wait = Duration.between(now, edge).plus(JUST_AFTER);
            next = instance.surroundings()
                    .clock()
                    .schedule(
                            () -> instance.surroundings().background(this::look),
                            (wait.compareTo(most) < 0 ? wait : most).toMillis(),
                            TimeUnit.MILLISECONDS);
        });
    }
}
