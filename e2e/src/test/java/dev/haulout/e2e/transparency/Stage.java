package dev.haulout.e2e.transparency;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.host.InstanceStatus;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Where scripts are run: one instance, a copy of its folder as it was at first, and two ways to it. Directly, its server is
 * started as Haulout starts it, on the same folder, while no Haulout runs; at the door Haulout does. Every script finds the
 * instance as it was at first.
 */
final class Stage implements AutoCloseable {
    private static final String NAME = "stage";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration UNTIL_ASLEEP = Duration.ofSeconds(10);
    private static final long BETWEEN_LOOKS_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long ROOM = 2L << 30;

    /** As the suite's own runner sets its servers, as far as scripts depend on it; and nothing waits for the disk. */
    private static final List<String> MY_CNF = List.of(
            "character-set-server=latin1",
            "local-infile",
            "log-bin-trust-function-creators=1",
            "key_buffer_size=1M",
            "sort_buffer_size=256K",
            "max_heap_table_size=1M",
            "default-storage-engine=myisam",
            "use_stat_tables=preferably",
            "histogram_type=json_hb",
            "connect-timeout=60",
            "innodb_flush_method=nosync",
            "sync_frm=OFF");

    /** The accounts and databases that scripts expect. */
    private static final String SETTING = """
            ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING '';
            CREATE DATABASE test;
            CREATE DATABASE mtr;
            CREATE TABLE mtr.test_suppressions (pattern VARCHAR(255));
            CREATE PROCEDURE mtr.add_suppression(pattern VARCHAR(255))
                INSERT INTO mtr.test_suppressions VALUES (pattern);
            """;

    /** What a wake starts from, besides the data. */
    private static final List<String> KEPT = List.of("accounts.json", "learned.json", "event.json");

    private final HostProcess host;
    private final Path folder;
    private final Path pristine;
    private List<String> command;
    private Process server;

    private Stage(HostProcess host) {
        this.host = host;
        this.folder = host.instanceFolder(NAME);
        this.pristine = host.state().resolveSibling("pristine");
    }

    /** Makes the instance and copies it. */
    static Stage set() throws IOException, InterruptedException {
        HostProcess host = HostProcess.prepareIn(place());
        Stage stage = new Stage(host);
        boolean made = false;
        try {
            stage.make();
            made = true;
        } finally {
            if (!made) {
                host.close();
            }
        }
        return stage;
    }

    /** In memory where there is room: it is made anew hundreds of times. */
    private static Path place() throws IOException {
        return Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > ROOM
                ? MEMORY
                : Path.of("/tmp");
    }

    private void make() throws IOException, InterruptedException {
        host.instance(
                NAME,
                HostProcess.freePort(),
                "  sleep: {after: 100ms}",
                "  myCnf: |",
                MY_CNF.stream().map(line -> "    " + line + "\n").reduce("", String::concat));
        host.start();
        host.awaitAsleep(NAME);
        Path setting = Files.writeString(host.state().resolveSibling("setting.sql"), SETTING);
        Process client = new ProcessBuilder(
                        "mariadb", "--no-defaults", "--user=root", "--socket=" + host.unixDoor(NAME))
                .inheritIO()
                .redirectInput(setting.toFile())
                .start();
        while (client.isAlive()) {
            host.serverPids(NAME).stream().findFirst().ifPresent(this::remember);
            pause();
        }
        if (client.exitValue() != 0) {
            throw new IOException("the stage can't be set: mariadb ended with status " + client.exitValue());
        }
        host.awaitAsleep(NAME);
        host.stop();
        Files.createSymbolicLink(folder.resolve("std_data"), MysqlTest.home().resolve("std_data"));
        copy(folder, pristine);
    }

    private void remember(long pid) {
        try {
            List<String> arguments = Arrays.asList(
                    Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0"));
            if (arguments.size() > 1) {
                command = arguments;
            }
        } catch (IOException gone) {
            // it is looked at again
        }
    }

    private static void copy(Path from, Path to) throws IOException, InterruptedException {
        delete(to);
        Process copying = new ProcessBuilder("cp", "-a", "--reflink=auto", from.toString(), to.toString())
                .inheritIO()
                .start();
        if (copying.waitFor() != 0) {
            throw new IOException("cp -a " + from + " " + to + " failed, see above");
        }
    }

    /** Deletes a folder with all that is in it. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void pause() {
        LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
    }

    // ------------------------------------------------------------ directly

    /** Starts a server on the instance as it was at first; returns its socket. */
    Path freshServer() throws IOException, InterruptedException {
        stopServer();
        stopHost();
        copy(pristine, folder);
        server = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("mariadbd.log").toFile()))
                .start();
        Path socket = folder.resolve("run/db.sock");
        long began = System.nanoTime();
        while (!listens(socket)) {
            if (!server.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new IOException(
                        "the server does not listen; its log:\n" + Files.readString(folder.resolve("mariadbd.log")));
            }
            pause();
        }
        return socket;
    }

    private static boolean listens(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Without ceremony: nobody needs its data any more. */
    private void stopServer() throws InterruptedException {
        if (server != null) {
            server.destroyForcibly().waitFor();
            server = null;
        }
    }

    // ------------------------------------------------------------ at the door

    /** Lets the instance be as it was at first, asleep behind its door; returns the door. */
    Path freshDoor() throws IOException, InterruptedException {
        stopServer();
        boolean unchanged = host.isRunning() && sleepsSoon() && knowsNothingNew();
        if (!unchanged) {
            stopHost();
            copy(pristine, folder);
            host.start();
        } else {
            copy(pristine.resolve("data"), folder.resolve("data"));
        }
        return host.unixDoor(NAME);
    }

    private boolean sleepsSoon() {
        long began = System.nanoTime();
        while (!status().state().equals("Asleep")) {
            if (System.nanoTime() - began > UNTIL_ASLEEP.toNanos()) {
                return false;
            }
            pause();
        }
        return true;
    }

    private boolean knowsNothingNew() throws IOException {
        for (String name : KEPT) {
            Path now = folder.resolve(name);
            Path then = pristine.resolve(name);
            if (Files.exists(now) != Files.exists(then) || (Files.exists(now) && Files.mismatch(now, then) >= 0)) {
                return false;
            }
        }
        return true;
    }

    /** How the instance is, as the host tells. */
    InstanceStatus status() {
        return host.status(NAME);
    }

    /** Haulout's log. */
    Path log() {
        return host.log();
    }

    private void stopHost() throws InterruptedException {
        if (host.isRunning()) {
            host.stop();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            stopServer();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            host.close();
        }
    }
}
