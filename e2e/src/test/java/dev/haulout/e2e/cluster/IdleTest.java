package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.Durations;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing is written about databases that sleep. {@code haulout.test.idle} says how long that is watched. */
@Tag("cluster")
@Timeout(value = 1, unit = TimeUnit.HOURS)
class IdleTest {
    private static final Duration WINDOW = Durations.parse(System.getProperty("haulout.test.idle", "30s"));
    private static final Duration SETTLED = Duration.ofSeconds(5);
    private static final List<String> NEVER_RAN = List.of("idle-1", "idle-2");
    private static final String RAN = "idle-3";

    private Cluster cluster;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
    }

    @AfterEach
    void remove() {
        if (cluster != null) {
            NEVER_RAN.forEach(name -> cluster.instance(name).ifPresent(cluster::delete));
            cluster.instance(RAN).ifPresent(cluster::delete);
        }
    }

    private ResourceVersions versions() {
        return ResourceVersions.of(cluster.client(), Cluster.NAMESPACE);
    }

    @Test
    void nothingIsWrittenAboutSleepersButOurLeases() {
        cluster.apply(RAN, "  sleep: {after: 2s}");
        NEVER_RAN.forEach(name -> cluster.apply(name, "  initialise: OnFirstWake"));
        NEVER_RAN.forEach(cluster::awaitAsleep);
        cluster.awaitAsleep(RAN);
        try (Writes writes = Writes.count(cluster)) {
            writes.awaitSettled(SETTLED);
            ResourceVersions before = versions();
            Writes.Counts countedBefore = writes.now();

            await("the idle window")
                    .pollDelay(WINDOW)
                    .atMost(WINDOW.multipliedBy(2))
                    .until(() -> true);

            assertThat(before.changesUntil(versions())).isEmpty();
            Writes.Counts written = writes.now().since(countedBefore);
            assertThat(written.withoutLeases().byKind()).isEmpty();
            assertThat(written.of("leases")).isPositive();
        }
    }
}
