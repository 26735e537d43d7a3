package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A restart that the instance's owner asks for by an annotation, while his applications work. */
@Tag("cluster")
class RestartTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int WRITERS = 4;

    private Cluster cluster;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
    }

    @AfterEach
    void remove() {
        if (cluster != null) {
            cluster.instance("shop").ifPresent(cluster::delete);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://" + cluster.address("shop") + ":3306/app?sslMode=disable",
                "app",
                cluster.password("shop"));
    }

    /** Transactions of two rows each until told to stop. Returns how many rows were acknowledged. */
    private int write(int writer, AtomicBoolean over, AtomicInteger transactions) throws SQLException {
        int acknowledged = 0;
        try (Connection connection = connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
            connection.setAutoCommit(false);
            insert.setInt(1, writer);
            while (!over.get()) {
                insert.setInt(2, acknowledged);
                insert.executeUpdate();
                insert.setInt(2, acknowledged + 1);
                insert.executeUpdate();
                connection.commit();
                acknowledged += 2;
                transactions.incrementAndGet();
            }
        }
        return acknowledged;
    }

    @Test
    void sessionsAtWorkGoOnWithAPodOfTheNewSpec() throws Exception {
        cluster.apply("shop", "  sleep: {after: 1h}");
        cluster.awaitAsleep("shop");
        AtomicBoolean over = new AtomicBoolean();
        try (Connection idle = connect();
                Statement statement = idle.createStatement();
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
                AutoCloseable end = () -> over.set(true)) {
            statement.execute("CREATE TABLE t (writer INT, n INT, PRIMARY KEY (writer, n))");
            statement.execute("SET @mine = 42");
            Pod first = cluster.pods("shop").getFirst();
            AtomicInteger transactions = new AtomicInteger();
            List<Future<Integer>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int me = writer;
                writers.add(threads.submit(() -> write(me, over, transactions)));
            }
            await("work under way").atMost(PATIENCE).until(() -> transactions.get() > 50);

            cluster.apply("shop", "  sleep: {after: 1h}\n  myCnf: max_connections = 77");
            cluster.client()
                    .resources(MariaDBInstance.class)
                    .inNamespace(Cluster.NAMESPACE)
                    .withName("shop")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"annotations\":{\"haulout.dev/restart\":\"now\"}}}");

            await("another pod")
                    .atMost(PATIENCE)
                    .until(() -> cluster.pods("shop").stream()
                            .anyMatch(pod -> !pod.getMetadata()
                                    .getUid()
                                    .equals(first.getMetadata().getUid())));
            int then = transactions.get();
            await("work goes on")
                    .atMost(PATIENCE)
                    .until(() ->
                            transactions.get() > then + 50 || writers.stream().anyMatch(Future::isDone));
            over.set(true);
            int acknowledged = 0;
            for (Future<Integer> writer : writers) {
                acknowledged += writer.get();
            }
            assertThat(one(statement, "SELECT CONCAT_WS(' ', COUNT(*), @mine, @@max_connections) FROM t"))
                    .isEqualTo(acknowledged + " 42 77");
        }
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
