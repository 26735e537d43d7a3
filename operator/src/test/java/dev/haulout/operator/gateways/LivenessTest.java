package dev.haulout.operator.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private static final Duration LASTS = Duration.ofSeconds(15);

    private final AtomicLong nanos = new AtomicLong();
    private final Liveness liveness = new Liveness(nanos::get);

    private void pass(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    void aLeaseThatIsNotRenewedExpires() {
        liveness.renewed("gw-a", "1", LASTS);
        pass(14);
        assertThat(liveness.live()).containsExactly("gw-a");
        pass(1);
        assertThat(liveness.live()).isEmpty();
    }

    @Test
    void aRenewalKeepsItAlive() {
        liveness.renewed("gw-a", "1", LASTS);
        pass(14);
        liveness.renewed("gw-a", "2", LASTS);
        pass(14);
        assertThat(liveness.live()).containsExactly("gw-a");
    }

    @Test
    void theSameRenewalSeenAgainIsNone() {
        liveness.renewed("gw-a", "1", LASTS);
        pass(14);
        liveness.renewed("gw-a", "1", LASTS);
        pass(1);
        assertThat(liveness.live()).isEmpty();
    }

    @Test
    void aLeaseGivenUpIsGoneAtOnce() {
        liveness.renewed("gw-a", "1", LASTS);
        liveness.gone("gw-a");
        assertThat(liveness.live()).isEmpty();
    }
}
