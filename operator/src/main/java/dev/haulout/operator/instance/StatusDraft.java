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
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;

/** A status that is being written. */
final class StatusDraft {
    Phase phase;
    String awakeBecause;
    Integer replicas;
    String selector;
    List<Condition> conditions;
    Door door;
    String served;
    Drain drain;
    Map<String, GatewayReport> gateways;
    ServerPod pod;
    LastWake lastWake;
    String since;
    String lastActivity;
    NextEvent nextEvent;
    String serverVersion;
    Boolean initialised;
    Long observedGeneration;
    private final Demand demand;

    StatusDraft(MariaDBInstanceStatus from) {
        observedGeneration = from.observedGeneration();
        phase = from.phase();
        awakeBecause = from.awakeBecause();
        replicas = from.replicas();
        selector = from.selector();
        conditions = from.conditions();
        door = from.door();
        demand = from.demand();
        served = from.served();
        drain = from.drain();
        gateways = from.gateways();
        pod = from.pod();
        lastWake = from.lastWake();
        since = from.since();
        lastActivity = from.lastActivity();
        nextEvent = from.nextEvent();
        serverVersion = from.serverVersion();
        initialised = from.initialised();
    }

    MariaDBInstanceStatus finished() {
        return new MariaDBInstanceStatus(
                observedGeneration,
                phase,
                awakeBecause,
                replicas,
                selector,
                conditions,
                door,
                demand,
                served,
                drain,
                gateways,
                pod,
                lastWake,
                since,
                lastActivity,
                nextEvent,
                serverVersion,
                initialised);
    }
}
