package dev.haulout.e2e.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server without Haulout: the same program with the same arguments as Haulout's own, on a copy of an instance's folder
 * made while it slept.
 */
final class BareServer {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long BETWEEN_TRIES_NANOS = 500_000;

    private final Path folder;
    private final List<String> command;
    private Process process;
    private Duration spawning = Duration.ZERO;

    private BareServer(Path folder, List<String> command) {
        this.folder = folder;
        this.command = command;
    }

    /** The arguments of a running process, as the kernel tells. */
    static List<String> argumentsOf(long pid) throws IOException {
        return Arrays.asList(
                Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0"));
    }

    /**
     * Copies an instance.
     *
     * @param instance the folder of an instance that sleeps
     * @param arguments of its server when it ran
     * @param copy where to; must not exist
     */
    static BareServer copyOf(Path instance, List<String> arguments, Path copy)
            throws IOException, InterruptedException {
        Process copying = new ProcessBuilder("cp", "-a", instance.toString(), copy.toString())
                .inheritIO()
                .start();
        if (copying.waitFor() != 0) {
            throw new IOException("cp -a " + instance + " " + copy + " failed, see above");
        }
        List<String> command = arguments.stream()
                .map(argument -> argument.replace(instance.toString(), copy.toString()))
                .toList();
        return new BareServer(copy, command);
    }

    /** How it is called. */
    List<String> command() {
        return command;
    }

    /** Its socket. */
    UnixDomainSocketAddress socket() {
        return socketIn(command);
    }

    /** The socket that a server of these arguments has. */
    static UnixDomainSocketAddress socketIn(List<String> arguments) {
        String option = "--socket=";
        return UnixDomainSocketAddress.of(arguments.stream()
                .filter(argument -> argument.startsWith(option))
                .map(argument -> argument.substring(option.length()))
                .findFirst()
                .orElseThrow());
    }

    /** Starts it and returns at once. */
    void start() throws IOException {
        long began = System.nanoTime();
        process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("mariadbd.log").toFile()))
                .start();
        spawning = Duration.ofNanos(System.nanoTime() - began);
    }

    /** How long Java took to fork and exec it the last time. */
    Duration spawning() {
        return spawning;
    }

    /** Connects as soon as it listens. */
    RawClient connect() throws IOException {
        long began = System.nanoTime();
        while (true) {
            try {
                return RawClient.connect(socket());
            } catch (IOException notYet) {
                if (!process.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
                    throw new IOException(
                            "the bare server does not listen; its log:\n"
                                    + Files.readString(folder.resolve("mariadbd.log")),
                            notYet);
                }
                LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
            }
        }
    }

    /** Shuts it down cleanly. */
    void stop() throws IOException, InterruptedException {
        if (process == null) {
            return;
        }
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("the bare server did not stop within " + PATIENCE.toSeconds() + " s; it was killed");
        }
    }
}
