package dev.haulout.e2e.drivers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One client program that runs, spoken to as {@code e2e/drivers/README.md} says. Closing it ends it in any case. */
final class Client implements AutoCloseable {
    /** Far beyond what anything here takes, for machines with much else to do. */
    private static final long PATIENCE_SECONDS = 60;

    private static final String ENDED = "(the program ended)";

    private final String driver;
    private final Path errors;
    private final Process process;
    private final Writer input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Client(String driver, ProcessBuilder builder, Path errors) throws IOException {
        this.driver = driver;
        this.errors = errors;
        this.process = builder.redirectError(errors.toFile()).start();
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            lines.add(e.toString());
        }
        lines.add(ENDED);
    }

    /** The next line the program prints. */
    String line() throws IOException, InterruptedException {
        String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null || line.equals(ENDED)) {
            throw new AssertionError(driver + " printed no line " + (line == null ? "in time" : "and ended") + ": "
                    + Files.readString(errors));
        }
        return line;
    }

    /** Has it run a SELECT, and gives the first value of the result. */
    String ask(String sql) throws IOException, InterruptedException {
        try {
            input.write(sql + "\n");
            input.flush();
        } catch (IOException ended) {
            throw new AssertionError(driver + " ended: " + Files.readString(errors), ended);
        }
        return line();
    }

    /** Tells it that there is no more to do; its exit status. */
    int finish() throws IOException, InterruptedException {
        input.close();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError(driver + " does not end: " + Files.readString(errors));
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
