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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The server takes three seconds to start and the client's own connect deadline is one second: the promise is that no
 * common driver notices. Each driver has an instance to itself, so that all wait at a time.
 */
@Execution(ExecutionMode.CONCURRENT) // with other classes
class DriverMatrixTest {
    private static final int START_SECONDS = 3;
    private static final int MADE_AT_ONCE = 4;

    @TempDir
    private static Path folder;

    private static final Map<Driver, Integer> doors = new EnumMap<>(Driver.class);
    private static final Map<Driver, Course> courses = new EnumMap<>(Driver.class);
    private static HostProcess host;

    @BeforeAll
    static void prepareSleepersWithOneRowEachAndAskThem() throws Exception {
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
        try (ExecutorService threads = Executors.newFixedThreadPool(MADE_AT_ONCE)) {
            List<Callable<Void>> makings = new ArrayList<>();
            for (int door : doors.values()) {
                makings.add(() -> makeTable(door));
            }
            for (Future<Void> made : threads.invokeAll(makings)) {
                made.get();
            }
        }
        for (Driver driver : Driver.values()) {
            host.awaitAsleep(driver.instance());
        }
        server.slowDown();
        askThroughTwoSleeps();
    }

    private static Void makeTable(int port) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE animal (name VARCHAR(20))");
            statement.execute("INSERT INTO animal VALUES ('marmot')");
        }
        return null;
    }

    @AfterAll
    static void stop() throws IOException {
        courses.values().forEach(course -> course.client.close());
        if (host != null) {
            host.close();
        }
    }

    /** How it went with one driver. */
    private static final class Course {
        private final Client client;
        private final long startsBefore;
        private Duration connected;
        private Duration first;
        private Duration second;
        private Throwable fault;

        Course(Client client, long startsBefore) {
            this.client = client;
            this.startsBefore = startsBefore;
        }
    }

    /** Each connects by itself, which takes processor time; then all wait together, which takes none. */
    private static void askThroughTwoSleeps() throws Exception {
        for (Driver driver : Driver.values()) {
            if (driver.missing().isEmpty()) {
                long began = System.nanoTime();
                Course course = new Course(
                        driver.connect(doors.get(driver), folder.resolve(driver.instance() + ".err")),
                        host.serverStarts(driver.instance()));
                courses.put(driver, course);
                tryTo(course, () -> {
                    assertThat(course.client.line()).isEqualTo("connected");
                    course.connected = since(began);
                    assertThat(host.serverPids(driver.instance()))
                            .as("a login alone wakes nothing")
                            .isEmpty();
                });
            }
        }
        forAll((driver, course) -> course.first = ask(course));
        for (Driver driver : courses.keySet()) {
            host.awaitAsleep(driver.instance());
        }
        forAll((driver, course) -> course.second = ask(course));
    }

    /** What all do at the same time. */
    private interface Deed {
        void by(Driver driver, Course course) throws Exception;
    }

    private static void forAll(Deed deed) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            courses.forEach((driver, course) -> threads.execute(() -> tryTo(course, () -> deed.by(driver, course))));
        }
    }

    private static void tryTo(Course course, Executable deed) {
        if (course.fault == null) {
            try {
                deed.execute();
            } catch (Throwable fault) {
                course.fault = fault;
            }
        }
    }

    private static Duration ask(Course course) throws IOException, InterruptedException {
        long asked = System.nanoTime();
        assertThat(course.client.ask("SELECT name FROM animal")).isEqualTo("marmot");
        return since(asked);
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void selectWaitsForTheWakeAndTheSameConnectionOutlivesASleep(Driver driver) throws Throwable {
        String missing = driver.missing();
        assumeTrue(missing.isEmpty(), missing);
        Course course = courses.get(driver);
        if (course.fault != null) {
            throw course.fault;
        }
        System.out.printf(
                "%-28s connected after %4d ms, first row %4d ms, row after a sleep %4d ms%n",
                driver, course.connected.toMillis(), course.first.toMillis(), course.second.toMillis());
        assertThat(course.client.finish()).isZero();
        assertThat(course.first).as("the first row waited for a slow wake").isGreaterThan(slow());
        assertThat(course.second).as("the row after the sleep, too").isGreaterThan(slow());
        assertThat(host.serverStarts(driver.instance()) - course.startsBefore).isEqualTo(2);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static Duration slow() {
        return Duration.ofSeconds(START_SECONDS);
    }
}
