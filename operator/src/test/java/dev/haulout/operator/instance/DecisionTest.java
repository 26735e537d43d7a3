package dev.haulout.operator.instance;

import static dev.haulout.operator.instance.Situation.FIRST;
import static dev.haulout.operator.instance.Situation.SERVER;
import static dev.haulout.operator.instance.Situation.asleep;
import static dev.haulout.operator.instance.Situation.awake;
import static dev.haulout.operator.instance.Situation.draining;
import static dev.haulout.operator.instance.Situation.fresh;
import static dev.haulout.operator.instance.Situation.held;
import static dev.haulout.operator.instance.Situation.stopping;
import static dev.haulout.operator.instance.Situation.waking;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.operator.instance.PodView.Incarnation;
import dev.haulout.operator.instance.PodView.Running;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecisionTest {
    private static final PodView ABSENT = new PodView.Absent();
    private static final PodView STARTING = new PodView.Starting("pod-1", false, Optional.empty());
    private static final PodView LEAVING = new PodView.Leaving("pod-1", Optional.empty());
    private static final Trouble NO_NODE = new Trouble(FailureReason.UNSCHEDULABLE, "0/3 nodes", false);
    private static final Trouble NO_IMAGE = new Trouble(FailureReason.IMAGE_PULL, "no such image", true);
    private static final Trouble CRASHED = new Trouble(FailureReason.CRASH_LOOP, "ended with status 137", true);
    private static final Trouble EVICTED = new Trouble(FailureReason.EVICTED, "low on memory", false);
    private static final Trouble LOST = new Trouble(FailureReason.NODE_UNREACHABLE, "node a", false);

    private static PodView starting(Trouble trouble) {
        return new PodView.Starting("pod-1", false, Optional.of(trouble));
    }

    @Nested
    class Waking {
        @Test
        void nothingIsDoneForASleeperNobodyNeeds() {
            assertThat(asleep().decided()).isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void aDemandMakesThePod() {
            assertThat(asleep().demanded("d1").decided())
                    .isEqualTo(new Step.CreatePod(false, "app@10.1.1.1 runs SELECT"));
        }

        @Test
        void aChangedProgramIsStartedOnceToLearnWhatItGreetsWith() {
            assertThat(asleep().greetsOtherwise().decided()).isInstanceOf(Step.CreatePod.class);
            assertThat(asleep().greetsOtherwise()
                            .initialised(false)
                            .initialiseOnFirstWake()
                            .decided())
                    .isEqualTo(Step.Nothing.atAll());
            assertThat(asleep().greetsOtherwise()
                            .phase(Phase.SUSPENDED)
                            .wish(Wish.SUSPENDED)
                            .decided())
                    .isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void aDemandThatWasServedMakesNone() {
            assertThat(asleep().demanded("d1").served("d1").decided()).isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void asManyAreStartingAsMaySoItWaitsItsTurn() {
            assertThat(asleep().demanded("d1").inLine(3, 20).decided())
                    .isEqualTo(new Step.AwaitTurn(new WakeLine.Place(3, 20), false));
        }

        @Test
        void whoWaitedInLineForTooLongIsToldOfTheLimit() {
            Step step = asleep().demanded("d1")
                    .demandAge(Duration.ofSeconds(60))
                    .inLine(3, 20)
                    .decided();

            assertThat(step)
                    .isEqualTo(new Step.FailDemand(new Trouble(
                            FailureReason.IN_LINE,
                            "no server was started within 60 s (spec.sleep.wakeDeadline): it is number 3 in line;"
                                    + " 20 wakes at once are allowed (maxConcurrentWakes)",
                            false)));
        }

        @Test
        void anEventThatIsDueMakesThePodWithoutDemand() {
            assertThat(asleep().forEvent("event shop.cleanup is due at 12:00").decided())
                    .isEqualTo(new Step.CreatePod(false, "event shop.cleanup is due at 12:00"));
        }

        @Test
        void anEventThatIsNearKeepsItAwake() {
            assertThat(awake().forEvent("event shop.cleanup is due")
                            .proposing(1)
                            .decided())
                    .isEqualTo(Step.Nothing.atAll());
            assertThat(held().forEvent("event shop.cleanup is due").decided())
                    .isEqualTo(new Step.CancelDrain("event shop.cleanup is due"));
        }

        @Test
        void anEventDoesNotKeepItFromBeingSuspended() {
            assertThat(held().wish(Wish.SUSPENDED)
                            .forEvent("event shop.cleanup is due")
                            .cleared(null)
                            .decided())
                    .isEqualTo(new Step.CommitStop(7));
        }

        @Test
        void whoIsSuspendedIsNotWokenForEvents() {
            assertThat(asleep().wish(Wish.SUSPENDED)
                            .phase(Phase.SUSPENDED)
                            .forEvent("event shop.cleanup is due")
                            .decided())
                    .isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void powerAwakeMakesThePodWithoutDemand() {
            assertThat(asleep().wish(Wish.AWAKE).decided()).isEqualTo(new Step.CreatePod(false, "spec.power is Awake"));
        }

        @Test
        void whoComesAfterAFailureGetsAnAttemptOfHisOwn() {
            assertThat(waking().pod(starting(NO_IMAGE)).decided()).isEqualTo(new Step.FailDemand(NO_IMAGE));
            assertThat(waking().phase(Phase.FAILED).pod(starting(NO_IMAGE)).decided())
                    .isInstanceOf(Step.DeletePod.class);
            assertThat(waking().phase(Phase.FAILED)
                            .pod(starting(NO_IMAGE))
                            .served("d1")
                            .decided())
                    .isEqualTo(new Step.ReportFailure(NO_IMAGE));
        }

        @Test
        void aWindowMakesThePodWithoutDemand() {
            assertThat(asleep().inWindow("18:00").decided())
                    .isEqualTo(new Step.CreatePod(false, "spec.sleep.keepAwake until 18:00"));
        }

        @Test
        void aWindowKeepsItAwakeAndItsEndLetsItSleep() {
            assertThat(awake().inWindow("18:00").proposing(1).decided()).isEqualTo(Step.Nothing.atAll());
            assertThat(held().inWindow("18:00").decided())
                    .isEqualTo(new Step.CancelDrain("spec.sleep.keepAwake until 18:00"));
            assertThat(awake().proposing(1).decided()).isEqualTo(new Step.RequestDrain(1));
        }

        @Test
        void aPodThatStartsIsLeftAlone() {
            assertThat(waking().pod(STARTING).decided()).isInstanceOf(Step.Nothing.class);
        }

        @Test
        void aRunningServerIsAskedUntilItAnswers() {
            assertThat(waking().decided()).isEqualTo(new Step.AwaitServer(SERVER));
            assertThat(waking().working().decided()).isInstanceOf(Step.Nothing.class);
        }

        @Test
        void anAnswerMeetsTheDemand() {
            assertThat(awake().phase(Phase.WAKING).demanded("d1").decided()).isEqualTo(new Step.MarkAwake(SERVER));
        }

        @Test
        void aDemandMadeJustAsItWokeIsMetToo() {
            assertThat(awake().demanded("d2").served("d1").decided()).isEqualTo(new Step.MarkAwake(SERVER));
        }

        @Test
        void aDemandWhileThePodLeavesWaitsForItsEnd() {
            assertThat(asleep().demanded("d1").pod(LEAVING).decided()).isInstanceOf(Step.Nothing.class);
            assertThat(asleep().demanded("d1").pod(ABSENT).decided()).isInstanceOf(Step.CreatePod.class);
        }

        @Test
        void whoeverWaitsIsToldWhenTheDeadlineHasPassed() {
            Situation late = waking().demandAge(Duration.ofSeconds(60));
            assertThat(late.decided()).isInstanceOf(Step.FailDemand.class);
            assertThat(late.pod(STARTING).decided()).isInstanceOf(Step.FailDemand.class);
            assertThat(late.pod(LEAVING).decided()).isInstanceOf(Step.FailDemand.class);
            assertThat(late.pod(ABSENT).decided()).isInstanceOf(Step.FailDemand.class);
        }

        @Test
        void whoeverWaitsIsToldAtOnceOfWhatWontPass() {
            assertThat(waking().pod(starting(NO_IMAGE)).decided()).isEqualTo(new Step.FailDemand(NO_IMAGE));
        }

        @Test
        void aServerThatWorkedBeforeItCrashedNeedNotWaitForTheNodesBackOff() {
            assertThat(awake().demanded("d1").pod(starting(CRASHED)).decided()).isInstanceOf(Step.DeletePod.class);
            assertThat(waking().pod(starting(CRASHED)).decided()).isEqualTo(new Step.FailDemand(CRASHED));
        }

        @Test
        void whatMayPassIsReportedAndWaitedFor() {
            assertThat(waking().pod(starting(NO_NODE)).decided()).isEqualTo(new Step.ReportFailure(NO_NODE));
        }

        @Test
        void aFailedWakeIsTriedAnewForTheNextDemand() {
            Situation failed = waking().phase(Phase.FAILED).served("d1");
            assertThat(failed.pod(starting(NO_IMAGE)).decided()).isEqualTo(new Step.ReportFailure(NO_IMAGE));
            assertThat(failed.demanded("d2").pod(SERVER).decided()).isEqualTo(new Step.AwaitServer(SERVER));
        }

        @Test
        void aPodThatCantComeUpIsMadeAnewForAChangedSpec() {
            assertThat(waking().pod(starting(NO_IMAGE)).outdated().decided()).isInstanceOf(Step.DeletePod.class);
            assertThat(awake().outdated().decided()).isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void aServerThatDoesNotAnswerIsAskedAgainAfterAPause() {
            assertThat(waking().retryIn(Duration.ofSeconds(1)).decided())
                    .isEqualTo(Step.Nothing.until(Duration.ofSeconds(1)));
        }
    }

    @Nested
    class Initialising {
        @Test
        void aNewInstanceIsInitialisedAtOnce() {
            assertThat(fresh().decided()).isEqualTo(new Step.CreatePod(true, "it is initialised"));
        }

        @Test
        void orWhenFirstNeeded() {
            assertThat(fresh().initialiseOnFirstWake().decided()).isInstanceOf(Step.MarkAsleep.class);
            assertThat(fresh().initialiseOnFirstWake()
                            .phase(Phase.ASLEEP)
                            .demanded("d1")
                            .decided())
                    .isEqualTo(new Step.CreatePod(true, "app@10.1.1.1 runs SELECT"));
        }

        @Test
        void onceMadeItSleepsWithoutBeingAsked() {
            Situation made = awake().phase(Phase.INITIALISING).initialised(false);
            assertThat(made.decided()).isEqualTo(new Step.MarkInitialised(SERVER));
            assertThat(made.initialised(true).decided()).isEqualTo(new Step.RequestDrain(1));
        }

        @Test
        void evenWithoutAGateway() {
            Situation made = awake().phase(Phase.INITIALISING).gateways(Map.of());
            assertThat(made.decided()).isEqualTo(new Step.RequestDrain(1));
            made.drain(1, Drain.State.REQUESTED);
            assertThat(made.decided()).isEqualTo(new Step.AskServer(SERVER, 1));
        }

        @Test
        void butNotWhenSomebodyNeedsItByThen() {
            assertThat(awake().phase(Phase.INITIALISING)
                            .initialised(false)
                            .demanded("d1")
                            .decided())
                    .isEqualTo(new Step.MarkAwake(SERVER));
            assertThat(awake().phase(Phase.INITIALISING).wish(Wish.AWAKE).decided())
                    .isEqualTo(new Step.MarkAwake(SERVER));
        }

        @Test
        void itIsNotCutShortByASuspension() {
            assertThat(waking().served("d1")
                            .phase(Phase.INITIALISING)
                            .initialised(false)
                            .wish(Wish.SUSPENDED)
                            .decided())
                    .isEqualTo(new Step.AwaitServer(SERVER));
        }
    }

    @Nested
    class FallingAsleep {
        @Test
        void allGatewaysHaveToProposeIt() {
            assertThat(awake().drain(6, Drain.State.CANCELLED).proposing(7).decided())
                    .isEqualTo(new Step.RequestDrain(7));
            assertThat(awake().drain(6, Drain.State.CANCELLED)
                            .report("gw-a", 7L, null, null, null)
                            .decided())
                    .isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void anOldProposalIsNone() {
            assertThat(awake().drain(7, Drain.State.CANCELLED).proposing(7).decided())
                    .isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void nobodysProposalIsNone() {
            assertThat(awake().gateways(Map.of()).trusted(Map.of()).decided()).isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void powerAwakeOverrulesProposals() {
            assertThat(awake().wish(Wish.AWAKE).proposing(1).decided()).isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void theServerIsAskedOnlyWhenAllHold() {
            assertThat(draining().decided()).isInstanceOf(Step.Nothing.class);
            assertThat(draining().report("gw-a", 7L, 7L, true, null).decided()).isInstanceOf(Step.Nothing.class);
            assertThat(held().decided()).isEqualTo(new Step.AskServer(SERVER, 7));
        }

        @Test
        void anAnswerToAnEarlierEpochIsNone() {
            assertThat(held().report("gw-b", 7L, 6L, true, null).decided()).isInstanceOf(Step.Nothing.class);
        }

        @Test
        void theStopIsCommittedOnlyWhenTheServerIsUnused() {
            assertThat(held().cleared(null).trusted(Map.of()).decided()).isEqualTo(new Step.CommitStop(7));
        }

        @Test
        void aServerInUseStaysAwakeAndTakesTheGatewaysWordAgainFirst() {
            Situation used = held().cleared("a replica").trusted(Map.of());
            assertThat(used.decided()).isEqualTo(new Step.Trust(SERVER));
            assertThat(used.trusted(Situation.TWO).decided()).isEqualTo(new Step.CancelDrain("a replica"));
        }

        @Test
        void whatTheServerSaidOfAnotherEpochDoesNotCount() {
            assertThat(held().cleared(null)
                            .drain(8, Drain.State.REQUESTED)
                            .report("gw-a", 8L, 8L, true, null)
                            .report("gw-b", 8L, 8L, true, null)
                            .decided())
                    .isEqualTo(new Step.AskServer(SERVER, 8));
        }

        @Test
        void aBusyGatewayCancels() {
            assertThat(draining()
                            .report("gw-b", 7L, 7L, false, "root@::1 in a transaction")
                            .decided())
                    .isEqualTo(new Step.CancelDrain("root@::1 in a transaction"));
        }

        @Test
        void aDemandCancelsAtEveryMoment() {
            Step cancelled = new Step.CancelDrain("app@10.1.1.1 runs SELECT");
            for (Situation moment : List.of(draining(), held())) {
                assertThat(moment.demanded("d2").decided()).isEqualTo(cancelled);
            }
            Situation cleared = held().cleared(null).trusted(Map.of()).demanded("d2");
            assertThat(cleared.decided()).isEqualTo(new Step.Trust(SERVER));
            assertThat(cleared.trusted(Situation.TWO).decided()).isEqualTo(cancelled);
        }

        @Test
        void aDemandWhileTheServerIsAskedWaitsForItsAnswer() {
            assertThat(held().working().demanded("d2").decided()).isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void aGatewayThatNeverAnswersCancelsAfterTenSeconds() {
            Situation silent = draining().report("gw-a", 7L, 7L, true, null);
            assertThat(silent.drainAge(Duration.ofSeconds(4)).decided())
                    .isEqualTo(Step.Nothing.until(Duration.ofSeconds(6)));
            assertThat(silent.drainAge(Duration.ofSeconds(10)).decided())
                    .isInstanceOfSatisfying(
                            Step.CancelDrain.class,
                            step -> assertThat(step.why()).contains("gw-b").contains("10 s"));
        }

        @Test
        void aGatewayWhoseLeaseEndsBeforeItAnswersCancels() {
            assertThat(draining()
                            .report("gw-a", 7L, 7L, true, null)
                            .gateways(Map.of("gw-a", "10.0.0.1"))
                            .trusted(Map.of("gw-a", "10.0.0.1"))
                            .decided())
                    .isInstanceOfSatisfying(
                            Step.CancelDrain.class,
                            step -> assertThat(step.why()).contains("gw-b"));
        }

        @Test
        void oneWhoseLeaseEndsAfterItHeldDoesNot() {
            assertThat(held().gateways(Map.of("gw-a", "10.0.0.1")).decided()).isEqualTo(new Step.AskServer(SERVER, 7));
        }

        @Test
        void whenTheLastGatewayGoesNothingSpeaksForSleepAnyMore() {
            assertThat(held().gateways(Map.of()).trusted(Map.of()).decided()).isInstanceOf(Step.CancelDrain.class);
        }

        @Test
        void aGatewayThatComesMeanwhileIsAskedToo() {
            assertThat(held().gateways(Map.of("gw-a", "10.0.0.1", "gw-b", "10.0.0.2", "gw-c", "10.0.0.3"))
                            .decided())
                    .isInstanceOf(Step.Nothing.class);
        }

        @Test
        void anEndOfThePodCancels() {
            for (PodView pod : List.of(ABSENT, STARTING, LEAVING, new PodView.Ended("pod-1", Optional.of(EVICTED)))) {
                assertThat(held().pod(pod).decided()).isInstanceOf(Step.CancelDrain.class);
            }
        }

        @Test
        void aServerStartedAgainCancels() {
            assertThat(held().pod(new Running(new Incarnation("pod-1", 1), Optional.empty()))
                            .decided())
                    .isInstanceOf(Step.CancelDrain.class);
        }

        @Test
        void powerAwakeCancels() {
            assertThat(held().wish(Wish.AWAKE).decided()).isEqualTo(new Step.CancelDrain("spec.power is Awake"));
        }

        @Test
        void aServerThatCantBeToldIsLeftToTheGateways() {
            assertThat(held().cleared("silence")
                            .trusted(Map.of())
                            .retryIn(Duration.ofSeconds(1))
                            .decided())
                    .isEqualTo(new Step.CancelDrain("silence"));
        }
    }

    @Nested
    class Restarts {
        @Test
        void aCertificateThatLastsIsChangedWhenNobodyUsesTheServer() {
            Situation lasting = awake().wish(Wish.AWAKE).restart(Restart.WHEN_UNUSED);
            assertThat(lasting.decided()).isEqualTo(Step.Nothing.atAll());
            assertThat(lasting.proposing(1).decided()).isEqualTo(new Step.RequestDrain(1));
            assertThat(held().wish(Wish.AWAKE).restart(Restart.WHEN_UNUSED).decided())
                    .isInstanceOf(Step.AskServer.class);
        }

        @ParameterizedTest
        @EnumSource(names = {"CERTIFICATE_ENDS", "ASKED_FOR"})
        void itIsStartedAgainThoughItIsUsed(Restart why) {
            assertThat(awake().restart(why).decided()).isEqualTo(new Step.RequestDrain(1));
            assertThat(awake().wish(Wish.AWAKE).restart(why).decided()).isEqualTo(new Step.RequestDrain(1));
            assertThat(held().restart(why).demanded("d1").decided()).isInstanceOf(Step.AskServer.class);
        }

        @ParameterizedTest
        @EnumSource(names = {"CERTIFICATE_ENDS", "ASKED_FOR"})
        void aSessionThatCantBeHeldPutsItOff(Restart why) {
            assertThat(draining()
                            .restart(why)
                            .report("gw-a", null, 7L, false, "app holds a lock")
                            .decided())
                    .isInstanceOf(Step.CancelDrain.class);
            assertThat(awake().restart(why).restartIn(Duration.ofMinutes(3)).decided())
                    .isEqualTo(Step.Nothing.until(Duration.ofMinutes(3)));
        }

        @Test
        void aServerThatCantBeReachedForItsCertificateIsStartedAgain() {
            assertThat(waking().restart(Restart.CERTIFICATE_ENDS).decided()).isInstanceOf(Step.DeletePod.class);
        }

        @Test
        void aServerThatHasYetToAnswerIsNotCutShort() {
            assertThat(waking().restart(Restart.ASKED_FOR).decided()).isInstanceOf(Step.AwaitServer.class);
        }
    }

    @Nested
    class Stopping {
        @Test
        void shutdownIsSaidOnce() {
            assertThat(stopping().decided()).isEqualTo(new Step.StopServer(SERVER));
            assertThat(stopping().working().decided()).isInstanceOf(Step.Nothing.class);
            assertThat(stopping().saidShutdown().decided()).isInstanceOf(Step.Nothing.class);
        }

        @Test
        void aServerThatWasStartedAgainIsToldAgain() {
            Running again = new Running(new Incarnation("pod-1", 1), Optional.of("10.0.0.9"));
            assertThat(stopping().saidShutdown().pod(again).decided()).isEqualTo(new Step.StopServer(again));
        }

        @Test
        void oneThatCantBeToldIsAskedBySignal() {
            assertThat(stopping()
                            .retryIn(Duration.ofSeconds(1))
                            .drainAge(Duration.ofSeconds(60))
                            .decided())
                    .isInstanceOf(Step.DeletePod.class);
        }

        @Test
        void oneThatShutsDownSlowlyIsNeverKilled() {
            assertThat(stopping().saidShutdown().drainAge(Duration.ofHours(1)).decided())
                    .isInstanceOf(Step.Nothing.class);
        }

        @Test
        void thePodGoesWhenItsServerHasEnded() {
            assertThat(stopping()
                            .pod(new PodView.Ended("pod-1", Optional.empty()))
                            .decided())
                    .isEqualTo(new Step.DeletePod("pod-1", "its server has shut down"));
            assertThat(stopping().pod(LEAVING).decided()).isInstanceOf(Step.Nothing.class);
            assertThat(stopping().pod(ABSENT).decided()).isInstanceOf(Step.MarkAsleep.class);
        }

        @Test
        void nothingTurnsItBack() {
            Situation wanted = stopping().demanded("d2").wish(Wish.AWAKE).gateways(Map.of());
            assertThat(wanted.decided()).isEqualTo(new Step.StopServer(SERVER));
            assertThat(wanted.pod(ABSENT).decided()).isInstanceOf(Step.MarkAsleep.class);
        }

        @Test
        void aDemandMadeMeanwhileWakesItAgain() {
            assertThat(asleep().drain(7, Drain.State.DONE)
                            .demanded("d2")
                            .served("d1")
                            .decided())
                    .isInstanceOf(Step.CreatePod.class);
        }
    }

    @Nested
    class ByTheOwner {
        @Test
        void aSleeperIsSuspendedAtOnce() {
            assertThat(asleep().wish(Wish.SUSPENDED).decided()).isEqualTo(new Step.MarkSuspended());
            assertThat(asleep().wish(Wish.SUSPENDED).phase(Phase.SUSPENDED).decided())
                    .isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void anAwakeOneIsDrainedFirst() {
            assertThat(awake().wish(Wish.SUSPENDED).decided()).isEqualTo(new Step.RequestDrain(1));
            assertThat(held().wish(Wish.SUSPENDED).decided()).isEqualTo(new Step.AskServer(SERVER, 7));
            assertThat(awake().wish(Wish.SUSPENDED)
                            .drain(7, Drain.State.CANCELLED)
                            .retryIn(Duration.ofSeconds(5))
                            .decided())
                    .isEqualTo(Step.Nothing.until(Duration.ofSeconds(5)));
        }

        @Test
        void oneThatIsNotUpYetIsTakenDown() {
            assertThat(waking().served("d1").wish(Wish.SUSPENDED).pod(STARTING).decided())
                    .isInstanceOf(Step.DeletePod.class);
        }

        @Test
        void whoeverNeedsASuspendedOneIsTold() {
            for (Situation moment : List.of(asleep(), awake(), waking(), waking().pod(STARTING))) {
                assertThat(moment.wish(Wish.SUSPENDED).demanded("d9").decided())
                        .isInstanceOfSatisfying(
                                Step.FailDemand.class,
                                step -> assertThat(step.trouble().reason()).isEqualTo(FailureReason.SUSPENDED));
            }
        }

        @Test
        void aDemandDoesNotKeepItFromBeingSuspended() {
            assertThat(held().wish(Wish.SUSPENDED).demanded("d9").decided()).isEqualTo(new Step.AskServer(SERVER, 7));
        }

        @Test
        void aSuspendedOneGoesOnWhenItMay() {
            assertThat(asleep().phase(Phase.SUSPENDED).decided()).isInstanceOf(Step.MarkAsleep.class);
            assertThat(asleep().phase(Phase.SUSPENDED).wish(Wish.AWAKE).decided())
                    .isInstanceOf(Step.CreatePod.class);
            assertThat(asleep().phase(Phase.SUSPENDED).initialised(false).decided())
                    .isEqualTo(new Step.CreatePod(true, "it is initialised"));
        }
    }

    @Nested
    class PodsLost {
        @Test
        void oneThatVanishedIsNotMadeAnewForNobody() {
            assertThat(awake().pod(ABSENT).decided()).isInstanceOf(Step.MarkAsleep.class);
        }

        @Test
        void oneThatVanishedIsMadeAnewForWhoeverWaits() {
            for (Phase phase : List.of(Phase.AWAKE, Phase.WAKING, Phase.FAILED)) {
                assertThat(awake().phase(phase).pod(ABSENT).demanded("d1").decided())
                        .isInstanceOf(Step.CreatePod.class);
            }
        }

        @Test
        void oneThatVanishedWhileInitialisingIsMadeAnew() {
            assertThat(awake().phase(Phase.INITIALISING)
                            .initialised(false)
                            .pod(ABSENT)
                            .decided())
                    .isEqualTo(new Step.CreatePod(true, "it is initialised"));
        }

        @Test
        void anEvictedOneIsRemovedAndMadeAnewAfterAPause() {
            assertThat(waking().pod(new PodView.Ended("pod-1", Optional.of(EVICTED)))
                            .decided())
                    .isEqualTo(new Step.DeletePod("pod-1", "low on memory"));
            assertThat(waking().pod(ABSENT).retryIn(Duration.ofSeconds(2)).decided())
                    .isEqualTo(Step.Nothing.until(Duration.ofSeconds(2)));
        }

        @Test
        void oneOfALostNodeIsReported() {
            PodView lost = new PodView.Leaving("pod-1", Optional.of(LOST));
            assertThat(awake().pod(lost).decided()).isEqualTo(new Step.ReportFailure(LOST));
            assertThat(awake().pod(lost).demanded("d1").decided()).isEqualTo(new Step.FailDemand(LOST));
        }

        @Test
        void aCrashedServerIsAskedUntilItAnswersAgain() {
            Running again = new Running(new Incarnation("pod-1", 1), Optional.of("10.0.0.9"));
            assertThat(awake().pod(again).decided()).isEqualTo(new Step.AwaitServer(again));
        }
    }

    @Nested
    class Trust {
        @Test
        void aGatewayThatComesIsMadeKnownToTheServer() {
            assertThat(awake().trusted(Map.of("gw-a", "10.0.0.1")).decided()).isEqualTo(new Step.Trust(SERVER));
            assertThat(awake().trusted(Map.of("gw-a", "10.0.0.1")).working().decided())
                    .isEqualTo(Step.Nothing.atAll());
        }

        @Test
        void beforeAnythingElseOfAnIdleServer() {
            assertThat(awake().trusted(Map.of("gw-a", "10.0.0.1")).proposing(1).decided())
                    .isEqualTo(new Step.Trust(SERVER));
        }
    }

    @Nested
    class NewLeaders {
        @Test
        void oneTakesAnAwakeInstanceAtItsWord() {
            assertThat(awake().newLeader().decided()).isEqualTo(new Step.Trust(SERVER));
        }

        @Test
        void oneGoesOnWithAWake() {
            assertThat(asleep().demanded("d1").newLeader().decided()).isInstanceOf(Step.CreatePod.class);
            assertThat(waking().newLeader().decided()).isEqualTo(new Step.AwaitServer(SERVER));
            assertThat(waking().phase(Phase.ASLEEP).newLeader().decided()).isEqualTo(new Step.AwaitServer(SERVER));
        }

        @Test
        void oneGoesOnWithAnInitialisation() {
            Situation made = awake().phase(Phase.INITIALISING).newLeader();
            assertThat(made.initialised(false).decided()).isEqualTo(new Step.AwaitServer(SERVER));
            assertThat(made.initialised(true).decided()).isEqualTo(new Step.RequestDrain(1));
        }

        @Test
        void oneGoesOnWithADrain() {
            assertThat(draining().newLeader().decided()).isEqualTo(Step.Nothing.until(Duration.ofSeconds(10)));
            assertThat(held().newLeader().decided()).isEqualTo(new Step.AskServer(SERVER, 7));
        }

        @Test
        void oneThatCancelsMakesSureOfTheTrustFirst() {
            assertThat(draining().demanded("d2").newLeader().decided()).isEqualTo(new Step.Trust(SERVER));
        }

        @Test
        void oneGoesOnWithAStop() {
            assertThat(stopping().saidShutdown().newLeader().decided()).isEqualTo(new Step.StopServer(SERVER));
            assertThat(stopping().pod(ABSENT).newLeader().decided()).isInstanceOf(Step.MarkAsleep.class);
        }

        @Test
        void oneDoesNotTakeAnotherPodForTheOneThatAnswered() {
            Running other = new Running(new Incarnation("pod-2", 0), Optional.empty());
            assertThat(awake().newLeader().pod(other).decided()).isEqualTo(new Step.AwaitServer(other));
            assertThat(FIRST).isNotEqualTo(other.which());
        }
    }
}
