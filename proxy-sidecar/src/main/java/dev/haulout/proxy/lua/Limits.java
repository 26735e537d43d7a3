package dev.haulout.proxy.lua;

import java.time.Duration;

/**
 * What one task may use up. Time spent waiting does not count.
 *
 * @param instructions of the interpreter; library functions count by the work they do
 * @param running how long it may run in all
 * @param stringBytes the longest string it may make
 * @param allocatedBytes how much it may put into strings in all
 */
public record Limits(long instructions, Duration running, int stringBytes, long allocatedBytes) {
    /** For callbacks: 20 million instructions, 1 second, strings of 64 MiB, 1 GiB in all. */
    public static final Limits CALLBACK = new Limits(20_000_000, Duration.ofSeconds(1), 64 << 20, 1 << 30);

    /** For a script that is trusted to end: no bound but Java's own on strings. */
    public static final Limits NONE =
            new Limits(Long.MAX_VALUE / 2, Duration.ofDays(365), Integer.MAX_VALUE - 64, Long.MAX_VALUE / 2);
}
