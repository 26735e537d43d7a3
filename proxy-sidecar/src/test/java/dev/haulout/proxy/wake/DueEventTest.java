package dev.haulout.proxy.wake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DueEventTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final DueEvent CLEANUP = new DueEvent("shop.cleanup", NOON);

    @Test
    void theServersAnswerTellsHowLongFromNow() {
        assertThat(DueEvent.read(List.of(List.of("shop", "cleanup", "90")), NOON.plusMillis(700)))
                .contains(new DueEvent("shop.cleanup", NOON.plusSeconds(90)));
        assertThat(DueEvent.read(List.of(), NOON)).isEmpty();
    }

    @Test
    void theWakeBeginsSomeSecondsAndAWakeEarlier() {
        assertThat(CLEANUP.wakeAt(Duration.ZERO)).isEqualTo(NOON.minusSeconds(10));
        assertThat(CLEANUP.wakeAt(Duration.ofSeconds(20))).isEqualTo(NOON.minusSeconds(30));
    }

    @Test
    void oneBadWakeDoesNotHaveItWokenHoursEarlier() {
        assertThat(CLEANUP.wakeAt(Duration.ofHours(3))).isEqualTo(NOON.minusSeconds(130));
    }

    @Test
    void itStaysAwakeForWhatComesWithinItsUsualIdleTime() {
        assertThat(CLEANUP.stayFrom(Duration.ZERO, Duration.ofMinutes(3))).isEqualTo(NOON.minusSeconds(180));
        assertThat(CLEANUP.stayUntil(Duration.ofMinutes(3))).isEqualTo(NOON.plusSeconds(180));
    }

    @Test
    void howeverLongItsIdleTimeAFewMinutesAreEnough() {
        assertThat(CLEANUP.stayFrom(Duration.ZERO, Duration.ofHours(8))).isEqualTo(NOON.minusSeconds(300));
        assertThat(CLEANUP.stayUntil(Duration.ofHours(8))).isEqualTo(NOON.plusSeconds(300));
    }

    @Test
    void itDoesNotFallAsleepJustBeforeItWouldBeWoken() {
        assertThat(CLEANUP.stayFrom(Duration.ofSeconds(20), Duration.ofSeconds(1)))
                .isEqualTo(NOON.minusSeconds(40));
    }
}
