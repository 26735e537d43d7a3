package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceStatus.Demand;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.operator.instance.PodView.Running;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is to be done next for an instance, from what was observed of it and nothing else. One step at a time: what it
 * brings about is observed before the next is chosen, so that another process can take over between any two.
 *
 * <pre>
 *               demand, window, EVENT, power: Awake, OnCreate
 *   Asleep ---------------------------------------------------> Waking / Initialising
 *     ^                                                               | the server answers
 *     |  Done                                                         v
 *   (pod gone) <-- Stopping <-- every gateway holds, <-- Requested <-- Awake
 *                               the server is unused        |            ^
 *                                                           +-- Cancelled+
 * </pre>
 */
final class Decision {
    /** How long a gateway may take to say whether its sessions are held. */
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    /** After which time a server that can't be told to shut down is asked by its pod's deletion, that is, SIGTERM. */
    static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(60);

    /** When to look again at what is not told by any event. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private Decision() {}

    /** Decides. */
    static Step decide(Observed now) {
        if (now.drain().isPresent()) {
            switch (now.drain().get()) {
                case STOPPING:
                    return stopping(now);
                case REQUESTED:
                    return draining(now);
                case CANCELLED, DONE:
                    break;
            }
        }
        if (now.wish() == Wish.SUSPENDED && now.openDemand().isPresent()) {
            return new Step.FailDemand(new Trouble(
                    FailureReason.SUSPENDED,
                    "the instance is suspended; set spec.power: Auto, and spec.replicas: 1 where it is 0",
                    true));
        }
        return switch (now.pod()) {
            case PodView.Absent() -> absent(now);
            case PodView.Starting starting -> starting(now, starting);
            case Running running -> now.answers(running) ? answering(now, running) : silent(now, running);
            case PodView.Ended ended ->
                new Step.DeletePod(
                        ended.uid(), ended.trouble().map(Trouble::message).orElse("its server has ended"));
            case PodView.Leaving leaving -> leaving(now, leaving);
        };
    }

    // ---- no drain under way ------------------------------------------------------------------

    private static Step absent(Observed now) {
        if (now.wantsServer()) {
            if (isOverdue(now)) {
                return new Step.FailDemand(overdue(now));
            }
            if (isPaused(now)) {
                return pause(now);
            }
            return now.line()
                    .<Step>map(place -> new Step.AwaitTurn(place, !now.initialised()))
                    .orElseGet(() -> new Step.CreatePod(
                            !now.initialised(),
                            now.openDemand().map(Decision::reason).orElseGet(() -> unasked(now))));
        }
        if (now.wish() == Wish.SUSPENDED) {
            return now.phase() == Phase.SUSPENDED ? Step.Nothing.atAll() : new Step.MarkSuspended();
        }
        return now.phase() == Phase.ASLEEP
                ? Step.Nothing.atAll()
                : new Step.MarkAsleep(
                        now.phase() == Phase.PENDING || now.phase() == Phase.SUSPENDED
                                ? "nobody needs it"
                                : "its pod is gone, and nobody needs it");
    }

    /** Why it is started though nobody demands it. */
    private static String unasked(Observed now) {
        if (now.wish() == Wish.AWAKE) {
            return now.awakeWhy();
        }
        if (now.event().isPresent()) {
            return now.event().get();
        }
        return now.wantsInitialisation()
                ? "it is initialised"
                : "its spec was changed: what it greets with is learnt anew";
    }

    private static Step starting(Observed now, PodView.Starting pod) {
        if (now.wish() == Wish.SUSPENDED) {
            return new Step.DeletePod(pod.uid(), "the instance is suspended");
        }
        if (pod.trouble().isPresent() && now.outdated()) {
            return new Step.DeletePod(pod.uid(), "its spec has changed, and it had not come up");
        }
        boolean crashed = pod.trouble()
                .filter(trouble -> trouble.reason() == FailureReason.CRASH_LOOP)
                .isPresent();
        if (crashed && now.hasAnsweredIn(pod.uid())) {
            return new Step.DeletePod(pod.uid(), "its server worked before it crashed: another pod starts at once");
        }
        boolean hopeless = pod.trouble().filter(Trouble::hopeless).isPresent();
        if (hopeless && now.openDemand().isPresent() && now.phase() == Phase.FAILED && !isOverdue(now)) {
            // it was told to somebody before; the cause may be gone by now, and a node tries again only after minutes
            return new Step.DeletePod(pod.uid(), "it had not come up, and is tried anew for who needs it now");
        }
        if (now.openDemand().isPresent() && (hopeless || isOverdue(now))) {
            return new Step.FailDemand(pod.trouble().orElseGet(() -> overdue(now)));
        }
        return pod.trouble().isPresent() ? new Step.ReportFailure(pod.trouble().get()) : Step.Nothing.until(LOOK_AGAIN);
    }

