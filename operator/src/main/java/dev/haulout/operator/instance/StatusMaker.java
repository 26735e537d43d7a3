package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Demand;
import dev.haulout.crd.MariaDBInstanceStatus.Door;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.NextEvent;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.crd.MariaDBInstanceStatus.ServerPod;
import dev.haulout.operator.instance.Conditions.Fault;
import dev.haulout.operator.instance.Memory.Clearance;
import dev.haulout.proxy.wake.DueEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** What the status says once a step is taken: computed whole, from what was observed. */
final class StatusMaker {
    private final Conditions conditions;

    StatusMaker(Clock clock) {
        this.conditions = new Conditions(clock);
    }

    /**
     * What a status tells beside what was decided.
     *
     * @param generation of the spec
     * @param door where clients connect to; null while it has none
     * @param selector selects the pod
     * @param podName name of the pod
     * @param version what the server calls itself, once it was asked
     * @param wake how the wake under way has gone so far
     * @param unmade why what it needs can't be made
     * @param growth how its volume grows, while it does
     */
    record Facts(
            long generation,
            Door door,
            String selector,
            String podName,
            Optional<String> version,
            Optional<Wake> wake,
            Optional<Trouble> unmade,
            Optional<String> growth) {}

    /**
     * A wake under way.
     *
     * @param at when it began
     * @param milliseconds how long it has taken
     * @param phases how long each part has taken, in milliseconds
     */
    record Wake(Instant at, long milliseconds, Map<String, Long> phases) {}

    MariaDBInstanceStatus after(Observed seen, Step step, Facts facts) {
        StatusDraft draft = new StatusDraft(seen.status());
        draft.observedGeneration = facts.generation();
        draft.phase = seen.phase();
        draft.selector = facts.selector();
        draft.door = facts.door() == null ? draft.door : facts.door();
        facts.version().ifPresent(version -> draft.serverVersion = version);
        telling(draft, seen);
        apply(draft, seen, step, facts);
        if (draft.phase == Phase.AWAKE && seen.phase() == Phase.AWAKE) {
            because(draft, seen);
        }
        forgetPastEvent(draft, seen);
        drainedGateways(draft, seen);
        draft.replicas = runs(draft.phase) ? 1 : 0;
        if (draft.phase != seen.phase() && settled(draft.phase)) {
            draft.since = conditions.now().toString();
        }
        draft.conditions = conditions.of(
                draft.conditions,
                facts.generation(),
                draft.phase,
                step instanceof Step.AwaitTurn ? MariaDBInstanceStatus.IN_LINE : Conditions.word(draft.phase),
                why(draft, seen, step),
                fault(draft, seen, step, facts),
                facts.growth());
        return draft.finished();
    }

    private static void telling(StatusDraft draft, Observed seen) {
        boolean there = seen.pod() instanceof PodView.Starting || seen.pod() instanceof PodView.Running;
        boolean untold = draft.phase == Phase.ASLEEP || draft.phase == Phase.PENDING || draft.phase == Phase.SUSPENDED;
        boolean restarting = draft.phase == Phase.AWAKE && seen.pod() instanceof PodView.Starting;
        if ((there && untold) || restarting) {
            draft.phase = seen.initialised() ? Phase.WAKING : Phase.INITIALISING;
        }
    }

