package dev.haulout.proxy.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

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

    /** A wake took so long, from the demand to the first result's first byte. */
    public void woke(String instance, double millis) {
        timer("haulout.wake.duration", "Duration of wakes, from the demand to the first result's first byte")
                .tag("instance", instance)
                .register(registry)
                .record(nanos(millis), TimeUnit.NANOSECONDS);
    }

    /** One phase of a wake took so long. */
    public void phase(String instance, String phase, double millis) {
        timer("haulout.wake.phase.duration", "Duration of the phases of wakes")
                .tag("instance", instance)
                .tag("phase", phase)
                .register(registry)
                .record(nanos(millis), TimeUnit.NANOSECONDS);
    }

    private static Timer.Builder timer(String name, String description) {
        return Timer.builder(name).description(description).serviceLevelObjectives(BUCKETS);
    }

    private static long nanos(double millis) {
        return (long) (millis * 1e6);
    }

    /**
     * Time spent in a state, read at every scrape.
     *
     * @param instance its name
     * @param state {@code awake} or {@code asleep}
     * @param time what knows it; not kept from being collected
     * @param seconds in that state so far; never less than before
     */
    public <T> void spends(String instance, String state, T time, ToDoubleFunction<T> seconds) {
        FunctionCounter.builder("haulout.state.seconds", time, seconds)
                .description("Time spent awake and asleep")
                .tag("instance", instance)
                .tag("state", state)
                .register(registry);
    }

    /** Which version runs, and on what. */
    public void build() {
        Gauge.builder("haulout.build.info", () -> 1)
                .description("Always 1; the version of Haulout and of the Java it runs on")
                .tag("version", version())
                .tag("java", Runtime.version().toString())
                .register(registry);
    }

    private static String version() {
        Properties build = new Properties();
        try (InputStream file = InstanceMeters.class.getResourceAsStream("build.properties")) {
            build.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return build.getProperty("version");
    }
}
