package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One small manifest: rows though nothing was running, and nothing runs again afterwards. */
@Tag("cluster")
class KubernetesWakeTest {
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
                "jdbc:mariadb://" + cluster.address("shop") + ":3306/app?sslMode=disable&connectTimeout=1000",
                "app",
                cluster.password("shop"));
    }

    @Test
    void aSleepingDatabaseGivesRowsAndSleepsAgain() throws SQLException {
        cluster.apply("shop", "  sleep: {after: 5s}");
        cluster.awaitAsleep("shop");

        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (a INT)");
            statement.execute("INSERT INTO t VALUES (42)");
            cluster.awaitAwake("shop");
            assertThat(cluster.pods("shop")).hasSize(1);
            cluster.awaitAsleep("shop");
            try (ResultSet row = statement.executeQuery("SELECT a FROM t")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getInt(1)).isEqualTo(42);
            }
            cluster.awaitAwake("shop");
        }
        cluster.awaitAsleep("shop");
        assertThat(cluster.phase("shop")).isEqualTo(Phase.ASLEEP);
    }
}
