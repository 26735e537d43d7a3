package dev.haulout.proxy.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The {@code mariadb} command line client as a process, told statements and read line by line. */
final class DemoClient implements AutoCloseable {
    private final Process process;
    private final long startedNanos = System.nanoTime();
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringBuilder said = new StringBuilder();

    DemoClient(Path program, Demo demo) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        program.toString(),
                        "--no-defaults",
                        "--host=127.0.0.1",
                        "--port=" + demo.port(),
                        "--protocol=TCP",
                        "--user=" + Demo.NAME,
                        "--skip-ssl",
                        "--batch",
                        "--skip-column-names",
                        "--unbuffered",
                        Demo.NAME))
                .redirectErrorStream(true);
        builder.environment().put("MYSQL_PWD", demo.password()); // not among the arguments, which everybody can see
        process = builder.start();
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            reader.lines().forEach(line -> {
                synchronized (said) {
                    said.append(line).append(' ');
                }
                lines.add(line);
            });
        } catch (IOException | UncheckedIOException ended) {
            lines.add("its output ended: " + ended.getMessage());
        }
    }

    /** Milliseconds since it was started. */
    double age() {
        return (System.nanoTime() - startedNanos) / 1e6;
    }

    /** Says {@code sql} and waits for a line; the milliseconds from one to the other, or empty when it did not come. */
    Optional<Double> ask(String sql, String row, Duration patience) throws InterruptedException {
        long began = System.nanoTime();
        long deadline = began + patience.toNanos();
        try {
            process.outputWriter(StandardCharsets.UTF_8)
                    .append(sql)
                    .append('\n')
                    .flush();
        } catch (IOException ended) {
            return Optional.empty();
        }
        while (true) {
            String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null || line.startsWith("ERROR")) {
                return Optional.empty();
            }
            if (line.equals(row)) {
                return Optional.of((System.nanoTime() - began) / 1e6);
            }
        }
    }

    /** Whether it has ended by itself. */
    boolean hasEnded() {
        return !process.isAlive();
    }

    /** All that it wrote. */
    String said() {
        synchronized (said) {
            return said.toString().strip();
        }
    }

    /** Lets it quit, as at the end of its input. */
    @Override
    public void close() throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