    private void apply(StatusDraft draft, Observed seen, Step step, Facts facts) {
        switch (step) {
            case Step.CreatePod create -> {
                draft.phase = create.initialise() ? Phase.INITIALISING : Phase.WAKING;
                draft.awakeBecause = create.why();
            }
            case Step.AwaitTurn turn -> draft.phase = turn.initialise() ? Phase.INITIALISING : Phase.WAKING;
            case Step.AwaitServer await -> {
                if (draft.phase != Phase.INITIALISING && draft.phase != Phase.FAILED) {
                    draft.phase = Phase.WAKING;
                }
                draft.pod = pod(await.server(), seen, facts);
            }
            case Step.MarkAwake mark -> awake(draft, seen, mark, facts);
            case Step.MarkInitialised mark -> {
                draft.initialised = true;
                draft.pod = pod(mark.server(), seen, facts);
            }
            case Step.RequestDrain request -> {
                boolean evenIfUsed =
                        seen.wish() == Wish.SUSPENDED || seen.restart().evenIfUsed();
                draft.drain = new Drain(request.epoch(), Drain.State.REQUESTED, evenIfUsed ? true : null);
                draft.phase = draft.phase == Phase.INITIALISING ? Phase.INITIALISING : Phase.FALLING_ASLEEP;
            }
            case Step.CancelDrain cancel -> {
                draft.drain = new Drain(seen.epoch(), Drain.State.CANCELLED);
                draft.phase = draft.phase == Phase.INITIALISING ? Phase.INITIALISING : Phase.AWAKE;
                draft.awakeBecause = cancel.why();
                asked(seen).flatMap(Clearance::nextEvent).ifPresent(due -> draft.nextEvent = told(due));
            }
            case Step.CommitStop commit -> {
                draft.drain = new Drain(commit.epoch(), Drain.State.STOPPING);
                draft.nextEvent = asked(seen)
                        .flatMap(Clearance::nextEvent)
                        .map(StatusMaker::told)
                        .orElse(null);
                lastUse(seen).ifPresent(idle -> used(draft, conditions.now().minus(idle)));
            }
            case Step.MarkAsleep ignored -> rest(draft, seen);
            case Step.MarkSuspended ignored -> rest(draft, seen);
            case Step.FailDemand fail -> failed(draft, seen, fail.trouble(), facts);
            case Step.ReportFailure report -> {
                if (report.trouble().hopeless()
                        && seen.drain().filter(Drain.State.STOPPING::equals).isEmpty()) {
                    draft.phase = Phase.FAILED;
                }
            }
            case Step.Trust trust -> draft.pod = pod(trust.server(), seen, facts);
            case Step.Nothing ignored -> {
                if (seen.pod() instanceof PodView.Running running && draft.pod != null) {
                    draft.pod = pod(running, seen, facts);
                }
            }
            case Step.AskServer ignored -> {}
            case Step.StopServer ignored -> {}
            case Step.DeletePod ignored -> {}
        }
    }

    private void awake(StatusDraft draft, Observed seen, Step.MarkAwake mark, Facts facts) {
        if (draft.phase != Phase.AWAKE) {
            facts.wake().ifPresent(wake -> draft.lastWake = lastWake(seen, draft, wake, LastWake.Outcome.OK, null));
        }
        draft.phase = Phase.AWAKE;
        draft.initialised = true;
        draft.pod = pod(mark.server(), seen, facts);
        seen.openDemand().ifPresent(demand -> {
            draft.served = demand.id();
            draft.awakeBecause = demand.why();
            used(draft, conditions.now());
        });
    }

    /** What the server said in the drain under way. */
    private static Optional<Clearance> asked(Observed seen) {
        return seen.memory().clearance().filter(given -> given.epoch() == seen.epoch());
    }

    /** As a status tells it. */
    static NextEvent told(DueEvent due) {
        return new NextEvent(due.name(), due.at().toString());
    }

    /** How long ago the last client's statement was, as the gateways tell that hold all sessions. */
    private static Optional<Duration> lastUse(Observed seen) {
        return seen.reports().values().stream()
                .filter(report -> Objects.equals(report.epoch(), seen.epoch()) && report.idleSeconds() != null)
                .map(report -> Duration.ofSeconds(report.idleSeconds()))
                .min(Comparator.naturalOrder());
    }

    private static void used(StatusDraft draft, Instant at) {
        if (draft.lastActivity == null || at.isAfter(Instant.parse(draft.lastActivity))) {
            draft.lastActivity = at.toString();
        }
    }

    private void failed(StatusDraft draft, Observed seen, Trouble trouble, Facts facts) {
        Wake wake = facts.wake().orElseGet(() -> new Wake(conditions.now(), 0, Map.of()));
        draft.lastWake = lastWake(seen, draft, wake, LastWake.Outcome.FAILED, trouble.message());
        draft.served = seen.openDemand().map(Demand::id).orElse(draft.served);
        if (trouble.reason() != FailureReason.SUSPENDED) {
            draft.phase = Phase.FAILED;
        }
    }

    private static LastWake lastWake(
            Observed seen, StatusDraft draft, Wake wake, LastWake.Outcome outcome, String message) {
        return new LastWake(
                seen.openDemand().map(Demand::id).orElse(null),
                seen.openDemand().map(Demand::why).orElse(draft.awakeBecause),
                wake.at().toString(),
                outcome,
                message,
                wake.milliseconds(),
                wake.phases());
    }

    private static void rest(StatusDraft draft, Observed seen) {
        draft.phase = seen.wish() == Wish.SUSPENDED ? Phase.SUSPENDED : Phase.ASLEEP;
        if (seen.drain().filter(Drain.State.STOPPING::equals).isPresent()) {
            draft.drain = new Drain(seen.epoch(), Drain.State.DONE);
        }
        draft.pod = null;
        draft.awakeBecause = null;
    }

