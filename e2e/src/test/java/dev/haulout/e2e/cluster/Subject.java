package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** An instance to which a test does something, with what its client, its conditions and its Events tell of that. */
final class Subject {
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final Duration WAKE_DEADLINE = Duration.ofSeconds(40);

    /** A client's own way, the network's, and a loaded machine's. */
    private static final Duration BEYOND = Duration.ofSeconds(20);

    /** Of a table: a sleeping instance answers for variables itself. */
    static final String PACKET = "SELECT variable_value FROM information_schema.global_variables"
            + " WHERE variable_name = 'max_allowed_packet'";

    private final Cluster cluster;
    private final String name;

    Subject(Cluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
    }

    /** Makes or changes it, on a volume of the usual class. */
    void apply(String more) {
        apply(cluster.serverImage(), more);
    }

    /** Makes or changes it, on a volume of the usual class. */
    void apply(String image, String more) {
        apply(image, "{class: \"" + cluster.storageClass() + "\"}", more);
    }

    /** Makes or changes it, and waits until it has a door. */
    void apply(String image, String storage, String more) {
        String deletion = more.contains("deletionPolicy:") ? "" : "deletionPolicy: Delete";
        cluster.applyAll("""
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: %s}
                spec:
                  image: %s
                  database: app
                  user: app
                  storage: %s
                  sleep: {after: 3s, wakeDeadline: %ds}
                  %s
                %s
                """.formatted(name, image, storage, WAKE_DEADLINE.toSeconds(), deletion, more.indent(2)));
        await("its door")
                .atMost(PATIENCE)
                .until(() ->
                        current().getStatus() != null && current().getStatus().door() != null);
    }

    MariaDBInstance current() {
        return cluster.instance(name).orElseThrow();
    }

    Connection connect(String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://" + cluster.address(name) + ":3306/app?sslMode=disable&connectTimeout=60000",
                "app",
                password);
    }

    Connection connect() throws SQLException {
        return connect(cluster.password(name));
    }

    static String answer(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** What a client that waits is told. The Service leads to the gateways only some time after it was made. */
    String refusal() {
        await("the Service").atMost(PATIENCE).ignoreExceptions().until(() -> {
            try (Socket socket = new Socket(cluster.address(name), 3306)) {
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

    /** Waits until the condition Degraded and an Event give this reason. */
    void awaitReason(String reason) {
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
                                .anyMatch(event -> isWarning(event, reason)));
    }

    private boolean isWarning(Event event, String reason) {
        return "Warning".equals(event.getType())
                && event.getRegarding() != null
                && current().getMetadata().getUid().equals(event.getRegarding().getUid())
                && (event.getReason().equals(reason)
                        || (event.getReason().equals("WakeFailed")
                                && event.getNote().startsWith(reason)));
    }

    Condition degraded() {
        return condition("Degraded");
    }

    Condition condition(String type) {
        var status = current().getStatus();
        return status == null || status.conditions() == null
                ? new Condition()
                : status.conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst()
                        .orElseThrow();
    }

    /** The next demand wakes it, after at most a few that come while the cause is still being found to be gone. */
    void recovers() {
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

    void awaitAsleep() {
        cluster.awaitAsleep(name);
    }

    void awaitAwake() {
        cluster.awaitAwake(name);
    }

    void awaitPhase(Phase phase) {
        await(phase + "").atMost(PATIENCE).until(() -> cluster.phase(name), phase::equals);
    }

    /** Removes it, if it is there. */
    void delete() {
        cluster.instance(name).ifPresent(cluster::delete);
    }
}
