package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A window of time in which an instance is awake though nobody uses it. */
class KeepAwakeTest {
    @Test
    void itIsWokenForItAndSleepsAfterIt() throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 500ms}")) {
            shop.change("  sleep: {after: 500ms, keepAwake: [{start: '* * * * *', duration: 2m}]}");

            await("the window")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> shop.host().status(Shop.NAME).state().equals("Awake"));
            await("its word for it")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> shop.host().status(Shop.NAME).why().contains("spec.sleep.keepAwake until "));
            long pid = shop.pid();
            await("idleness far beyond sleep.after")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> shop.host().status(Shop.NAME).idleSeconds() > 3);
            assertThat(shop.pid()).isEqualTo(pid);

            shop.change("  sleep: {after: 500ms}");
            shop.awaitAsleep();
        }
    }
}
