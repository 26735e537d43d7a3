package dev.haulout.e2e.cluster;

import static dev.haulout.e2e.cluster.Subject.PACKET;
import static dev.haulout.e2e.cluster.Subject.PATIENCE;
import static dev.haulout.e2e.cluster.Subject.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What keeps a server from coming up: the condition, the Event and the waiting client each tell what it is. */
@Tag("cluster")
@Tag("slow")
class FaultsTest {
    private static final String NAME = "faulty";

    private Cluster cluster;
    private Subject faulty;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
        faulty = new Subject(cluster, NAME);
    }

    @AfterEach
    void remove() {
        if (cluster != null) {
            faulty.delete();
            cluster.client()
                    .secrets()
                    .inNamespace(Cluster.NAMESPACE)
                    .withName("faulty-own")
                    .delete();
        }
    }

    @Test
    void anImageThatCantBePulled() {
        faulty.apply("localhost/haulout-e2e/no-such-image:1", "initialise: OnFirstWake");

        assertThat(faulty.refusal()).contains("no-such-image");
        faulty.awaitReason("ImagePull");
        faulty.apply("initialise: OnFirstWake");

        faulty.recovers();
    }

    @Test
    void aPodThatNoNodeTakes() {
        faulty.apply("initialise: OnFirstWake\nresources: {requests: {cpu: 1000}, limits: {cpu: 1000}}");

        assertThat(faulty.refusal()).contains("no node takes its pod", "spec.resources.requests");
        faulty.awaitReason("Unschedulable");
        faulty.apply("initialise: OnFirstWake");

        faulty.recovers();
    }

    @Test
    void aServerThatCrashesShowsItsLastLines() {
        faulty.apply("initialise: OnFirstWake\nmyCnf: no_such_option = 1");

        assertThat(faulty.refusal()).contains("unknown variable 'no_such_option=1'", "spec.myCnf");
        faulty.awaitReason("CrashLoop");
        assertThat(faulty.degraded().getMessage()).contains("Its last lines:", "[ERROR]");
        faulty.apply("initialise: OnFirstWake");

        faulty.recovers();
    }

    @Test
    void aSecretOfTheOwnersThatIsNotThere() throws SQLException {
        faulty.apply("passwordSecret: {name: faulty-own, key: pw}");

        faulty.awaitReason("SecretMissing");
        assertThat(faulty.degraded().getMessage()).contains("faulty-own", "create it", "spec.passwordSecret.name");
        SQLException refusal = catchThrowableOfType(
                SQLException.class, () -> faulty.connect("x").close());
        assertThat(refusal.getMessage()).contains("faulty-own", "create it");

        secret("other");
        await("its missing key")
                .atMost(PATIENCE)
                .until(() -> faulty.degraded().getMessage(), text -> text.contains("no key pw"));
        secret("pw");
        faulty.awaitAsleep();
        try (Connection connection = faulty.connect("open sesame")) {
            assertThat(answer(connection, "SELECT 42")).isEqualTo("42");
        }
    }

    private void secret(String key) {
        cluster.applyAll("""
                apiVersion: v1
                kind: Secret
                metadata: {name: faulty-own}
                stringData: {%s: open sesame}
                """.formatted(key));
    }

    @Test
    void aSecretOfOursThatWasDeletedIsMadeAgain() {
        faulty.apply("power: Auto");
        faulty.awaitAsleep();

        cluster.client()
                .secrets()
                .inNamespace(Cluster.NAMESPACE)
                .withName(NAME + "-tls")
                .delete();

        faulty.recovers();
    }

    @Test
    void aSpecThatChangesTakesEffectAtTheNextWake() throws SQLException {
        faulty.apply("power: Auto");
        faulty.awaitAsleep();
        try (Connection connection = faulty.connect()) {
            String before = answer(connection, PACKET);
            faulty.awaitAwake();

            faulty.apply("myCnf: max_allowed_packet = 3M");

            await("the condition")
                    .atMost(PATIENCE)
                    .until(() -> faulty.condition("Ready").getMessage(), text -> text.contains("next wakes"));
            assertThat(answer(connection, PACKET)).isEqualTo(before);
            faulty.awaitAsleep();
            assertThat(answer(connection, PACKET)).isEqualTo("3145728");
        }
    }

    @Test
    void aSuspendedInstanceRefusesAndIsResumed() {
        faulty.apply("power: Auto");
        faulty.awaitAsleep();

        scale(0);
        faulty.awaitPhase(Phase.SUSPENDED);
        assertThat(faulty.refusal()).contains("suspended", "spec.replicas");
        scale(1);

        faulty.recovers();
        faulty.apply("power: Suspended");
        faulty.awaitPhase(Phase.SUSPENDED);
        cluster.awaitNoPods("haulout.dev/instance", NAME);
        assertThat(faulty.refusal()).contains("suspended", "spec.power");
        faulty.apply("power: Awake");
        faulty.awaitAwake();
        faulty.apply("power: Auto");
        faulty.awaitAsleep();
    }

    private void scale(int replicas) {
        var unused = cluster.client()
                .resources(MariaDBInstance.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(NAME)
                .scale(replicas);
    }

    @Test
    void whatWasKeptIsFoundAgainByAnInstanceOfTheSameName() throws SQLException {
        faulty.apply("deletionPolicy: Retain");
        faulty.awaitAsleep();
        try (Connection connection = faulty.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (a INT)");
            statement.execute("INSERT INTO kept VALUES (42)");
        }

        faulty.delete();
        faulty.apply("power: Auto");
        faulty.awaitAsleep();

        try (Connection connection = faulty.connect()) {
            assertThat(answer(connection, "SELECT a FROM kept")).isEqualTo("42");
        }
        faulty.delete();
        await("the volume goes with the instance")
                .atMost(PATIENCE)
                .until(() -> cluster.client()
                                .persistentVolumeClaims()
                                .inNamespace(Cluster.NAMESPACE)
                                .withName(NAME + "-data")
                                .get()
                        == null);
    }
}
