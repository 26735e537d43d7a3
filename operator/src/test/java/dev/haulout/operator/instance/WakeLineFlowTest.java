package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Condition;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An operator that lets one server start at a time, on a real API server. */
@Tag("cluster")
class WakeLineFlowTest {
    private static Cluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = Cluster.start();
        cluster.gateway("gw-a", "10.1.0.1");
        cluster.maxConcurrentWakes(1);
        cluster.startOperator();
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static void sleeping(String name, String sleep) {
        cluster.apply("""
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: %s}
                spec: {storage: {size: 1Gi}, initialise: OnFirstWake, sleep: {%s}}
                """.formatted(name, sleep));
        cluster.await(name, name + " asleep", status -> status.phase() == Phase.ASLEEP && status.door() != null);
    }

    private static Optional<String> inLine(MariaDBInstanceStatus status) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals("Progressing")
                        && condition.getReason().equals("InLine"))
                .map(Condition::getMessage)
                .findFirst();
    }

    @Test
    void theSecondWaitsUntilTheFirstIsUpAndTheThirdIsToldOfTheLimit() {
        sleeping("first", "after: 5m");
        sleeping("second", "after: 5m");
        sleeping("third", "wakeDeadline: 1s");
        cluster.demand("first", "d1");
        cluster.awaitPod("first");

        cluster.demand("second", "d2");
        cluster.await(
                "second",
                "its place",
                status -> inLine(status)
                        .filter("it is number 1 in line; 1 wakes at once are allowed (maxConcurrentWakes)"::equals)
                        .isPresent());
        cluster.demand("third", "d3");
        MariaDBInstanceStatus refused = cluster.await("third", "the refusal", status -> status.served() != null);

        assertThat(refused.lastWake().outcome()).isEqualTo(LastWake.Outcome.FAILED);
        assertThat(refused.lastWake().message())
                .isEqualTo("no server was started within 1 s (spec.sleep.wakeDeadline): it is number 2 in line; 1 wakes"
                        + " at once are allowed (maxConcurrentWakes)");
        assertThat(cluster.pod("second")).isNull();
        cluster.run("first");
        cluster.awaitPod("second");
        cluster.run("second");
        cluster.await(
                "second",
                "second awake",
                status -> status.phase() == Phase.AWAKE && inLine(status).isEmpty());
    }
}
