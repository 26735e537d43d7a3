package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** Tells each wake, sleep and failure: as an Event, in the log and in the metrics. */
final class Outcomes {
    private final EventRecorder events;
    private final MeterRegistry meters;

    Outcomes(KubernetesClient client, Clock clock, String reporter, MeterRegistry meters) {
        this.events = new EventRecorder(client, clock, reporter);
        this.meters = meters;
    }

    /** The step was taken, and the status says so. */
    void told(MariaDBInstance instance, Step step, MariaDBInstanceStatus before, MariaDBInstanceStatus after) {
        switch (step) {
            case Step.MarkAwake ignored -> {
                if (after.phase() != before.phase()) {
                    woke(instance, before, after);
                }
            }
            case Step.MarkInitialised ignored -> events.normal(instance, "Initialised", "its data directory is made");
            case Step.MarkAsleep asleep -> {
                events.normal(instance, "FellAsleep", asleep.how());
                meters.counter("haulout.operator.sleeps").increment();
            }
            case Step.MarkSuspended ignored -> events.normal(instance, "Suspended", "no client wakes it");
            case Step.CancelDrain cancel -> events.normal(instance, "StaysAwake", cancel.why());
            case Step.FailDemand fail -> {
                events.warning(
                        instance,
                        "WakeFailed",
                        fail.trouble().reason().text() + ": " + fail.trouble().message());
                meters.counter("haulout.operator.wakes", "outcome", "failed").increment();
            }
            case Step.ReportFailure ignored -> {}
            case Step.CreatePod ignored -> {}
            case Step.AwaitTurn ignored -> {}
            case Step.AwaitServer ignored -> {}
            case Step.Trust ignored -> {}
            case Step.RequestDrain ignored -> {}
            case Step.AskServer ignored -> {}
            case Step.CommitStop ignored -> {}
            case Step.StopServer ignored -> {}
            case Step.DeletePod ignored -> {}
            case Step.Nothing ignored -> {}
        }
        if (!(step instanceof Step.FailDemand)) {
            newFault(before, after).ifPresent(fault -> events.warning(instance, fault.reason(), fault.message()));
        }
    }

    /** What was not known to be wrong before. */
    private static Optional<Conditions.Fault> newFault(MariaDBInstanceStatus before, MariaDBInstanceStatus after) {
        Optional<String> known = Conditions.fault(before.conditions()).map(Conditions.Fault::reason);
        return Conditions.fault(after.conditions()).filter(fault -> !known.equals(Optional.of(fault.reason())));
    }

    private void woke(MariaDBInstance instance, MariaDBInstanceStatus before, MariaDBInstanceStatus after) {
        MariaDBInstanceStatus.LastWake wake = after.lastWake();
        if (wake == null || Objects.equals(wake, before.lastWake())) {
            events.normal(instance, "Woke", "its server answers");
        } else {
            events.normal(instance, "Woke", wake.why() + "; in " + wake.milliseconds() + " ms");
            meters.timer("haulout.operator.wake.duration").record(Duration.ofMillis(wake.milliseconds()));
        }
        meters.counter("haulout.operator.wakes", "outcome", "ok").increment();
    }
}
