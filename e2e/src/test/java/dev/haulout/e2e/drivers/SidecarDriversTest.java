package dev.haulout.e2e.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.SidecarProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a driver says at its login and between statements, its connection through a sidecar outlives the gateway. */
@Tag("slow")
class SidecarDriversTest {
    private static final String NAME = "shop";

    @TempDir
    private static Path folder;

    private static HostProcess gateway;
    private static SidecarProcess sidecar;

    @BeforeAll
    static void start() throws Exception {
        int port = HostProcess.freePort();
        gateway = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 1s}")
                .start();
        sidecar = SidecarProcess.before(port);
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:mariadb://127.0.0.1:" + sidecar.port() + "/app", "app", "secret");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE animal (name VARCHAR(20))");
            statement.execute("INSERT INTO animal VALUES ('marmot')");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        try {
            if (sidecar != null) {
                sidecar.close();
            }
        } finally {
            if (gateway != null) {
                gateway.close();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void theSameConnectionOutlivesAKilledGateway(Driver driver) throws Exception {
        String missing = driver.missing();
        assumeTrue(missing.isEmpty(), missing);
        gateway.awaitAsleep(NAME);
        try (Client client = driver.connect(sidecar.port(), folder.resolve(driver.instance() + ".err"))) {
            assertThat(client.line()).isEqualTo("connected");
            assertThat(gateway.serverPids(NAME))
                    .as("a login alone wakes nothing")
                    .isEmpty();
            assertThat(client.ask("SELECT name FROM animal")).isEqualTo("marmot");

            gateway.awaitAsleep(NAME); // nothing is in flight: Python's clients have ended their transaction
            gateway.kill();
            gateway.start();
            assertThat(client.ask("SELECT name FROM animal")).isEqualTo("marmot");
            assertThat(client.finish()).isZero();
        }
    }
}
