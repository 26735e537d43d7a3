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
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a driver says at its login and between statements, its connection through a sidecar outlives the gateway. */
@Tag("slow")
class SidecarDriversTest {
    private static final String NAME = "shop";

    private static final String ASK = "SELECT name FROM animal";

    @TempDir
    private static Path folder;

    private static final Map<Driver, Client> clients = new EnumMap<>(Driver.class);

    /** What went wrong with a driver while the first gateway ran. */
    private static final Map<Driver, Throwable> faults = new EnumMap<>(Driver.class);

    private static HostProcess gateway;
    private static SidecarProcess sidecar;

    /** One after the other connects and asks something; then the gateway is killed behind them all. */
    @BeforeAll
    static void connectAllAndKillTheGateway() throws Exception {
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
        gateway.awaitAsleep(NAME);
        for (Driver driver : Driver.values()) {
            if (driver.missing().isEmpty()) {
                gateway.awaitAsleep(NAME); // so that none is blamed for what the one before did
                tryTo(driver, () -> {
                    Client client = driver.connect(sidecar.port(), folder.resolve(driver.instance() + ".err"));
                    clients.put(driver, client);
                    assertThat(client.line()).isEqualTo("connected");
                    assertThat(gateway.serverPids(NAME))
                            .as("a login alone wakes nothing")
                            .isEmpty();
                });
            }
        }
        for (Driver driver : clients.keySet()) {
            tryTo(driver, () -> assertThat(clients.get(driver).ask(ASK)).isEqualTo("marmot"));
        }
        gateway.awaitAsleep(NAME); // nothing is in flight: Python's clients have ended their transaction
        gateway.kill();
        gateway.start();
    }

    private static void tryTo(Driver driver, Executable deed) {
        if (!faults.containsKey(driver)) {
            try {
                deed.execute();
            } catch (Throwable fault) {
                faults.put(driver, fault);
            }
        }
    }

    @AfterAll
    static void stop() throws IOException {
        try {
            clients.values().forEach(Client::close);
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
    void theSameConnectionOutlivesAKilledGateway(Driver driver) throws Throwable {
        String missing = driver.missing();
        assumeTrue(missing.isEmpty(), missing);
        if (faults.containsKey(driver)) {
            throw faults.get(driver);
        }

        assertThat(clients.get(driver).ask(ASK)).isEqualTo("marmot");

        assertThat(clients.get(driver).finish()).isZero();
    }
}
