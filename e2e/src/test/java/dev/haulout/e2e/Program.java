package dev.haulout.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that was run to its end.
 *
 * @param status its exit status
 * @param out what it wrote to either output
 */
public record Program(int status, String out) {
    private static final long LIMIT_SECONDS = 120;

    public static Program run(List<String> command) throws IOException, InterruptedException {
        return run(command, "");
    }

    /** @param input for the program to read */
    public static Program run(List<String> command, String input) throws IOException, InterruptedException {
        Path out = Files.createTempFile("hl-out", null);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException endedWithoutReading) {
                // its exit status tells
            }
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " did not end; so far: " + Files.readString(out));
            }
            return new Program(process.exitValue(), Files.readString(out));
        } finally {
            Files.delete(out);
        }
    }

    /** {@code haulout} with these arguments. */
    public static Program haulout(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.haulout.proxy.cli.Main"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    /** Whether such a program lies on the path. */
    public static boolean exists(String name) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (folder.startsWith("/") && Files.isExecutable(Path.of(folder, name))) {
                return true;
            }
        }
        return false;
    }
}
