package dev.haulout.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.wake.Keeper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A gateway's words and deeds in a drain. */
class DrainAnswerTest {
    private static final Keeper SOMEBODY =
            new Keeper("app@10.0.0.9 (7): runs SELECT", false, Instant.parse("2026-01-02T03:04:05.6Z"));

    private final List<String> done = new ArrayList<>();
    private final List<GatewayReport> reports = new ArrayList<>();
    private final List<Consumer<Optional<Keeper>>> held = new ArrayList<>();
    private boolean asleep;
    private final DrainAnswer answer = new DrainAnswer(new Sessions(), reports::add);

    private final class Sessions implements DrainAnswer.Sessions {
        @Override
        public void hold(boolean evenIfUsed, Consumer<Optional<Keeper>> then) {
            done.add(evenIfUsed ? "hold even if used" : "hold");
            held.add(then);
        }

        @Override
        public Optional<Duration> sinceUse() {
            return Optional.of(Duration.ofMinutes(5));
        }

        @Override
        public void letGo() {
            done.add("let go");
        }

        @Override
        public boolean isAsleep() {
            return asleep;
        }
    }

    private void see(Phase phase, long epoch, Drain.State state) {
        see(phase, new Drain(epoch, state));
    }

    private void see(Phase phase, Drain drain) {
        answer.seen(new MariaDBInstanceStatus(
                null, phase, null, null, null, null, null, null, null, drain, null, null, null, null, null, null, null,
                null));
    }

    @Test
    void anIdleGatewayProposesTheNextEpochOnce() {
        see(Phase.AWAKE, 4, Drain.State.DONE);

        answer.idle();
        answer.idle();

        assertThat(reports).containsExactly(new GatewayReport(5L, null, null, null, null));
    }

    @Test
    void whatWasProposedIsHeldOnlyWhileNobodyUsesIt() {
        answer.idle();

        see(Phase.AWAKE, 1, Drain.State.REQUESTED);

        assertThat(done).containsExactly("hold");
    }

    @Test
    void whatIsAskedForAlthoughUsedIsHeldWhateverWasProposedBefore() {
        answer.idle();

        see(Phase.AWAKE, new Drain(1L, Drain.State.REQUESTED, true));

        assertThat(done).containsExactly("hold even if used");
    }

    @Test
    void aServerThatIsBeingStoppedIsLetGoOfAlthoughUsed() {
        see(Phase.FALLING_ASLEEP, 1, Drain.State.STOPPING);

        assertThat(done).containsExactly("hold even if used");
    }

    @Test
    void itAnswersEachEpochOnceAndHoldsThroughStoppingAndDone() {
        see(Phase.AWAKE, 1, Drain.State.REQUESTED);
        see(Phase.FALLING_ASLEEP, 1, Drain.State.REQUESTED);
        held.getFirst().accept(Optional.empty());
        see(Phase.FALLING_ASLEEP, 1, Drain.State.STOPPING);
        see(Phase.ASLEEP, 1, Drain.State.DONE);

        assertThat(done).containsExactly("hold");
        assertThat(reports).containsExactly(new GatewayReport(null, 1L, true, 300L, null));
    }

    @Test
    void whoIsBusyIsNamed() {
        see(Phase.AWAKE, 1, Drain.State.REQUESTED);

        held.getFirst().accept(Optional.of(SOMEBODY));

        assertThat(reports)
                .containsExactly(new GatewayReport(
                        null, 1L, false, null, "app@10.0.0.9 (7): runs SELECT, since 2026-01-02T03:04:05Z"));
    }

    @Test
    void aCancelledDrainIsLetGo() {
        see(Phase.AWAKE, 1, Drain.State.REQUESTED);
        held.getFirst().accept(Optional.empty());

        see(Phase.AWAKE, 1, Drain.State.CANCELLED);

        assertThat(done).containsExactly("hold", "let go");
    }

    @Test
    void aDrainCancelledWhileItIsBeingHeldIsLetGoAfterwards() {
        see(Phase.AWAKE, 1, Drain.State.REQUESTED);
        see(Phase.AWAKE, 1, Drain.State.CANCELLED);
        done.clear();

        held.getFirst().accept(Optional.empty());

        assertThat(done).containsExactly("let go");
        assertThat(reports).isEmpty();
    }

    @Test
    void aLateAnswerToAnEarlierEpochIsNotGiven() {
        see(Phase.AWAKE, 1, Drain.State.REQUESTED);
        see(Phase.AWAKE, 2, Drain.State.REQUESTED);

        held.getFirst().accept(Optional.empty());
        held.getLast().accept(Optional.empty());

        assertThat(reports).containsExactly(new GatewayReport(null, 2L, true, 300L, null));
        assertThat(done).doesNotContain("let go");
    }

    @Test
    void anOlderEpochIsPassedOver() {
        see(Phase.AWAKE, 2, Drain.State.CANCELLED);
        done.clear();

        see(Phase.AWAKE, 1, Drain.State.REQUESTED);

        assertThat(done).isEmpty();
    }

    @Test
    void aGatewayWithoutAConnectionProposesAtOnceWhereAnotherHadItWoken() {
        asleep = true;

        see(Phase.AWAKE, 3, Drain.State.DONE);
        see(Phase.AWAKE, 3, Drain.State.DONE);

        assertThat(reports).containsExactly(new GatewayReport(4L, null, null, null, null));
    }

    @Test
    void useTakesAProposalBack() {
        answer.idle();

        answer.keptBy(SOMEBODY);
        answer.keptBy(SOMEBODY);
        answer.idle();

        assertThat(reports)
                .containsExactly(
                        new GatewayReport(1L, null, null, null, null),
                        new GatewayReport(
                                null, null, null, null, "app@10.0.0.9 (7): runs SELECT, since 2026-01-02T03:04:05Z"),
                        new GatewayReport(1L, null, null, null, null));
    }
}
