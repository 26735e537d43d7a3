package dev.haulout.proxy.placement;

import dev.haulout.proxy.metrics.InstanceMeters;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.InstanceEvents;
import dev.haulout.proxy.wake.LastWake;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts what happens to instances into the log, one line each, and into the metrics. */
public final class InstanceRecord implements InstanceEvents {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.instance");

    private final InstanceMeters meters;
    private final long bornNanos = System.nanoTime();
    private final Map<Instance, TimeSpent> spent = new ConcurrentHashMap<>();

    /** @param meters where it is counted */
    public InstanceRecord(InstanceMeters meters) {
        this.meters = meters;
    }

    /** Nanoseconds awake and asleep, up to now. An instance that was never awake has none: it has slept all the time. */
    private static final class TimeSpent {
        private boolean awake;
        private long sinceNanos;
        private long awakeNanos;
        private long asleepNanos;

        TimeSpent(long bornNanos) {
            sinceNanos = bornNanos;
        }

        synchronized void turn(boolean nowAwake) {
            long now = System.nanoTime();
            if (awake) {
                awakeNanos += now - sinceNanos;
            } else {
                asleepNanos += now - sinceNanos;
            }
            sinceNanos = now;
            awake = nowAwake;
        }

        synchronized double seconds(boolean ofAwake) {
            long past = ofAwake ? awakeNanos : asleepNanos;
            return (awake == ofAwake ? past + System.nanoTime() - sinceNanos : past) / 1e9;
        }
    }

    @Override
    public void wakeBegins(Instance instance, String why) {
        turn(instance, true);
        log.atInfo().addKeyValue("instance", name(instance)).log("waking for {}", why);
    }

    @Override
    public void wakeEnded(Instance instance, LastWake wake) {
        meters.wake(name(instance), wake.outcome());
        if (wake.outcome().equals("ok")) {
            meters.woke(name(instance), wake.millis());
            wake.phases().forEach(phase -> meters.phase(name(instance), phase.name(), phase.millis()));
            log.atInfo()
                    .addKeyValue("instance", name(instance))
                    .log("awake, first result after {} ms ({})", rounded(wake.millis()), phases(wake));
        } else {
            turn(instance, false);
        }
    }

    static String phases(LastWake wake) {
        return wake.phases().stream()
                .map(phase -> phase.name() + " " + rounded(phase.millis()))
                .collect(Collectors.joining(", "));
    }

    private static String rounded(double millis) {
        return String.format(Locale.ROOT, millis < 10 ? "%.1f" : "%.0f", millis);
    }

    @Override
    public void wakeMissed(Instance instance) {
        meters.wake(name(instance), "missed");
    }

    @Override
    public void tookOver(Instance instance) {
        turn(instance, true);
    }

    @Override
    public void asleep(Instance instance, boolean expected) {
        turn(instance, false);
        if (expected) {
            log.atInfo().addKeyValue("instance", name(instance)).log("asleep");
        }
    }

    private void turn(Instance instance, boolean awake) {
        spent.computeIfAbsent(instance, added -> {
                    TimeSpent time = new TimeSpent(bornNanos);
                    meters.spends(name(added), "awake", time, spends -> spends.seconds(true));
                    meters.spends(name(added), "asleep", time, spends -> spends.seconds(false));
                    return time;
                })
                .turn(awake);
    }

    private static String name(Instance instance) {
        return instance.settings().name();
    }
}