    private static Step silent(Observed now, Running server) {
        if (now.restart() == Restart.CERTIFICATE_ENDS) {
            return new Step.DeletePod(
                    server.which().uid(), "its certificate may have ended: it is started with the new one");
        }
        if (isOverdue(now)) {
            return new Step.FailDemand(overdue(now));
        }
        if (now.memory().working()) {
            return Step.Nothing.until(LOOK_AGAIN);
        }
        return isPaused(now) ? pause(now) : new Step.AwaitServer(server);
    }

    private static Step answering(Observed now, Running server) {
        boolean onlyInitialised = now.phase() == Phase.INITIALISING
                && now.openDemand().isEmpty()
                && now.event().isEmpty()
                && now.wish() != Wish.AWAKE;
        if (onlyInitialised && !now.initialised()) {
            return new Step.MarkInitialised(server);
        }
        if (!onlyInitialised && (now.phase() != Phase.AWAKE || now.openDemand().isPresent())) {
            return new Step.MarkAwake(server);
        }
        if (now.memory().working()) {
            return Step.Nothing.atAll(); // its end is an event
        }
        if (isPaused(now)) {
            return pause(now);
        }
        if (!onlyInitialised && !now.trustsTheGateways(server)) {
            return new Step.Trust(server);
        }
        long next = now.epoch() + 1;
        boolean mayRest = onlyInitialised
                || switch (now.wish()) {
                    case SUSPENDED -> true;
                    case AWAKE -> mustRestart(now) || (now.restart() == Restart.WHEN_UNUSED && isUnused(now, next));
                    case AUTO -> mustRestart(now) || (now.event().isEmpty() && isUnused(now, next));
                };
        if (mayRest) {
            return new Step.RequestDrain(next);
        }
        return now.restart().evenIfUsed() ? Step.Nothing.until(now.memory().restartIn()) : Step.Nothing.atAll();
    }

    /** Whether every gateway proposes that attempt to put it to sleep. */
    private static boolean isUnused(Observed now, long epoch) {
        return !now.gateways().isEmpty()
                && now.gateways().keySet().stream()
                        .allMatch(gateway -> is(epoch, now.report(gateway).proposes()));
    }

    /** Whether it is to be started again although it is used: sessions are held meanwhile. */
    private static boolean mustRestart(Observed now) {
        return now.restart().evenIfUsed() && !now.memory().restartIn().isPositive();
    }

    private static Step leaving(Observed now, PodView.Leaving pod) {
        if (now.openDemand().isPresent() && (pod.trouble().isPresent() || isOverdue(now))) {
            return new Step.FailDemand(pod.trouble().orElseGet(() -> overdue(now)));
        }
        return pod.trouble().isPresent() ? new Step.ReportFailure(pod.trouble().get()) : Step.Nothing.until(LOOK_AGAIN);
    }

    // ---- falling asleep ----------------------------------------------------------------------

    private static Step draining(Observed now) {
        if (!(now.pod() instanceof Running server)) {
            return new Step.CancelDrain("the server ended by itself");
        }
        if (!now.answers(server)) {
            return new Step.CancelDrain("the server was started again");
        }
        Optional<String> objection = objection(now);
        if (objection.isPresent()) {
            return cancel(now, server, objection.get());
        }
        boolean allHold = now.gateways().keySet().stream().allMatch(gateway -> holds(now, now.report(gateway)));
        if (!allHold) {
            return Step.Nothing.until(ANSWER_LIMIT.minus(now.memory().drainAge()));
        }
        if (now.memory().working()) {
            return Step.Nothing.atAll();
        }
        Optional<Memory.Clearance> clearance = now.memory().clearance().filter(given -> given.epoch() == now.epoch());
        if (clearance.isEmpty()) {
            return new Step.AskServer(server, now.epoch());
        }
        return clearance
                .get()
                .busy()
                .map(busy -> cancel(now, server, busy))
                .orElseGet(() -> new Step.CommitStop(now.epoch()));
    }

