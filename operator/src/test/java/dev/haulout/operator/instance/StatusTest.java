package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Door;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.NextEvent;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.wake.DueEvent;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the status says once a step is taken, and what of it is written. */
class StatusTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static StatusMaker at(Instant time) {
        return new StatusMaker(Clock.fixed(time, ZoneOffset.UTC));
    }

    private static StatusMaker.Facts facts() {
        return new StatusMaker.Facts(
                3,
                new Door("shop.shop.svc", 10000),
                "haulout.dev/instance=shop",
                "shop",
                Optional.of("11.8.3-MariaDB"),
                Optional.of(new StatusMaker.Wake(NOON, 640, Map.of("created", 12L))),
                Optional.empty(),
                Optional.empty());
    }

    private static Condition condition(MariaDBInstanceStatus status, String type) {
        return status.conditions().stream()
                .filter(found -> found.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    /** The same instance, with that status. */
    private static Observed with(Observed seen, MariaDBInstanceStatus status) {
        return new Observed(
                seen.wish(),
                seen.window(),
                seen.event(),
                seen.initialiseAtOnce(),
                seen.wakeDeadline(),
                status,
                seen.pod(),
                seen.outdated(),
                seen.restart(),
                seen.greetsOtherwise(),
                seen.gateways(),
                seen.memory(),
                seen.line());
    }

    @Test
    void aWindowIsToldWithItsEnd() {
        Observed seen = Situation.awake()
                .inWindow("2026-01-01 18:00 UTC")
                .report("gw-a", null, null, null, "app runs SELECT")
                .seen();

        MariaDBInstanceStatus status = at(NOON).after(seen, Step.Nothing.atAll(), facts());

        assertThat(status.awakeBecause()).isEqualTo("spec.sleep.keepAwake until 2026-01-01 18:00 UTC");
    }

    @Test
    void aWakeIsToldWithItsParts() {
        Observed seen = Situation.awake().phase(Phase.WAKING).demanded("d1").seen();

        MariaDBInstanceStatus status = at(NOON).after(seen, new Step.MarkAwake(Situation.SERVER), facts());

        assertThat(status.phase()).isEqualTo(Phase.AWAKE);
        assertThat(status.served()).isEqualTo("d1");
        assertThat(status.since()).isEqualTo("2026-01-01T12:00:00Z");
        assertThat(status.lastWake())
                .isEqualTo(new LastWake(
                        "d1",
                        "app@10.1.1.1 runs SELECT",
                        "2026-01-01T12:00:00Z",
                        LastWake.Outcome.OK,
                        null,
                        640L,
                        Map.of("created", 12L)));
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
        assertThat(condition(status, "Ready").getObservedGeneration()).isEqualTo(3);
    }

    @Test
    void theNextEventIsWrittenWhenItFallsAsleep() {
        DueEvent cleanup = new DueEvent("shop.cleanup", NOON.plusSeconds(3600));
        Observed seen = Situation.held().nextEvent(cleanup).cleared(null).seen();

        MariaDBInstanceStatus status = at(NOON).after(seen, new Step.CommitStop(7), facts());
        MariaDBInstanceStatus later =
                at(NOON).after(with(Situation.held().cleared(null).seen(), status), new Step.CommitStop(7), facts());

        assertThat(status.nextEvent()).isEqualTo(new NextEvent("shop.cleanup", "2026-01-01T13:00:00Z"));
        assertThat(later.nextEvent()).isNull();
    }

    @Test
    void anEventThatKeptItAwakeIsForgottenWhenItIsPast() {
        DueEvent cleanup = new DueEvent("shop.cleanup", NOON);
        Observed held = Situation.held()
                .nextEvent(cleanup)
                .cleared("event shop.cleanup is due")
                .seen();
        MariaDBInstanceStatus kept =
                at(NOON.minusSeconds(60)).after(held, new Step.CancelDrain("event shop.cleanup is due"), facts());
        Observed awake = with(Situation.awake().seen(), kept);

        assertThat(kept.awakeBecause()).isEqualTo("event shop.cleanup is due");
        assertThat(at(NOON.minusSeconds(1))
                        .after(awake, Step.Nothing.atAll(), facts())
                        .nextEvent())
                .isNotNull();
        assertThat(at(NOON).after(awake, Step.Nothing.atAll(), facts()).nextEvent())
                .isNull();
    }

    @Test
    void itsPlaceInTheLineIsTold() {
        Observed seen = Situation.asleep().demanded("d1").inLine(3, 20).seen();

        MariaDBInstanceStatus status =
                at(NOON).after(seen, new Step.AwaitTurn(new WakeLine.Place(3, 20), false), facts());

        assertThat(status.phase()).isEqualTo(Phase.WAKING);
        assertThat(condition(status, "Progressing").getReason()).isEqualTo("InLine");
        assertThat(condition(status, "Progressing").getMessage())
                .isEqualTo("it is number 3 in line; 20 wakes at once are allowed (maxConcurrentWakes)");
        assertThat(condition(status, "Degraded").getStatus()).isEqualTo("False");
    }

    @Test
    void theLastActivityIsWrittenWhenItFallsAsleep() {
        Observed seen = Situation.draining()
                .holding("gw-a", 7, 7200L)
                .holding("gw-b", 7, 300L)
                .seen();

        MariaDBInstanceStatus status = at(NOON).after(seen, new Step.CommitStop(7), facts());

        assertThat(status.lastActivity()).isEqualTo("2026-01-01T11:55:00Z");
    }

    @Test
    void aGatewayThatSawNobodyTellsNoActivity() {
        Observed seen = Situation.awake().phase(Phase.WAKING).demanded("d1").seen();
        MariaDBInstanceStatus woken = at(NOON).after(seen, new Step.MarkAwake(Situation.SERVER), facts());
        Observed later = with(Situation.draining().seen(), woken);

        MariaDBInstanceStatus status = at(NOON.plusSeconds(3600)).after(later, new Step.CommitStop(7), facts());

        assertThat(status.lastActivity()).isEqualTo("2026-01-01T12:00:00Z");
    }

    @Test
    void anEarlierActivityDoesNotTakeALatersPlace() {
        Observed seen = Situation.awake().phase(Phase.WAKING).demanded("d1").seen();
        StatusDraft draft = new StatusDraft(
                Situation.draining().holding("gw-a", 7, 300L).seen().status());
        draft.lastActivity = at(NOON).after(seen, new Step.MarkAwake(Situation.SERVER), facts())
                .lastActivity();
        Observed draining = with(Situation.draining().seen(), draft.finished());

        MariaDBInstanceStatus status = at(NOON.plusSeconds(60)).after(draining, new Step.CommitStop(7), facts());

        assertThat(status.lastActivity()).isEqualTo("2026-01-01T12:00:00Z");
    }

    @Test
    void nothingIsWrittenWhenNothingChanges() {
        Observed seen = Situation.awake().seen();
        MariaDBInstanceStatus first = at(NOON).after(seen, Step.Nothing.atAll(), facts());

        MariaDBInstanceStatus later =
                at(NOON.plus(Duration.ofHours(1))).after(with(seen, first), Step.Nothing.atAll(), facts());

        assertThat(StatusPatch.of(first, later, "7")).isEmpty();
    }

    @Test
    void aConditionsTimeChangesOnlyWithItsStatus() {
        Observed seen = Situation.awake().seen();
        MariaDBInstanceStatus awake = at(NOON).after(seen, Step.Nothing.atAll(), facts());

        MariaDBInstanceStatus asleep =
                at(NOON.plusSeconds(60)).after(with(seen, awake), new Step.MarkAsleep("nobody needs it"), facts());

        assertThat(condition(asleep, "Ready").getLastTransitionTime()).isEqualTo("2026-01-01T12:00:00Z");
        assertThat(condition(asleep, "Asleep").getLastTransitionTime()).isEqualTo("2026-01-01T12:01:00Z");
    }

    @Test
    void aFailureStaysTillTheServerAnswers() {
        Trouble crash = new Trouble(FailureReason.CRASH_LOOP, "unknown variable 'foo'", true);
        Observed seen = Situation.waking().seen();

        MariaDBInstanceStatus failed = at(NOON).after(seen, new Step.FailDemand(crash), facts());
        MariaDBInstanceStatus between =
                at(NOON).after(with(seen, failed), new Step.AwaitServer(Situation.SERVER), facts());
        MariaDBInstanceStatus up = at(NOON).after(with(seen, between), new Step.MarkAwake(Situation.SERVER), facts());

        assertThat(failed.lastWake().outcome()).isEqualTo(LastWake.Outcome.FAILED);
        assertThat(condition(failed, "Degraded").getReason()).isEqualTo("CrashLoop");
        assertThat(condition(between, "Degraded").getMessage()).isEqualTo("unknown variable 'foo'");
        assertThat(condition(up, "Degraded").getStatus()).isEqualTo("False");
    }

    @Test
    void entriesOfGatewaysThatAreGoneAreRemovedButNotInMidDrain() {
        Observed idle = Situation.awake()
                .report("gw-old", 1L, null, null, null)
                .proposing(1)
                .seen();
        Observed draining =
                Situation.draining().report("gw-old", 7L, 7L, true, null).seen();

        assertThat(at(NOON).after(idle, Step.Nothing.atAll(), facts()).gateways())
                .containsOnlyKeys("gw-a", "gw-b");
        assertThat(at(NOON).after(draining, Step.Nothing.atAll(), facts()).gateways())
                .containsKey("gw-old");
    }

    @Test
    void aPatchSaysOnlyWhatChangedAndRefusesToOverwriteANewerStatus() {
        MariaDBInstanceStatus before = Situation.awake()
                .demanded("d1")
                .served("d1")
                .proposing(1)
                .seen()
                .status();
        StatusDraft draft = new StatusDraft(before);
        draft.drain = new Drain(1L, Drain.State.REQUESTED);
        draft.pod = null;

        assertThat(StatusPatch.of(before, draft.finished(), "7"))
                .hasValue("{\"metadata\":{\"resourceVersion\":\"7\"},\"status\":{\"pod\":null,"
                        + "\"drain\":{\"epoch\":1,\"state\":\"Requested\"}}}");
    }
}
