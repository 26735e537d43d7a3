package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Condition;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What keeps a server from coming up: the condition, the Event and the waiting client each tell what it is. */
@Tag("cluster")
@Tag("slow")
class FaultsTest {
    private static final String NAME = "faulty";
    /** Of a table: a sleeping instance answers for variables itself. */
    private static final String PACKET = "SELECT variable_value FROM information_schema.global_variables"
            + " WHERE variable_name = 'max_allowed_packet'";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration WAKE_DEADLINE = Duration.ofSeconds(40);

    /** A client's own way, the network's, and a loaded machine's. */
    private static final Duration BEYOND = Duration.ofSeconds(20);

    private Cluster cluster;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
    }

    @AfterEach
    void remove() {
        if (cluster != null) {
            cluster.instance(NAME).ifPresent(cluster::delete);
            cluster.client()
                    .secrets()
                    .inNamespace(Cluster.NAMESPACE)
                    .withName("faulty-own")
                    .delete();
        }
    }

    private void apply(String more) {
        apply(cluster.serverImage(), "Delete", more);
    }

    private void apply(String image, String deletionPolicy, String more) {
        cluster.applyAll("""
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: %s}
                spec:
                  image: %s
                  database: app
                  user: app
                  deletionPolicy: %s
                  storage: {class: "%s"}
                  sleep: {after: 3s, wakeDeadline: 40s}
                %s
                """.formatted(NAME, image, deletionPolicy, cluster.storageClass(), more.indent(2)));
        await("its door")
                .atMost(PATIENCE)
                .until(() ->
                        instance().getStatus() != null && instance().getStatus().door() != null);
    }

    private Connection connect(String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://" + cluster.address(NAME) + ":3306/app?sslMode=disable&connectTimeout=60000",
                "app",
                password);
    }

    private Connection connect() throws SQLException {
        return connect(cluster.password(NAME));
    }

    /** What a client that waits is told. The Service leads to the gateways only some time after it was made. */
    private String refusal() {
        await("the Service").atMost(PATIENCE).ignoreExceptions().until(() -> {
            try (Socket socket = new Socket(cluster.address(NAME), 3306)) {
                return socket.isConnected();
            }
        });
        long began = System.nanoTime();
        // a login may be accepted while asleep, and the first statement is what waits
        SQLException refusal = catchThrowableOfType(SQLException.class, () -> {
            try (Connection connection = connect()) {
                answer(connection, PACKET);
            }
        });
        assertThat((Throwable) refusal).isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(WAKE_DEADLINE.plus(BEYOND));
        assertThat(refusal.getErrorCode()).isIn(1040, 1429);
        return refusal.getMessage();
    }

    private void awaitReason(String reason) {
        await("condition Degraded with reason " + reason)
                .atMost(PATIENCE)
                .until(() -> degraded().getReason(), reason::equals);
        await("an Event " + reason)
                .atMost(PATIENCE)
                .until(() ->
                        cluster
                                .client()
                                .events()
                                .v1()
                                .events()
                                .inNamespace(Cluster.NAMESPACE)
                                .list()
                                .getItems()
                                .stream()
                                .filter(event -> "Warning".equals(event.getType())
                                        && event.getRegarding() != null
                                        && instance()
                                                .getMetadata()
                                                .getUid()
                                                .equals(event.getRegarding().getUid()))
                                .anyMatch(event -> event.getReason().equals(reason)
                                        || (event.getReason().equals("WakeFailed")
                                                && event.getNote().startsWith(reason))));
    }

    private MariaDBInstance instance() {
        return cluster.instance(NAME).orElseThrow();
    }

    private Condition degraded() {
        return condition("Degraded");
    }

    private Condition condition(String type) {
        var status = instance().getStatus();
        return status == null || status.conditions() == null
                ? new Condition()
                : status.conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst()
                        .orElseThrow();
    }

    /** The next demand wakes it, after at most a few that come while the cause is still being found to be gone. */
    private void recovers() {
        await("rows")
                .atMost(PATIENCE)
                .pollInSameThread()
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    try (Connection connection = connect()) {
                        return answer(
                                        connection,
                                        "SELECT COUNT(*) FROM information_schema.engines WHERE engine = 'InnoDB'")
                                .equals("1");
                    }
                });
        await("nothing wrong").atMost(PATIENCE).until(() -> degraded().getStatus(), "False"::equals);
    }

    private static String answer(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void anImageThatCantBePulled() {
        apply("localhost/haulout-e2e/no-such-image:1", "Delete", "initialise: OnFirstWake");

        assertThat(refusal()).contains("no-such-image");
        awaitReason("ImagePull");
        apply("initialise: OnFirstWake");

        recovers();
    }

    @Test
    void aPodThatNoNodeTakes() {
        apply("initialise: OnFirstWake\nresources: {requests: {cpu: 1000}, limits: {cpu: 1000}}");

        assertThat(refusal()).contains("no node takes its pod", "spec.resources.requests");
        awaitReason("Unschedulable");
        apply("initialise: OnFirstWake");

        recovers();
    }

    @Test
    void aServerThatCrashesShowsItsLastLines() {
        apply("initialise: OnFirstWake\nmyCnf: no_such_option = 1");

        assertThat(refusal()).contains("unknown variable 'no_such_option=1'", "spec.myCnf");
        awaitReason("CrashLoop");
        assertThat(degraded().getMessage()).contains("Its last lines:", "[ERROR]");
        apply("initialise: OnFirstWake");

        recovers();
    }

    @Test
    void aSecretOfTheOwnersThatIsNotThere() throws SQLException {
        apply("passwordSecret: {name: faulty-own, key: pw}");

        awaitReason("SecretMissing");
        assertThat(degraded().getMessage()).contains("faulty-own", "create it", "spec.passwordSecret.name");
        SQLException refusal =
                catchThrowableOfType(SQLException.class, () -> connect("x").close());
        assertThat(refusal.getMessage()).contains("faulty-own", "create it");

        secret("other");
        await("its missing key")
                .atMost(PATIENCE)
                .until(() -> degraded().getMessage(), text -> text.contains("no key pw"));
        secret("pw");
        cluster.awaitAsleep(NAME);
        try (Connection connection = connect("open sesame")) {
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
        apply("power: Auto");
        cluster.awaitAsleep(NAME);

        cluster.client()
                .secrets()
                .inNamespace(Cluster.NAMESPACE)
                .withName(NAME + "-tls")
                .delete();

        recovers();
    }

    @Test
    void aSpecThatChangesTakesEffectAtTheNextWake() throws SQLException {
        apply("power: Auto");
        cluster.awaitAsleep(NAME);
        try (Connection connection = connect()) {
            String before = answer(connection, PACKET);
            cluster.awaitAwake(NAME);

            apply("myCnf: max_allowed_packet = 3M");

            await("the condition")
                    .atMost(PATIENCE)
                    .until(() -> condition("Ready").getMessage(), text -> text.contains("next wakes"));
            assertThat(answer(connection, PACKET)).isEqualTo(before);
            cluster.awaitAsleep(NAME);
            assertThat(answer(connection, PACKET)).isEqualTo("3145728");
        }
    }

    @Test
    void aSuspendedInstanceRefusesAndIsResumed() {
        apply("power: Auto");
        cluster.awaitAsleep(NAME);

        scale(0);
        await("suspension").atMost(PATIENCE).until(() -> cluster.phase(NAME), Phase.SUSPENDED::equals);
        assertThat(refusal()).contains("suspended", "spec.replicas");
        scale(1);

        recovers();
        apply("power: Suspended");
        await("suspension").atMost(PATIENCE).until(() -> cluster.phase(NAME), Phase.SUSPENDED::equals);
        cluster.awaitNoPods("haulout.dev/instance", NAME);
        assertThat(refusal()).contains("suspended", "spec.power");
        apply("power: Awake");
        cluster.awaitAwake(NAME);
        apply("power: Auto");
        cluster.awaitAsleep(NAME);
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
        apply(cluster.serverImage(), "Retain", "");
        cluster.awaitAsleep(NAME);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (a INT)");
            statement.execute("INSERT INTO kept VALUES (42)");
        }

        cluster.delete(instance());
        apply("power: Auto");
        cluster.awaitAsleep(NAME);

        try (Connection connection = connect()) {
            assertThat(answer(connection, "SELECT a FROM kept")).isEqualTo("42");
        }
        cluster.delete(instance());
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
