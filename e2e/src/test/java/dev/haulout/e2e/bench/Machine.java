package dev.haulout.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a measurement ran, without which its figures say little. */
final class Machine {
    private Machine() {}

    /** Processors, their load before the measurement, and the Java that runs it. */
    static String describe() throws IOException {
        String[] load = Files.readString(Path.of("/proc/loadavg")).split(" ");
        return Runtime.getRuntime().availableProcessors() + " processors, load " + load[0]
                + " over the last minute and "
                + load[1] + " over five, Linux " + System.getProperty("os.version") + ", Java "
                + System.getProperty("java.version");
    }
}
