package dev.haulout.e2e.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** HAProxy, relaying TCP to a server's unix socket, with as many threads as there are processors. */
final class HaProxy implements AutoCloseable {
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final long BETWEEN_TRIES_NANOS = 10_000_000;

    private final Process process;
    private final Path log;

    private HaProxy(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param folder for its configuration and what it says
     */
    static HaProxy start(Path folder, InetSocketAddress listen, Path server) throws IOException {
        Path config = folder.resolve("haproxy.cfg");
        Files.writeString(config, """
                global
                  nbthread %1$d
                  maxconn 4000
                defaults
                  mode tcp
                  timeout connect 10s
                  timeout client 1h
                  timeout server 1h
                listen relay
                  bind 127.0.0.1:%2$d
                  server db unix@%3$s
                """.formatted(Runtime.getRuntime().availableProcessors(), listen.getPort(), server));
        Path log = folder.resolve("haproxy.log");
        Process process = new ProcessBuilder(List.of("haproxy", "-db", "-f", config.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        HaProxy started = new HaProxy(process, log);
        System.out.println("haproxy: haproxy -db -f " + config.getFileName() + ", which says:");
        System.out.println(Files.readString(config).indent(4).stripTrailing());
        started.awaitListening(listen);
        return started;
    }

    private void awaitListening(InetSocketAddress listen) throws IOException {
        long began = System.nanoTime();
        while (true) {
            try {
                RawClient.connect(listen).close();
                return;
            } catch (IOException notYet) {
                if (!process.isAlive() || System.nanoTime() - began > PATIENCE_NANOS) {
                    process.destroyForcibly();
                    throw new IOException("haproxy does not listen; it says:\n" + Files.readString(log), notYet);
                }
                LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
            }
        }
    }

    /** Its process. */
    RunningProcess process() {
        return new RunningProcess(process.pid());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
