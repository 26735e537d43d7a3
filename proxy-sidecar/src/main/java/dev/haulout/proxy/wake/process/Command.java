package dev.haulout.proxy.wake.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Runs a short program to its end. */
final class Command {
    /**
     * Variables that mean something to us or to systemd and would mislead a server we start: it would report readiness
     * in our name, take our sockets or read other options.
     */
    private static final Pattern MISLEADING =
            Pattern.compile("NOTIFY_SOCKET|LISTEN_.*|WATCHDOG_.*|(MYSQL|MARIADB)_.*|UMASK|UMASK_DIR");

    private Command() {}

    /**
     * How a program ended.
     *
     * @param status its exit status
     * @param lines what it wrote to its standard output and error
     */
    record Outcome(int status, List<String> lines) {}

    /**
     * Runs a program to its end; an interrupt ends it too.
     *
     * @param input the file it reads as its standard input
     * @throws IOException when it cannot be started
     */
    static Outcome run(List<String> command, Path input) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectInput(input.toFile());
        clean(builder.environment());
        Process process = builder.start();
        try (BufferedReader output = process.inputReader()) {
            List<String> lines = output.lines().toList();
            return new Outcome(process.waitFor(), lines);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs a program that reads nothing. */
    static Outcome run(List<String> command) throws IOException, InterruptedException {
        return run(command, Path.of("/dev/null"));
    }

    /** Takes out of an environment what a server must not inherit from us. */
    static void clean(Map<String, String> environment) {
        environment.keySet().removeIf(name -> MISLEADING.matcher(name).matches());
    }
}
