package dev.haulout.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * {@code haulout sidecar} as a process of its own, before a door of a {@link HostProcess}, which stands for the gateway's.
 * Its Secret lies in a folder as the kubelet makes it. Closing it stops the program, removes the folder, and fails where
 * the log tells of lost buffers or faults.
 */
public final class SidecarProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final int gateway;
    private final int port;
    private final int httpPort;
    private Process process;
    private int version;

    private SidecarProcess(Path folder, int gateway) throws IOException {
        this.folder = folder;
        this.gateway = gateway;
        this.port = HostProcess.freePort();
        this.httpPort = HostProcess.freePort();
    }

    /**
     * Starts it, for the user {@code app} with the password {@code secret}, and waits until its doors are open.
     *
     * @param gateway the port of the gateway's door on the loopback address
     */
    public static SidecarProcess before(int gateway) throws IOException {
        SidecarProcess sidecar = prepare(gateway);
        sidecar.launch();
        sidecar.awaitReady();
        return sidecar;
    }

    /** The same, not started yet. */
    public static SidecarProcess prepare(int gateway) throws IOException {
        SidecarProcess sidecar = new SidecarProcess(Files.createTempDirectory(Path.of("/tmp"), "hl-sc"), gateway);
        sidecar.password("secret");
        return sidecar;
    }

    /** Puts a password into the Secret, as the kubelet does: a new folder, and the link {@code ..data} to it in one go. */
    public void password(String password) throws IOException {
        Path secret = Files.createDirectories(folder.resolve("app"));
        Path data = Files.createDirectory(secret.resolve("..version" + ++version));
        Map<String, String> keys = Map.of(
                "host", "127.0.0.1",
                "port", Integer.toString(gateway),
                "user", "app",
                "password", password,
                "database", "app");
        for (Map.Entry<String, String> key : keys.entrySet()) {
            Files.writeString(data.resolve(key.getKey()), key.getValue());
            Path visible = secret.resolve(key.getKey());
            if (!Files.isSymbolicLink(visible)) {
                Files.createSymbolicLink(visible, Path.of("..data", key.getKey()));
            }
        }
        Path link = Files.createSymbolicLink(secret.resolve("..data_tmp"), data.getFileName());
        Files.move(link, secret.resolve("..data"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Starts the program and does not wait for anything. */
    public void launch() throws IOException {
        List<String> command = new ArrayList<>(HostProcess.program(List.of()));
        command.addAll(List.of(
                "sidecar",
                "--verbose",
                "--listen",
                "127.0.0.1:" + port,
                "--listen",
                "unix:" + socket(),
                "--instance",
                folder.resolve("app").toString(),
                "--http-port",
                Integer.toString(httpPort)));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** Waits until its doors are open. */
    public void awaitReady() {
        Awaitility.await("haulout sidecar is ready; its log is " + log())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException(
                                "haulout sidecar ended with status " + process.exitValue() + ":\n" + logged());
                    }
                    return status("/readyz") == 200;
                });
    }

    /** The status with which a probe is answered; 0 when it is not. */
    public int status(String path) throws InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI page = URI.create("http://127.0.0.1:" + httpPort + path);
            return http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    /** The port of its TCP door on the loopback address. */
    public int port() {
        return port;
    }

    /** The path of its other door. */
    public Path socket() {
        return folder.resolve("mysql.sock");
    }

    /** The program's process. */
    public Process process() {
        return process;
    }

    private Path log() {
        return folder.resolve("log");
    }

    /** What the program has logged. */
    public String logged() throws IOException {
        return Files.readString(log());
    }

    @Override
    public void close() throws IOException {
        HostProcess.end(process);
        List<String> faults = HostProcess.faultsIn(log());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
        if (!faults.isEmpty()) {
            throw new AssertionError("the sidecar's log tells of faults of its own:\n" + String.join("\n", faults));
        }
    }
}