    private static ServerPod pod(PodView.Running server, Observed seen, Facts facts) {
        List<String> before =
                seen.status().pod() == null ? null : seen.status().pod().trusts();
        List<String> trusts = seen.memory()
                .trusted()
                .filter(trusted -> trusted.which().equals(server.which()))
                .map(trusted -> trusted.gateways().keySet().stream().sorted().toList())
                .orElse(before);
        return new ServerPod(facts.podName(), server.which().uid(), server.ip().orElse(null), trusts);
    }

    private static void because(StatusDraft draft, Observed seen) {
        if (seen.wish() == Wish.AWAKE && seen.window().isPresent()) {
            draft.awakeBecause = seen.awakeWhy();
        } else {
            keeper(seen).or(seen::event).ifPresent(who -> draft.awakeBecause = who);
        }
    }

    /** It was awake for it, and need not be woken for it again. */
    private void forgetPastEvent(StatusDraft draft, Observed seen) {
        boolean past = seen.phase() == Phase.AWAKE
                && draft.nextEvent != null
                && !conditions.now().isBefore(Instant.parse(draft.nextEvent.at()));
        if (past && seen.event().isEmpty()) {
            draft.nextEvent = null;
        }
    }

    /** Who needs it, as a gateway tells. */
    private static Optional<String> keeper(Observed seen) {
        return seen.gateways().keySet().stream()
                .sorted()
                .map(gateway -> seen.report(gateway).busy())
                .filter(busy -> busy != null)
                .findFirst();
    }

    /** Entries of gateways that are gone are removed, but not while what they said may still matter. */
    private static void drainedGateways(StatusDraft draft, Observed seen) {
        boolean matters = seen.drain()
                .filter(state -> state == Drain.State.REQUESTED || state == Drain.State.STOPPING)
                .isPresent();
        if (matters || draft.gateways == null) {
            return;
        }
        Map<String, GatewayReport> left = new TreeMap<>(draft.gateways);
        left.keySet().retainAll(seen.gateways().keySet());
        draft.gateways = left;
    }

    private static boolean settled(Phase phase) {
        return phase == Phase.AWAKE || phase == Phase.ASLEEP || phase == Phase.SUSPENDED;
    }

    private static boolean runs(Phase phase) {
        return switch (phase) {
            case INITIALISING, WAKING, AWAKE, FALLING_ASLEEP -> true;
            case PENDING, ASLEEP, SUSPENDED, FAILED -> false;
        };
    }

    private static String why(StatusDraft draft, Observed seen, Step step) {
        if (step instanceof Step.AwaitTurn turn) {
            return turn.place().text();
        }
        return switch (draft.phase) {
            case PENDING -> "what it needs is being made";
            case INITIALISING -> "its data directory is being made";
            case ASLEEP -> step instanceof Step.MarkAsleep mark ? mark.how() : standing(draft, "nobody needs it");
            case WAKING -> "a server is being started";
            case AWAKE -> awake(seen);
            case FALLING_ASLEEP -> "its sessions are asked whether it may sleep";
            case SUSPENDED -> "spec.power or spec.replicas says so";
            case FAILED -> "its server does not come up";
        };
    }

    private static String awake(Observed seen) {
        return switch (seen.restart()) {
            case ASKED_FOR ->
                "its server answers; it is started again (annotation haulout.dev/restart) as soon as all its sessions can be held";
            case CERTIFICATE_ENDS ->
                "its server answers; its certificate ends soon, and it is started again when its sessions can be held";
            case NONE, WHEN_UNUSED ->
                seen.outdated()
                        ? "its server answers; its spec was changed since it started, which takes effect when it next wakes"
                        : "its server answers";
        };
    }

    /** What was said when it fell asleep, as long as it sleeps. */
    private static String standing(StatusDraft draft, String otherwise) {
        return draft.conditions == null
                ? otherwise
                : draft.conditions.stream()
                        .filter(condition -> condition.getType().equals("Asleep")
                                && condition.getStatus().equals("True"))
                        .map(condition -> condition.getMessage())
                        .findFirst()
                        .orElse(otherwise);
    }

    private static Optional<Fault> fault(StatusDraft draft, Observed seen, Step step, Facts facts) {
        Optional<Trouble> found = facts.unmade();
        if (step instanceof Step.ReportFailure report) {
            found = Optional.of(report.trouble());
        } else if (step instanceof Step.FailDemand fail && fail.trouble().reason() != FailureReason.SUSPENDED) {
            found = Optional.of(fail.trouble());
        }
        if (found.isPresent()) {
            return found.map(Fault::of);
        }
        // a server that crashes again and again runs in between
        return draft.phase == Phase.FAILED ? Conditions.fault(seen.status().conditions()) : Optional.empty();
    }
}
