package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code haulout connect}: the way to a sleeper from outside its cluster. */
@Tag("cluster")
class ConnectTest {
    private Cluster cluster;
    private Subject far;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
        far = new Subject(cluster, "far");
    }

    @AfterEach
    void remove() {
        if (cluster != null) {
            far.delete();
        }
    }

    private static Process connect(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.haulout.proxy.cli.Main",
                "connect"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void itLeadsToADatabaseThatSleeps() throws Exception {
        far.apply("power: Auto");
        far.awaitAsleep();
        Process tunnel = connect(Cluster.NAMESPACE + "/far", "--release-namespace", Cluster.RELEASE_NAMESPACE);
        try (BufferedReader said = tunnel.inputReader(StandardCharsets.UTF_8)) {
            Matcher where = Pattern.compile("127\\.0\\.0\\.1:(\\d+)").matcher(said.readLine());
            assertThat(where.find()).isTrue();

            for (int visit = 0; visit < 2; visit++) {
                try (Connection connection = DriverManager.getConnection(
                        "jdbc:mariadb://127.0.0.1:" + where.group(1) + "/app?sslMode=disable&connectTimeout=10000",
                        "app",
                        cluster.password("far"))) {
                    assertThat(Subject.answer(connection, "SELECT REPEAT('x', 1000000)"))
                            .hasSize(1_000_000);
                }
            }
            far.awaitAsleep();
        } finally {
            tunnel.destroy();
        }
        assertThat(tunnel.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(tunnel.exitValue()).isZero();
    }

    @Test
    void whatIsNotThereIsSaidAtOnce() throws Exception {
        Process tunnel = connect(Cluster.NAMESPACE + "/nobody", "--release-namespace", Cluster.RELEASE_NAMESPACE);
        try (BufferedReader said = tunnel.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine())
                    .isEqualTo("there is no MariaDBInstance nobody in namespace " + Cluster.NAMESPACE
                            + "; kubectl get mariadbinstances -A lists them");
        }
        assertThat(tunnel.waitFor()).isEqualTo(1);
    }
}
