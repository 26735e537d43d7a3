package dev.haulout.proxy.host;

import dev.haulout.proxy.metrics.InstanceMeters;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.InstanceEvents;
import dev.haulout.proxy.wake.LastWake;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts what happens to instances into the log, one line each, and into the metrics. */
final class HostEvents implements InstanceEvents {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.instance");

    private final InstanceMeters meters;
    private final long bornNanos = System.nanoTime();
    private final Map<Instance, Long> sinceNanos = new ConcurrentHashMap<>();

    HostEvents(InstanceMeters meters) {
        this.meters = meters;
    }

    @Override
    public void wakeBegins(Instance instance, String why) {
        spent(instance, "asleep");
        log.info("{}: waking for {}", name(instance), why);
    }

    @Override
    public void wakeEnded(Instance instance, LastWake wake) {
        meters.wake(name(instance), wake.outcome());
        if (wake.outcome().equals("ok")) {
            meters.phase(name(instance), "total", wake.millis());
            wake.phases().forEach(phase -> meters.phase(name(instance), phase.name(), phase.millis()));
            log.info("{}: awake, first result after {} ms ({})", name(instance), rounded(wake.millis()), phases(wake));
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
        spent(instance, "asleep");
    }

    @Override
    public void asleep(Instance instance, boolean expected) {
        spent(instance, "awake");
        if (expected) {
            log.info("{}: asleep", name(instance));
        }
    }

    private void spent(Instance instance, String state) {
        long now = System.nanoTime();
        Long since = sinceNanos.put(instance, now);
        meters.spent(name(instance), state, Duration.ofNanos(now - (since == null ? bornNanos : since)));
    }

    private static String name(Instance instance) {
        return instance.settings().name();
    }
}
