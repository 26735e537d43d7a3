package dev.haulout.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern COMMAND =
            Pattern.compile("mariadb -h 127\\.0\\.0\\.1 -P (\\d+) -u demo -p(\\w+) --skip-ssl demo");

    private Path folder;
    private Process demo;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "hl-demo");
        Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void stop() throws Exception {
        if (demo != null) {
            demo.destroy();
            if (!demo.waitFor(60, TimeUnit.SECONDS)) {
                demo.destroyForcibly();
            }
        }
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            all.filter(handle -> commandLine(handle).contains("--datadir=" + folder))
                    .forEach(ProcessHandle::destroyForcibly);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                // whoever runs the tests in the background has SIGINT ignored, and children inherit that
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + temporary()));
        String embedded = System.getProperty("haulout.server.dir");
        if (embedded != null) {
            command.add("-Dhaulout.server.dir=" + embedded);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.haulout.proxy.cli.Main", "demo"));
        command.addAll(List.of(options));
        Files.createDirectories(temporary());
        Files.setPosixFilePermissions(
                temporary(), java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
        demo = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output().toFile())
                .start();
    }

    private Path temporary() {
        return folder.resolve("t");
    }

    private Path output() {
        return folder.resolve("output");
    }

    private String said() throws IOException {
        return Files.readString(output());
    }

    private void awaitSaid(String text) {
        Awaitility.await("the demo says " + text).atMost(PATIENCE).until(() -> {
            if (!demo.isAlive()) {
                throw new IllegalStateException("the demo ended: " + said());
            }
            return said().contains(text);
        });
    }

    private static String commandLine(ProcessHandle handle) {
        try {
            return Files.readString(Path.of("/proc/" + handle.pid() + "/cmdline"));
        } catch (IOException gone) {
            return "";
        }
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses();
                Stream<Path> files = Files.list(temporary())) {
            assertThat(all.filter(handle -> commandLine(handle).contains("--datadir=" + folder)))
                    .isEmpty();
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("haulout")))
                    .isEmpty();
        }
    }

    @Test
    void onceWakesThriceAndPasses() throws Exception {
        start("--once", "--sleep-after", "500ms");

        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertThat(said())
                .contains("first query    its row after")
                .contains("same client    its row after")
                .contains("new client     its row after")
                .contains("passed");
        assertThat(demo.exitValue()).isZero();
        assertNothingIsLeft();
    }

    @Test
    void showsALoginTheWakeAndTheSleep() throws Exception {
        start("--sleep-after", "1s");
        awaitSaid("Ctrl-C ends the demo");
        Matcher command = COMMAND.matcher(said());
        assertThat(command.find()).isTrue();

        try (Connection connection = DriverManager.getConnection(
                "jdbc:mariadb://127.0.0.1:" + command.group(1) + "/demo", "demo", command.group(2))) {
            awaitSaid("login          accepted by the door; the server sleeps on");
            connection.createStatement().execute("CREATE TABLE t (a INT)");
            awaitSaid("first row after");
            awaitSaid("its memory is free; 1 client stays connected");
        }

        assertThat(said().split("demand ", -1)).as("demands told").hasSize(2);
        assertThat(said()).as("plain text where it is no terminal").doesNotContain("\033");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void signalsLeaveNothingBehind(String signal) throws Exception {
        start("--sleep-after", "1h");
        awaitSaid("preparing"); // so that the signal comes in the midst of the first start

        new ProcessBuilder("kill", "-" + signal, Long.toString(demo.pid()))
                .start()
                .waitFor();

        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isZero();
        assertNothingIsLeft();
    }

    @Test
    void wrongDurationIsMisuse() throws Exception {
        start("--sleep-after", "soon");

        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertThat(demo.exitValue()).isEqualTo(2);
        assertThat(said()).contains("--sleep-after").contains("soon");
    }
}
