package dev.haulout.e2e.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The server takes three seconds to start and the client's own connect deadline is one second: the promise is that no
 * common driver notices. Each driver has an instance to itself, so that several wait at a time.
 */
@Execution(ExecutionMode.CONCURRENT)
class DriverMatrixTest {
    private static final int START_SECONDS = 3;

    @TempDir
    private static Path folder;

    private static final Map<Driver, Integer> doors = new EnumMap<>(Driver.class);
    private static HostProcess host;

    @BeforeAll
    static void prepareSleepersWithOneRowEach() throws Exception {
        // the server's user must be able to pass through
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        SlowServer server = SlowServer.in(folder, START_SECONDS);
        host = HostProcess.prepare();
        for (Driver driver : Driver.values()) {
            doors.put(driver, HostProcess.freePort());
            host.instance(
                    driver.instance(),
                    doors.get(driver),
                    "    process: {server: " + server.program() + "}", // goes on with the part host
                    "  sleep: {after: 1s}");
        }
        host.start();
        for (Driver driver : Driver.values()) {
            makeTable(doors.get(driver));
        }
        for (Driver driver : Driver.values()) {
            host.awaitAsleep(driver.instance());
        }
        server.slowDown();
    }

    private static void makeTable(int port) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE animal (name VARCHAR(20))");
            statement.execute("INSERT INTO animal VALUES ('marmot')");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void selectWaitsForTheWakeAndTheSameConnectionOutlivesASleep(Driver driver) throws Exception {
        String missing = driver.missing();
        assumeTrue(missing.isEmpty(), missing);
        String instance = driver.instance();
        long starts = host.serverStarts(instance);
        long began = System.nanoTime();
        try (Client client = driver.connect(doors.get(driver), folder.resolve(instance + ".err"))) {
            assertThat(client.line()).isEqualTo("connected");
            Duration connected = since(began);
            assertThat(host.serverPids(instance))
                    .as("a login alone wakes nothing")
                    .isEmpty();

            long asked = System.nanoTime();
            assertThat(client.ask("SELECT name FROM animal")).isEqualTo("marmot");
            Duration first = since(asked);

            host.awaitAsleep(instance);
            asked = System.nanoTime();
            assertThat(client.ask("SELECT name FROM animal")).isEqualTo("marmot");
            Duration second = since(asked);
            assertThat(client.finish()).isZero();

            System.out.printf(
                    "%-28s connected after %4d ms, first row %4d ms, row after a sleep %4d ms%n",
                    driver, connected.toMillis(), first.toMillis(), second.toMillis());
            assertThat(first).as("the first row waited for a slow wake").isGreaterThan(slow());
            assertThat(second).as("the row after the sleep, too").isGreaterThan(slow());
        }
        assertThat(host.serverStarts(instance) - starts).isEqualTo(2);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static Duration slow() {
        return Duration.ofSeconds(START_SECONDS);
    }
}
