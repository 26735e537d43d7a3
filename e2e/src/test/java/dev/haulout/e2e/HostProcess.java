package dev.haulout.e2e;

import dev.haulout.proxy.host.AdminSocket;
import dev.haulout.proxy.host.HostOptions;
import dev.haulout.proxy.host.InstanceStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * {@code haulout host} as a process of its own, on a folder of manifests and a state of its own. Closing it stops the
 * program and every server it left behind, removes the folder, and fails where the log tells of lost buffers or faults.
 */
public final class HostProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Two who ask one after the other get two. */
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    /** How much of the log is told after a fault: enough of a stack trace to find it. */
    private static final int FAULT_LINES = 20;

    private final Path folder;
    private final List<String> jvmOptions;
    private final List<String> options = new ArrayList<>();
    private Process process;
    private int metricsPort;

    private HostProcess(Path folder, List<String> jvmOptions) {
        this.folder = folder;
        this.jvmOptions = jvmOptions;
    }

    /** A host that is not started yet, with no manifests. */
    public static HostProcess prepare(String... jvmOptions) throws IOException {
        return prepareIn(Path.of("/tmp"), jvmOptions);
    }

    /** The same with its folder, and its instances, in {@code parent}. */
    public static HostProcess prepareIn(Path parent, String... jvmOptions) throws IOException {
        Path folder = Files.createTempDirectory(parent, "hl-e2e");
        // the server's user must be able to pass through
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        Files.createDirectory(folder.resolve("m"));
        return new HostProcess(folder, List.of(jvmOptions));
    }

    /** A free TCP port on the loopback address. */
    public static int freePort() throws IOException {
        while (true) {
            int port = 12_000 + RANDOM.nextInt(20_000); // below those that outgoing connections get
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (GIVEN.add(port)) {
                    return socket.getLocalPort();
                }
            } catch (BindException taken) {
                // another is tried
            }
        }
    }

    /**
     * Writes a manifest: database {@code app}, user {@code app}, password {@code secret}, a TCP door and a unix door.
     *
     * @param name the instance's
     * @param port of the TCP door on 127.0.0.1
     * @param spec more lines of the spec, indented by two spaces, such as {@code "  sleep: {after: 1s}"}
     */
    public HostProcess instance(String name, int port, String... spec) throws IOException {
        Files.writeString(manifests().resolve(name + ".yaml"), """
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: %1$s}
                spec:
                  database: app
                  user: app
                  passwordSecret: {name: %1$s-app}
                  host:
                    listen: ["127.0.0.1:%2$d", "unix:%3$s"]
                %4$s
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: %1$s-app}
                stringData: {password: secret}
                """.formatted(
                        name, port, unixDoor(name), String.join("\n", spec)));
        return this;
    }

    /** Calls the program with these options too. */
    public HostProcess options(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    /** Where the unix door of {@link #instance} is. */
    public Path unixDoor(String name) {
        return folder.resolve(name + ".sock");
    }

    /** The folder of manifests. */
    public Path manifests() {
        return folder.resolve("m");
    }

    /** The program's state. */
    public Path state() {
        return folder.resolve("s");
    }

    /** The instance's own folder. */
    public Path instanceFolder(String name) {
        return state().resolve("instances/default").resolve(name);
    }

    /** The program's log. */
    public Path log() {
        return folder.resolve("log");
    }

    /** Where metrics are served, once started. */
    public int metricsPort() {
        return metricsPort;
    }

    /** The program's process. */
    public Process process() {
        return process;
    }

    /** Starts the program and waits until it answers; a second call after {@link #kill} starts it again. */
    public HostProcess start() throws IOException {
        launch();
        Awaitility.await("haulout host answers; its log is " + log())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("haulout host ended with status " + process.exitValue() + ":\n"
                                + Files.readString(log()));
                    }
                    return answers();
                });
        return this;
    }

    /** Starts the program and does not wait for anything. */
    public void launch() throws IOException {
        process = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** How the program is called, for those who start it in another way. Its output belongs into {@link #log}. */
    public List<String> command() throws IOException {
        metricsPort = freePort();
        List<String> command = new ArrayList<>(program(jvmOptions));
        command.addAll(List.of(
                "host",
                "--verbose",
                "--manifests",
                manifests().toString(),
                "--state",
                state().toString(),
                "--metrics",
                "127.0.0.1:" + metricsPort));
        command.addAll(options);
        return command;
    }

    /** The launcher, which becomes the program, where it has told us where it is; else Java on our own class path. */
    static List<String> program(List<String> jvmOptions) {
        String launcher = System.getProperty("haulout.launcher");
        if (launcher != null && jvmOptions.isEmpty()) {
            return List.of(launcher);
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dio.netty.allocator.type=pooled",
                "-Dio.netty.leakDetection.level=paranoid"));
        String embedded = System.getProperty("haulout.server.dir");
        if (embedded != null) {
            command.add("-Dhaulout.server.dir=" + embedded);
        }
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.haulout.proxy.cli.Main"));
        return command;
    }

    /** Whether it has been started and has not ended. */
    public boolean isRunning() {
        return process != null && process.isAlive();
    }

    private boolean answers() {
        try {
            AdminSocket.status(HostOptions.adminSocket(state()));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** How the instance is. */
    public InstanceStatus status(String name) {
        try {
            return AdminSocket.status(HostOptions.adminSocket(state())).stream()
                    .filter(status -> status.name().equals("default/" + name))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until no server runs for the instance, by the proxy's word and by the process table's. */
    public void awaitAsleep(String name) {
        Awaitility.await(name + " asleep; the log is " + log())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> status(name).state().equals("Asleep")
                        && serverPids(name).isEmpty());
    }

    /** The processes that run on the instance's data directory, as the kernel tells. */
    public List<Long> serverPids(String name) {
        return pidsWith("--datadir=" + instanceFolder(name).resolve("data"));
    }

    /** The servers of all instances. */
    public List<Long> serverPids() {
        return pidsWith("--datadir=" + folder);
    }

    private static List<Long> pidsWith(String argument) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.map(ProcessHandle::pid)
                    .filter(pid -> commandLine(pid).contains(argument))
                    .toList();
        }
    }

    /** How often the instance's server said that it is ready, in its own log. */
    public long serverStarts(String name) throws IOException {
        Path log = instanceFolder(name).resolve("mariadbd.log");
        if (!Files.exists(log)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("ready for connections")).count();
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
        } catch (IOException gone) {
            return "";
        }
    }

    /** Kills the program with SIGKILL; servers run on. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops the program with SIGTERM, and its servers with it. */
    public void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    /** Asks it to read the manifests again. */
    public void reload() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
    }

    @Override
    public void close() throws IOException {
        end(process);
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            all.filter(handle -> commandLine(handle.pid()).contains("--datadir=" + folder))
                    .forEach(ProcessHandle::destroyForcibly);
        }
        List<String> faults = faultsIn(log());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
        if (!faults.isEmpty()) {
            throw new AssertionError("the program's log tells of faults of its own:\n" + String.join("\n", faults));
        }
    }

    /** Ends a program of ours by SIGTERM, and by SIGKILL when that does not; null for one that was never started. */
    static void end(Process process) {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Lost buffers and unexpected exceptions, whatever the test was about. */
    static List<String> faultsIn(Path log) throws IOException {
        if (!Files.exists(log)) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(log);
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains("LEAK:") || lines.get(i).contains("a fault of ours")) {
                faults.addAll(lines.subList(i, Math.min(i + FAULT_LINES, lines.size())));
            }
        }
        return faults;
    }
}
