package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Others' objects under an instance's names, on a real API server: left as they are, and told. */
@Tag("cluster")
class NameTakenTest {
    private static final String MANIFEST = """
            apiVersion: haulout.dev/v1alpha1
            kind: MariaDBInstance
            metadata: {name: %s}
            spec: {storage: {size: 1Gi}, initialise: OnFirstWake}
            """;

    private static Cluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = Cluster.start();
        cluster.gateway("gw-a", "10.1.0.1");
        cluster.startOperator();
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static boolean isTaken(MariaDBInstanceStatus status, String kind) {
        return status.conditions() != null
                && status.conditions().stream()
                        .filter(condition -> condition.getType().equals("Degraded"))
                        .map(Condition::getMessage)
                        .anyMatch(message -> message.contains("the " + kind + " "))
                && status.conditions().stream()
                        .anyMatch(condition -> condition.getReason().equals("NameTaken"));
    }

    private static Service service(String name) {
        return cluster.client
                .services()
                .inNamespace(Cluster.NAMESPACE)
                .withName(name)
                .get();
    }

    @Test
    void aServiceOfSomebodysIsNotTakenOver() {
        cluster.apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {selector: {app: web}, ports: [{port: 80}]}
                """);

        cluster.apply(MANIFEST.formatted("web"));
        cluster.await("web", "NameTaken", status -> isTaken(status, "Service"));

        assertThat(service("web").getSpec().getSelector()).containsEntry("app", "web");
        assertThat(service("web").getMetadata().getOwnerReferences()).isEmpty();
        cluster.client.services().inNamespace(Cluster.NAMESPACE).withName("web").delete();
        cluster.await("web", "its own Service", status -> status.phase() == Phase.ASLEEP && status.door() != null);
    }

    @Test
    void anInstanceWithAnothersGeneratedNameLeavesItInPeace() {
        cluster.apply(MANIFEST.formatted("shop"));
        cluster.await("shop", "sleep", status -> status.phase() == Phase.ASLEEP && status.door() != null);
        Service before = service("shop-pod");

        cluster.apply(MANIFEST.formatted("shop-pod"));
        cluster.await("shop-pod", "NameTaken", status -> isTaken(status, "Service"));

        assertThat(service("shop-pod")).isEqualTo(before);
    }

    @Test
    void aPodThatIsNotItsOwnIsNeitherAskedNorDeleted() {
        cluster.apply(MANIFEST.formatted("db"));
        cluster.await("db", "sleep", status -> status.phase() == Phase.ASLEEP && status.door() != null);
        cluster.apply("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: db
                  labels: {app.kubernetes.io/managed-by: haulout, haulout.dev/instance: db}
                  ownerReferences:
                  - {apiVersion: haulout.dev/v1alpha1, kind: MariaDBInstance, name: other, uid: u, controller: true}
                spec: {containers: [{name: mariadb, image: x}]}
                """);
        Pod impostor = cluster.pod("db");
        cluster.run("db");

        cluster.demand("db", "d1");
        MariaDBInstanceStatus told =
                cluster.await("db", "the demand's failure", status -> "d1".equals(status.served()));

        assertThat(told.lastWake().outcome()).isEqualTo(LastWake.Outcome.FAILED);
        assertThat(told.lastWake().message()).contains("the Pod db is there already and belongs to");
        assertThat(isTaken(told, "Pod")).isTrue();
        assertThat(cluster.pod("db").getMetadata().getUid())
                .isEqualTo(impostor.getMetadata().getUid());
        assertThat(cluster.servers.asked).isEmpty();
        cluster.remove("db");
    }

    @Test
    void aPodWithoutLabelsIsInTheWayToo() {
        cluster.apply(MANIFEST.formatted("plain"));
        cluster.await("plain", "sleep", status -> status.phase() == Phase.ASLEEP && status.door() != null);
        cluster.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: plain}
                spec: {containers: [{name: mariadb, image: x}]}
                """);

        cluster.demand("plain", "d1");
        MariaDBInstanceStatus told =
                cluster.await("plain", "the demand's failure", status -> "d1".equals(status.served()));

        assertThat(told.lastWake().message()).contains("the Pod plain is there already");
        cluster.remove("plain");
        cluster.demand("plain", "d2");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> cluster.pod("plain") != null
                        && !cluster.pod("plain")
                                .getMetadata()
                                .getOwnerReferences()
                                .isEmpty());
    }

    /** Anybody may write slices with our labels into his namespace. */
    @Test
    void slicesThatAreNotItsOwnKeepNoPorts() {
        cluster.apply(MANIFEST.formatted("first"));
        int port = cluster.await("first", "a door", status -> status.door() != null)
                .door()
                .port();
        for (int more = 0; more < 3; more++) {
            cluster.apply("""
                    apiVersion: discovery.k8s.io/v1
                    kind: EndpointSlice
                    metadata:
                      name: forged-%1$d
                      labels:
                        app.kubernetes.io/managed-by: haulout
                        endpointslice.kubernetes.io/managed-by: haulout
                        haulout.dev/instance: forged-%1$d
                    addressType: IPv4
                    endpoints: [{addresses: [10.1.0.1]}]
                    ports: [{name: a, port: %2$d}, {name: b, port: %3$d}]
                    """.formatted(more, port + 1 + more, port + 4 + more));
        }

        cluster.apply(MANIFEST.formatted("second"));
        int next = cluster.await("second", "a door", status -> status.door() != null)
                .door()
                .port();

        assertThat(next).isLessThan(port + 6); // others of these tests may have taken some
    }
}
