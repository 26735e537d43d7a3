package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.NextEvent;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An EVENT at noon, of an instance that sleeps after five minutes. */
class EventPlanTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Optional<String> FOR_IT = Optional.of("event shop.cleanup is due at 2026-01-01T12:00:00Z");

    private static EventPlan at(Phase phase, Instant now) {
        StatusDraft draft = new StatusDraft(MariaDBInstanceStatus.EMPTY);
        draft.phase = phase;
        draft.nextEvent = new NextEvent("shop.cleanup", NOON.toString());
        return EventPlan.of(MariaDBInstanceSpec.DEFAULTS, draft.finished(), now);
    }

    @Test
    void aSleeperIsWokenShortlyBefore() {
        Instant wakeAt = NOON.minusSeconds(10);

        assertThat(at(Phase.ASLEEP, NOON.minusSeconds(3600)))
                .isEqualTo(new EventPlan(Optional.empty(), Optional.of(wakeAt)));
        assertThat(at(Phase.ASLEEP, wakeAt)).isEqualTo(new EventPlan(FOR_IT, Optional.empty()));
    }

    @Test
    void aSleeperIsWokenThoughItIsLate() {
        assertThat(at(Phase.ASLEEP, NOON.plusSeconds(86400)).why()).isEqualTo(FOR_IT);
    }

    @Test
    void whatIsAwakeStaysSoFromBeforeUntilAfter() {
        Instant from = NOON.minusSeconds(300);
        Instant until = NOON.plusSeconds(300);

        assertThat(at(Phase.AWAKE, from.minusSeconds(1))).isEqualTo(new EventPlan(Optional.empty(), Optional.of(from)));
        assertThat(at(Phase.AWAKE, from)).isEqualTo(new EventPlan(FOR_IT, Optional.of(until)));
        assertThat(at(Phase.FALLING_ASLEEP, until.minusSeconds(1)).why()).isEqualTo(FOR_IT);
        assertThat(at(Phase.AWAKE, until)).isEqualTo(EventPlan.NONE);
    }

    @Test
    void withoutAnEventThereIsNothingToWaitFor() {
        assertThat(EventPlan.of(MariaDBInstanceSpec.DEFAULTS, MariaDBInstanceStatus.EMPTY, NOON))
                .isEqualTo(EventPlan.NONE);
    }
}
