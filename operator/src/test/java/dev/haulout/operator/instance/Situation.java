package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Demand;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.crd.MariaDBInstanceStatus.ServerPod;
import dev.haulout.operator.instance.Memory.Clearance;
import dev.haulout.operator.instance.Memory.Trusted;
import dev.haulout.operator.instance.PodView.Incarnation;
import dev.haulout.operator.instance.PodView.Running;
import dev.haulout.proxy.wake.DueEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An instance as a test wants it to be seen: awake and idle, with two live gateways, until it is told otherwise. */
final class Situation {
    static final Incarnation FIRST = new Incarnation("pod-1", 0);
    static final Running SERVER = new Running(FIRST, Optional.of("10.0.0.9"));
    static final Map<String, String> TWO = Map.of("gw-a", "10.0.0.1", "gw-b", "10.0.0.2");

    private Wish wish = Wish.AUTO;
    private Optional<String> window = Optional.empty();
    private boolean atOnce = true;
    private boolean initialised = true;
    private Phase phase = Phase.AWAKE;
    private Demand demand;
    private String served;
    private Drain drain;
    private PodView pod = SERVER;
    private boolean outdated;
    private boolean greetsOtherwise;
    private Restart restart = Restart.NONE;
    private Map<String, String> gateways = TWO;
    private final Map<String, GatewayReport> reports = new HashMap<>();
    private boolean working;
    private Optional<Incarnation> answers = Optional.of(FIRST);
    private Optional<Trusted> trusted = Optional.of(new Trusted(FIRST, TWO));
    private Optional<Clearance> clearance = Optional.empty();
    private Optional<Incarnation> said = Optional.empty();
    private Optional<String> event = Optional.empty();
    private Optional<DueEvent> nextEvent = Optional.empty();
    private Optional<WakeLine.Place> line = Optional.empty();
    private Duration retryIn = Duration.ZERO;
    private Duration restartIn = Duration.ZERO;
    private Duration drainAge = Duration.ZERO;
    private Duration demandAge = Duration.ZERO;

    static Situation awake() {
        return new Situation();
    }

    static Situation asleep() {
        Situation situation = new Situation().phase(Phase.ASLEEP).pod(new PodView.Absent());
        situation.answers = Optional.empty();
        situation.trusted = Optional.empty();
        return situation;
    }

    /** The first seconds of a resource. */
    static Situation fresh() {
        Situation situation = asleep().phase(null);
        situation.initialised = false;
        return situation;
    }

    static Situation waking() {
        Situation situation = awake().phase(Phase.WAKING).demanded("d1");
        situation.answers = Optional.empty();
        return situation;
    }

    /** Every gateway was asked to hold for epoch 7, and has not said anything yet. */
    static Situation draining() {
        return awake().phase(Phase.FALLING_ASLEEP)
                .drain(7, Drain.State.REQUESTED)
                .report("gw-a", 7L, null, null, null)
                .report("gw-b", 7L, null, null, null);
    }

    /** Every gateway holds. */
    static Situation held() {
        return draining().report("gw-a", 7L, 7L, true, null).report("gw-b", 7L, 7L, true, null);
    }

    static Situation stopping() {
        return held().drain(7, Drain.State.STOPPING).trusted(Map.of()).cleared(null);
    }

    Situation wish(Wish changed) {
        wish = changed;
        return this;
    }

    Situation inWindow(String until) {
        window = Optional.of(until);
        return wish(Wish.AWAKE);
    }

    Situation initialiseOnFirstWake() {
        atOnce = false;
        return this;
    }

    Situation initialised(boolean changed) {
        initialised = changed;
        return this;
    }

    Situation phase(Phase changed) {
        phase = changed;
        return this;
    }

    Situation demanded(String id) {
        demand = new Demand(id, "app@10.1.1.1 runs SELECT", "gw-a");
        return this;
    }

    Situation demandAge(Duration age) {
        demandAge = age;
        return this;
    }

    Situation served(String id) {
        served = id;
        return this;
    }

    Situation drain(long epoch, Drain.State state) {
        drain = new Drain(epoch, state);
        return this;
    }

    Situation drainAge(Duration age) {
        drainAge = age;
        return this;
    }

    Situation pod(PodView changed) {
        pod = changed;
        return this;
    }

    Situation outdated() {
        outdated = true;
        return this;
    }

    Situation restart(Restart changed) {
        restart = changed;
        return this;
    }

    Situation greetsOtherwise() {
        greetsOtherwise = true;
        return this;
    }

    Situation restartIn(Duration changed) {
        restartIn = changed;
        return this;
    }

    Situation gateways(Map<String, String> changed) {
        gateways = changed;
        return this;
    }

    Situation report(String gateway, Long proposes, Long epoch, Boolean held, String busy) {
        reports.put(gateway, new GatewayReport(proposes, epoch, held, null, busy));
        return this;
    }

    /** It holds all its sessions, and a client last used the server that long ago. */
    Situation holding(String gateway, long epoch, Long idleSeconds) {
        reports.put(gateway, new GatewayReport(null, epoch, true, idleSeconds, null));
        return this;
    }

    Situation proposing(long epoch) {
        return report("gw-a", epoch, null, null, null).report("gw-b", epoch, null, null, null);
    }

    Situation working() {
        working = true;
        return this;
    }

    Situation trusted(Map<String, String> gateways) {
        trusted = Optional.of(new Trusted(FIRST, gateways));
        return this;
    }

    Situation cleared(String busy) {
        clearance = Optional.of(new Clearance(7, Optional.ofNullable(busy), nextEvent));
        return this;
    }

    Situation saidShutdown() {
        said = Optional.of(FIRST);
        return this;
    }

    /** It is to be awake for an EVENT. */
    Situation forEvent(String why) {
        event = Optional.of(why);
        return this;
    }

    /** What the server tells with its clearance, which has to come after this. */
    Situation nextEvent(DueEvent due) {
        nextEvent = Optional.of(due);
        return this;
    }

    Situation inLine(int number, int limit) {
        line = Optional.of(new WakeLine.Place(number, limit));
        return this;
    }

    Situation retryIn(Duration time) {
        retryIn = time;
        return this;
    }

    /** Seen by a process that has just become leader. */
    Situation newLeader() {
        working = false;
        answers = Optional.empty();
        trusted = Optional.empty();
        clearance = Optional.empty();
        said = Optional.empty();
        retryIn = Duration.ZERO;
        drainAge = Duration.ZERO;
        demandAge = Duration.ZERO;
        return this;
    }

    Observed seen() {
        ServerPod told = phase == Phase.ASLEEP || phase == null
                ? null
                : new ServerPod("shop", FIRST.uid(), "10.0.0.9", List.of("gw-a", "gw-b"));
        MariaDBInstanceStatus status = new MariaDBInstanceStatus(
                1L,
                phase,
                null,
                null,
                null,
                null,
                null,
                demand,
                served,
                drain,
                Map.copyOf(reports),
                told,
                null,
                null,
                null,
                null,
                null,
                initialised ? true : null);
        return new Observed(
                wish,
                window,
                event,
                atOnce,
                Duration.ofSeconds(60),
                status,
                pod,
                outdated,
                restart,
                greetsOtherwise,
                gateways,
                new Memory(
                        working,
                        answers,
                        trusted,
                        clearance,
                        said,
                        Optional.empty(),
                        retryIn,
                        restartIn,
                        drainAge,
                        demandAge),
                line);
    }

    Step decided() {
        return Decision.decide(seen());
    }
}
