package dev.haulout.operator.desired;

import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real server with a certificate, as an instance's pod runs it. Asked through the real command line client. */
public final class TlsServer implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final CertificateAuthority authority = CertificateAuthority.make(Clock.systemUTC());
    private final Process process;

    /**
     * @param folder empty, with a short path
     * @param initSql what the server runs at its start
     */
    public TlsServer(Path folder, String initSql) throws IOException, InterruptedException {
        this.folder = folder;
        this.port = freePort();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("init.sql"), initSql);
        Files.writeString(folder.resolve("ca.crt"), authority.own().certificatePem());
        write("server", authority.issueServer("uid", List.of("shop")));
        write(CertificateAuthority.OPERATOR, authority.issueClient(CertificateAuthority.OPERATOR));
        write(CertificateAuthority.GATEWAY, authority.issueClient(CertificateAuthority.GATEWAY));
        run("", asUser("mariadb-install-db", "--no-defaults", "--datadir=" + folder.resolve("data"), "--skip-test-db"));
        process = new ProcessBuilder(asUser(
                        "mariadbd",
                        "--no-defaults",
                        "--datadir=" + folder.resolve("data"),
                        "--socket=" + socket(),
                        "--pid-file=" + folder.resolve("data/pid"),
                        "--bind-address=127.0.0.1",
                        "--port=" + port,
                        "--skip-name-resolve",
                        "--ssl-cert=" + folder.resolve("server.crt"),
                        "--ssl-key=" + folder.resolve("server.key"),
                        "--ssl-ca=" + folder.resolve("ca.crt"),
                        "--plugin-load-add=simple_password_check",
                        "--innodb-buffer-pool-size=16M",
                        "--init-file=" + folder.resolve("init.sql")))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> call("SELECT 1", root()).equals("1\n"));
        } catch (RuntimeException e) {
            close();
            throw new IllegalStateException(Files.readString(folder.resolve("log")), e);
        }
    }

    /** Where it listens, on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** Who signed its certificate, which is that of the instance {@code uid}. */
    public CertificateAuthority authority() {
        return authority;
    }

    /** Waits for its end. */
    public boolean hasEnded() throws InterruptedException {
        return process.waitFor(30, TimeUnit.SECONDS);
    }

    /** Runs a script as root. */
    public String root(String sql) throws IOException, InterruptedException {
        return run(sql, root());
    }

    /**
     * Runs a statement over TCP.
     *
     * @param certificate the certificate to show
     * @return the rows, tabs between columns
     * @throws IOException with what the client says, when it fails
     */
    String query(String user, String certificate, String sql) throws IOException, InterruptedException {
        return run(
                sql,
                "mariadb",
                "--no-defaults",
                "--batch",
                "--skip-column-names",
                "--host=127.0.0.1",
                "--port=" + port,
                "--user=" + user,
                "--ssl-ca=" + folder.resolve("ca.crt"),
                "--ssl-cert=" + folder.resolve(certificate + ".crt"),
                "--ssl-key=" + folder.resolve(certificate + ".key"));
    }

    private Path socket() {
        return folder.resolve("data/s");
    }

    private String[] root() {
        return new String[] {
            "mariadb", "--no-defaults", "--batch", "--skip-column-names", "--user=root", "--socket=" + socket()
        };
    }

    private static String[] asUser(String... command) {
        return System.getProperty("user.name").equals("root")
                ? Stream.concat(Arrays.stream(command), Stream.of("--user=mysql"))
                        .toArray(String[]::new)
                : command;
    }

    private static String call(String sql, String... command) throws InterruptedException {
        try {
            return run(sql, command);
        } catch (IOException notYet) {
            return "";
        }
    }

    private static String run(String input, String... command) throws IOException, InterruptedException {
        Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = client.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (client.waitFor() != 0) {
            throw new IOException(said);
        }
        return said;
    }

    private void write(String name, KeyedCertificate certificate) throws IOException {
        Files.writeString(folder.resolve(name + ".crt"), certificate.certificatePem());
        Files.writeString(folder.resolve(name + ".key"), certificate.keyPem());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
