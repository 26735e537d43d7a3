package dev.haulout.proxy.lua.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL server of a test's own, on a unix socket and a TCP port of loopback. */
final class PostgresServer implements AutoCloseable {
    private final Path binaries;
    final Path folder;
    private final Path data;
    final int port;
    private Process process;

    private PostgresServer(Path binaries, Path folder, int port) {
        this.binaries = binaries;
        this.folder = folder;
        this.data = folder.resolve("data");
        this.port = port;
    }

    /** Where PostgreSQL is installed. */
    static Optional<Path> installed() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(versions)) {
            return all.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder());
        }
    }

    static PostgresServer start(Path binaries) throws Exception {
        Path folder = Files.createTempDirectory("pg");
        int port;
        try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        PostgresServer server = new PostgresServer(binaries, folder, port);
        try {
            if (isRoot()) {
                server.run(List.of("chown", "postgres", folder.toString()));
            }
            Path password = folder.resolve("password");
            Files.writeString(password, "sesame");
            password.toFile().setReadable(true, false);
            server.run(server.asUser(List.of(
                    binaries.resolve("initdb").toString(),
                    "-D",
                    server.data.toString(),
                    "-U",
                    "tester",
                    "--auth-local=trust",
                    "--auth-host=scram-sha-256",
                    "--pwfile=" + password,
                    "-E",
                    "UTF8",
                    "--no-sync",
                    "--locale=C")));
            server.up();
            return server;
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private List<String> asUser(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (isRoot()) {
            whole.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        whole.addAll(command);
        return whole;
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        Process run = new ProcessBuilder(command)
                .directory(new java.io.File("/"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        if (!run.waitFor(60, TimeUnit.SECONDS) || run.exitValue() != 0) {
            run.destroyForcibly();
            throw new IOException(command + " failed: " + Files.readString(log));
        }
    }

    /** Starts it (again). */
    void up() throws Exception {
        process = new ProcessBuilder(asUser(List.of(
                        binaries.resolve("postgres").toString(),
                        "-D",
                        data.toString(),
                        "-k",
                        folder.toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        String.valueOf(port),
                        "-F")))
                .directory(new java.io.File("/"))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Process ready;
        do {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IOException("postgres does not start: " + Files.readString(folder.resolve("log")));
            }
            ready = new ProcessBuilder(
                            binaries.resolve("pg_isready").toString(),
                            "-h",
                            folder.toString(),
                            "-p",
                            "" + port,
                            "-t",
                            "1")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } while (ready.waitFor() != 0);
    }

    /** Stops it at once, as "fast" does: connections are cut. */
    void down() throws InterruptedException {
        if (process != null) {
            new ProcessHandleInterrupt(process.toHandle()).send();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    /** SIGINT, which Java can't send. */
    private record ProcessHandleInterrupt(ProcessHandle handle) {
        void send() throws InterruptedException {
            try {
                new ProcessBuilder("kill", "-INT", String.valueOf(handle.pid()))
                        .start()
                        .waitFor();
            } catch (IOException e) {
                handle.destroy();
            }
        }
    }

    @Override
    public void close() throws Exception {
        down();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
