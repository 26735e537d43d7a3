package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A mariadbd with a data directory of its own, on a unix socket and on 127.0.0.1, with TLS by a certificate of its own.
 * Its root logs in over the socket without a password.
 *
 * <p>The system property {@code mariadb.basedir} names another server than the installed one, unpacked with its
 * {@code bin}, {@code scripts} and {@code share}.
 */
public final class RealServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Path directory;
    private final int port;
    private final Process process;

    private RealServer(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    public static RealServer start(String... options) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(tool("mariadbd", "bin", "/usr/sbin")), "no mariadbd is installed");
        Path directory = Files.createTempDirectory("haulout-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            // A server that starts deletes what look like left-over temporary tables in /tmp: also those of others.
            Path temporary = Files.createDirectory(directory.resolve("tmp"));
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
            writeCertificate(directory);
            install(directory);
            return launch(directory, options);
        } catch (Exception | Error e) {
            delete(directory);
            throw e;
        }
    }

    private static void install(Path directory) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                tool("mariadb-install-db", "scripts", "/usr/bin").toString(),
                "--no-defaults",
                "--datadir=" + directory.resolve("data"),
                "--auth-root-authentication-method=normal",
                "--skip-test-db"));
        command.addAll(basedirOption());
        command.addAll(userOption());
        run(directory, command);
    }

    private static RealServer launch(Path directory, String... options) throws Exception {
        int port = freePort();
        Path data = directory.resolve("data");
        List<String> command = new ArrayList<>(List.of(
                tool("mariadbd", "bin", "/usr/sbin").toString(),
                "--no-defaults",
                "--datadir=" + data,
                "--tmpdir=" + directory.resolve("tmp"),
                "--socket=" + data.resolve("sock"),
                "--pid-file=" + data.resolve("pid"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--skip-name-resolve",
                "--skip-log-bin",
                "--innodb-buffer-pool-size=16M",
                "--innodb-flush-log-at-trx-commit=0",
                "--ssl-cert=" + directory.resolve("cert.pem"),
                "--ssl-key=" + directory.resolve("key.pem")));
        command.addAll(basedirOption());
        command.addAll(userOption());
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile())
                .start();
        RealServer started = new RealServer(directory, port, process);
        try {
            await().atMost(START_LIMIT).pollInterval(Duration.ofMillis(50)).until(started::answers);
            return started;
        } catch (RuntimeException | Error e) {
            String log = Files.readString(directory.resolve("server.log"));
            started.stop();
            throw new IllegalStateException("mariadbd did not start:\n" + log, e);
        }
    }

    private boolean answers() {
        assertThat(process.isAlive()).as("mariadbd runs").isTrue();
        try (RealClient client = root()) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public UnixDomainSocketAddress socket() {
        return UnixDomainSocketAddress.of(directory.resolve("data").resolve("sock"));
    }

    public InetSocketAddress tcp() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    RealClient root() throws IOException {
        return RealClient.connect(this, ClientHost.ofUnixSocket(), new RealClient.Options().user("root"));
    }

    /** Runs statements as root, each of which must succeed. */
    public void execute(String... statements) throws IOException {
        try (RealClient root = root()) {
            for (String statement : statements) {
                root.query(statement);
            }
        }
    }

    AccountBook book() throws IOException {
        try (RealClient root = root()) {
            return AccountBook.read(root::query);
        }
    }

    @Override
    public void close() throws IOException {
        stop();
        delete(directory);
    }

    private void stop() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static Path tool(String name, String folder, String installed) {
        String basedir = System.getProperty("mariadb.basedir");
        return basedir == null ? Path.of(installed, name) : Path.of(basedir, folder, name);
    }

    private static List<String> basedirOption() {
        String basedir = System.getProperty("mariadb.basedir");
        return basedir == null ? List.of() : List.of("--basedir=" + basedir);
    }

    private static List<String> userOption() {
        return "root".equals(System.getProperty("user.name")) ? List.of("--user=mysql") : List.of();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void writeCertificate(Path directory) throws Exception {
        Path store = directory.resolve("store.p12");
        run(
                directory,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit",
                        "-alias",
                        "server",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=server"));
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        writePem(
                directory.resolve("cert.pem"),
                "CERTIFICATE",
                keys.getCertificate("server").getEncoded());
        writePem(
                directory.resolve("key.pem"),
                "PRIVATE KEY",
                keys.getKey("server", "changeit".toCharArray()).getEncoded());
    }

    private static void writePem(Path file, String what, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, body, what));
    }

    private static void run(Path directory, List<String> command) throws Exception {
        Path log = directory.resolve("setup.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("TMPDIR", directory.resolve("tmp").toString());
        Process process = builder.start();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        assertThat(ended && process.exitValue() == 0)
                .as("%s succeeds: %s", command, Files.readString(log))
                .isTrue();
    }
}
