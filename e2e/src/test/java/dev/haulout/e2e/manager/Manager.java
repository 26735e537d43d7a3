package dev.haulout.e2e.manager;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A service manager that keeps a host's listening sockets ({@code e2e/manager/manager.py}: Java can't pass any on). Closing
 * it ends the host, and fails where that told of faults.
 */
final class Manager implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    private final HostProcess host;
    private final Process process;
    private final Writer orders;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    /** Keeps sockets at these addresses from now on; starts nothing yet. */
    Manager(HostProcess host, String... addresses) throws IOException {
        assumeTrue(Files.isExecutable(PYTHON), PYTHON + " is not installed");
        this.host = host;
        List<String> command = new ArrayList<>(
                List.of(PYTHON.toString(), Path.of("manager", "manager.py").toString()));
        command.addAll(List.of(addresses));
        command.add("--");
        command.addAll(host.command());
        this.process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(host.log().toFile()))
                .start();
        this.orders = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException e) {
            lines.add(e.toString());
        }
    }

    /** Starts the host and waits until it says that it is ready. */
    void start() throws IOException {
        long before = count("said READY=1");
        order("start");
        awaitLine("said READY=1", before + 1);
    }

    /** Has the host stop by SIGTERM and waits until it has ended; its status. */
    int terminate() throws IOException {
        long before = count("ended");
        order("term");
        awaitLine("ended", before + 1);
        String last = lines.stream()
                .filter(line -> line.startsWith("ended"))
                .reduce((one, other) -> other)
                .orElseThrow();
        return Integer.parseInt(last.substring("ended ".length()));
    }

    /** How often the host has said that, or ended. */
    long count(String line) {
        return lines.stream().filter(said -> said.startsWith(line)).count();
    }

    /** Waits until the host has said that so often. */
    void awaitLine(String line, long times) {
        await(line + " from the host; its log is " + host.log())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> count(line) >= times);
    }

    /** Its own process id, which is the host's parent's. */
    long pid() {
        return process.pid();
    }

    private void order(String what) throws IOException {
        orders.write(what + "\n");
        orders.flush();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        orders.close();
        process.waitFor();
        host.close();
    }
}