    /** What speaks against the drain that is requested. */
    private static Optional<String> objection(Observed now) {
        if (now.wish() == Wish.AWAKE && now.restart() == Restart.NONE) {
            return Optional.of(now.awakeWhy());
        }
        if (now.wish() == Wish.AUTO
                && !now.restart().evenIfUsed()
                && now.openDemand().isPresent()) {
            return now.openDemand().map(Decision::reason);
        }
        if (now.wish() == Wish.AUTO
                && !now.restart().evenIfUsed()
                && now.event().isPresent()) {
            return now.event();
        }
        if (now.wish() == Wish.AUTO
                && now.phase() != Phase.INITIALISING
                && now.gateways().isEmpty()) {
            return Optional.of("no gateway is live, so nobody can tell whether it is used");
        }
        boolean late = now.memory().drainAge().compareTo(ANSWER_LIMIT) >= 0;
        for (String gateway : now.gateways().keySet()) {
            GatewayReport report = now.report(gateway);
            if (is(now.epoch(), report.epoch()) && Boolean.FALSE.equals(report.held())) {
                return Optional.of(report.busy() == null ? "gateway " + gateway + " is busy" : report.busy());
            }
            if (late && !holds(now, report)) {
                return Optional.of("gateway " + gateway + " did not say within " + ANSWER_LIMIT.toSeconds()
                        + " s whether its sessions are held");
            }
        }
        // a gateway that took part and is no longer live may still have sessions
        for (Map.Entry<String, GatewayReport> entry : new TreeMap<>(now.reports()).entrySet()) {
            GatewayReport report = entry.getValue();
            boolean tookPart = is(now.epoch(), report.proposes()) || is(now.epoch(), report.epoch());
            if (!now.gateways().containsKey(entry.getKey()) && tookPart && !holds(now, report)) {
                return Optional.of("gateway " + entry.getKey() + " went before it had said that its sessions are held");
            }
        }
        return Optional.empty();
    }

    /** The gateways go on only when the server takes their word again; a server that can't be told is left to them. */
    private static Step cancel(Observed now, Running server, String why) {
        if (now.memory().working()) {
            return Step.Nothing.atAll();
        }
        return now.trustsTheGateways(server) || isPaused(now) ? new Step.CancelDrain(why) : new Step.Trust(server);
    }

    private static Step stopping(Observed now) {
        return switch (now.pod()) {
            case PodView.Absent() -> new Step.MarkAsleep("nobody needs it");
            case PodView.Ended ended -> new Step.DeletePod(ended.uid(), "its server has shut down");
            case PodView.Starting starting -> new Step.DeletePod(starting.uid(), "its server has ended");
            case PodView.Leaving leaving ->
                leaving.trouble().<Step>map(Step.ReportFailure::new).orElse(Step.Nothing.until(LOOK_AGAIN));
            case Running running -> shuttingDown(now, running);
        };
    }

    private static Step shuttingDown(Observed now, Running server) {
        boolean said =
                now.memory().saidShutdown().filter(server.which()::equals).isPresent();
        if (said || now.memory().working()) {
            return Step.Nothing.until(LOOK_AGAIN);
        }
        if (now.memory().drainAge().compareTo(SHUTDOWN_LIMIT) >= 0) {
            return new Step.DeletePod(
                    server.which().uid(),
                    "SHUTDOWN could not be said: " + now.memory().workTrouble().orElse("no answer"));
        }
        return isPaused(now) ? pause(now) : new Step.StopServer(server);
    }

    // ---- small words -------------------------------------------------------------------------

    private static boolean holds(Observed now, GatewayReport report) {
        return is(now.epoch(), report.epoch()) && Boolean.TRUE.equals(report.held());
    }

    private static boolean is(long epoch, Long told) {
        return told != null && told == epoch;
    }

    private static boolean isPaused(Observed now) {
        return now.memory().retryIn().isPositive();
    }

    private static Step pause(Observed now) {
        return Step.Nothing.until(now.memory().retryIn());
    }

    private static boolean isOverdue(Observed now) {
        return now.openDemand().isPresent() && now.memory().demandAge().compareTo(now.wakeDeadline()) >= 0;
    }

    private static Trouble overdue(Observed now) {
        if (now.line().isPresent()) {
            return new Trouble(
                    FailureReason.IN_LINE,
                    "no server was started within " + now.wakeDeadline().toSeconds() + " s (spec.sleep.wakeDeadline): "
                            + now.line().get().text(),
                    false);
        }
        return new Trouble(
                FailureReason.NO_ANSWER,
                "the server did not answer within " + now.wakeDeadline().toSeconds() + " s (spec.sleep.wakeDeadline)"
                        + now.memory().workTrouble().map(why -> ": " + why).orElse(""),
                false);
    }

    private static String reason(Demand demand) {
        return demand.why() == null ? "somebody needs it" : demand.why();
    }
}
