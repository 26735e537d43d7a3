package dev.haulout.proxy.wake.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.durable.DurableFiles;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServiceAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A folder for instances on this host, whose servers are all ended when it is closed. */
final class Host implements AutoCloseable {
    private static final Path CACHE = newFolder("haulout-cache-");

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(CACHE)));
    }

    private final Path root = newFolder("haulout-host-");
    private final List<Path> disks = new ArrayList<>();
    private final List<InstanceFolder> folders = new ArrayList<>();

    private static Path newFolder(String prefix) {
        try {
            // Unlike JUnit's, the server's user can pass through it.
            return Files.createTempDirectory(
                    prefix, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void remove(Path folder) {
        try {
            DurableFiles.deleteTree(folder);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static boolean weAreRoot() {
        return System.getProperty("user.name").equals("root");
    }

    static ServerBinary binary() throws Exception {
        return ServerBinary.find(Optional.empty(), CACHE);
    }

    static ProcessSettings settings(String... myCnf) {
        return settings(Optional.empty(), Duration.ofSeconds(60), myCnf);
    }

    static ProcessSettings settings(Optional<ApplicationAccount> application, Duration patience, String... myCnf) {
        return new ProcessSettings(Optional.empty(), List.of(myCnf), application, CACHE, patience);
    }

    Path path() {
        return root;
    }

    InstanceFolder folder(String instance) {
        return folder(instance, root.resolve(instance));
    }

    InstanceFolder folder(String instance, Path path) {
        InstanceFolder folder = new InstanceFolder(instance, path);
        folders.add(folder);
        return folder;
    }

    /** A small disk of its own; skips the test where we may not mount one. */
    Path disk(String size) throws Exception {
        Path disk = Files.createDirectory(root.resolve("disk"));
        assumeThat(weAreRoot()
                        && Command.run(List.of(
                                                "mount",
                                                "-t",
                                                "tmpfs",
                                                "-o",
                                                "size=" + size + ",mode=711",
                                                "tmpfs",
                                                disk.toString()))
                                        .status()
                                == 0)
                .as("a disk can be mounted")
                .isTrue();
        disks.add(disk);
        return disk;
    }

    /** A stand-in for a server that does {@code shell} before it becomes the real one, which sees {@code "$@"}. */
    ServerBinary wrapped(String shell) throws Exception {
        ServerBinary real = binary();
        Path script = root.resolve("wrapped-mariadbd");
        Files.writeString(script, "#!/bin/sh\n" + shell + "\nexec " + real.executable() + " \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new ServerBinary(
                script, real.version(), real.share(), real.plugins(), real.locationOptions(), real.digest());
    }

    static String query(InstanceFolder folder, String user, String password, String sql) throws Exception {
        Command.Outcome outcome = ask(folder, user, password, sql);
        assertThat(outcome.status()).as("%s", outcome.lines()).isZero();
        return String.join("\n", outcome.lines());
    }

    static String query(Server server, InstanceFolder folder, String sql) throws Exception {
        ServiceAccount account = server.serviceAccount().orElseThrow();
        return query(folder, account.user(), account.password(), sql);
    }

    static String root(Server server, InstanceFolder folder, String sql) throws Exception {
        ServiceAccount account = ((ProcessServer) server).rootAccount();
        return query(folder, account.user(), account.password(), sql);
    }

    static Command.Outcome ask(InstanceFolder folder, String user, String password, String sql) throws Exception {
        Path beside = binary().executable().resolveSibling("mariadb");
        return Command.run(List.of(
                Files.isExecutable(beside) ? beside.toString() : "mariadb",
                "--no-defaults",
                "--skip-ssl",
                "--socket=" + folder.socket(),
                "--user=" + user,
                "--password=" + password,
                "--skip-column-names",
                "--batch",
                "--execute=" + sql));
    }

    static ProcessWaker waker(InstanceFolder folder) throws Exception {
        return new ProcessWaker(folder, binary(), settings());
    }

    static Server start(InstanceFolder folder) throws Exception {
        return waker(folder).start(phase -> {});
    }

    static void stop(Server server) throws Exception {
        server.terminate();
        server.ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** A proxy of its own that starts the server, prints its process id and stays. */
    static ProcessBuilder starter(InstanceFolder folder) throws Exception {
        return starter(folder, binary().executable());
    }

    static ProcessBuilder starter(InstanceFolder folder, Path binary) {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StarterMain.class.getName(),
                        folder.instance(),
                        folder.path().toString(),
                        binary.toString(),
                        CACHE.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    /** The process id that a {@link #starter} prints once its server is ready, among what it logs. */
    static long printedPid(Process starter) {
        return starter.inputReader()
                .lines()
                .filter(line -> line.matches("\\d+"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }

    static long count(Path folder, String prefix) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .count();
        }
    }

    static void signal(String signal, long pid) throws Exception {
        assertThat(Command.run(List.of("sh", "-c", "kill -" + signal + " " + pid))
                        .status())
                .isZero();
    }

    @Override
    public void close() throws Exception {
        for (InstanceFolder folder : folders) {
            Optional<LinuxProcess> left = LinuxProcess.withArgument(ServerCommand.dataArgument(folder));
            while (left.isPresent()) {
                ProcessHandle handle = ProcessHandle.of(left.get().pid()).orElseThrow();
                handle.destroyForcibly();
                handle.onExit().get();
                left = LinuxProcess.withArgument(ServerCommand.dataArgument(folder));
            }
        }
        for (Path disk : disks) {
            // The kernel may close a dead server's files a moment after its end (io_uring).
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(Command.run(List.of("umount", disk.toString()))
                                    .lines())
                            .isEmpty());
        }
        remove(root);
    }
}
