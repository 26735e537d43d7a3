package dev.haulout.proxy.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counts and times what happens to instances: wakes by outcome, their phases, and the time spent awake and asleep. */
public final class InstanceMeters {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100),
        Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800), Duration.ofMillis(1600),
        Duration.ofMillis(3200), Duration.ofMillis(6400), Duration.ofSeconds(15), Duration.ofSeconds(60)
    };

    private final MeterRegistry registry;

    public InstanceMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** A wake ended, or a demand was not met in time: {@code ok}, {@code failed} or {@code missed}. */
    public void wake(String instance, String outcome) {
        Counter.builder("haulout.wakes")
                .description("Wakes by outcome; missed counts demands whose deadline passed")
                .tag("instance", instance)
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    /** One phase of a wake took so long; {@code total} is the whole. */
    public void phase(String instance, String phase, double millis) {
        Timer.builder("haulout.wake")
                .description("Duration of wakes by phase; total is from the demand to the first result's first byte")
                .tag("instance", instance)
                .tag("phase", phase)
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(Duration.ofNanos((long) (millis * 1e6)));
    }

    /** The instance was {@code awake} or {@code asleep} for so long. */
    public void spent(String instance, String state, Duration time) {
        Counter.builder("haulout.state.seconds")
                .description("Time spent awake and asleep")
                .tag("instance", instance)
                .tag("state", state)
                .register(registry)
                .increment(time.toMillis() / 1000.0);
    }
}
