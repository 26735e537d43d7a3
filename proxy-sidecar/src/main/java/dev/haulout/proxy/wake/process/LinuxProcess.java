package dev.haulout.proxy.wake.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A process of this host as {@code /proc} tells it. A process id alone is used again sooner or later; with the moment of
 * its start it is not.
 *
 * @param pid its id
 * @param startTicks when it started, in clock ticks since the host's boot
 */
record LinuxProcess(long pid, long startTicks) {
    private static final Path PROC = Path.of("/proc");

    // Fields of /proc/PID/stat after the command's closing parenthesis, see proc_pid_stat(5).
    private static final int STATE = 0;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int START_TICKS = 19;

    /** The process that has this id now; empty when there is none or it has ended and only awaits its parent. */
    static Optional<LinuxProcess> of(long pid) {
        return stat(pid).map(fields -> new LinuxProcess(pid, Long.parseLong(fields.get(START_TICKS))));
    }

    /** A process whose command line has this argument. Looks at every process of the host. */
    static Optional<LinuxProcess> withArgument(String argument) throws IOException {
        try (Stream<Path> entries = Files.list(PROC)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .flatMap(name -> of(Long.parseLong(name)).stream())
                    .filter(process -> process.hasArgument(argument))
                    .findFirst();
        }
    }

    /** Whether it has not ended. One that ended but was not waited for by its parent has ended. */
    boolean alive() {
        return of(pid).equals(Optional.of(this));
    }

    /** Whether it is held by a stop signal or a debugger and so cannot do anything, not even end. */
    boolean stopped() {
        return stat(pid)
                .filter(fields -> fields.get(STATE).equalsIgnoreCase("T"))
                .isPresent();
    }

    /** Whether its command line has this argument. */
    boolean hasArgument(String argument) {
        return read("cmdline")
                .filter(line -> List.of(line.split("\0")).contains(argument))
                .isPresent();
    }

    /** Resident memory in bytes; empty when it has ended. */
    OptionalLong residentBytes() {
        return read("status").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst();
    }

    /** Changes whenever it used the processor, read or wrote: equal twice means that it did nothing in between. */
    String activity() {
        String ticks = stat(pid)
                .map(fields -> fields.get(USER_TICKS) + "+" + fields.get(SYSTEM_TICKS))
                .orElse("");
        return ticks + " " + read("io").orElse("");
    }

    private static Optional<List<String>> stat(long pid) {
        return new LinuxProcess(pid, 0)
                .read("stat")
                .map(line -> List.of(line.substring(line.lastIndexOf(')') + 2).split(" ")))
                .filter(fields ->
                        !fields.get(STATE).equals("Z") && !fields.get(STATE).equals("X"));
    }

    /** Empty when the process is gone or the kernel does not show us this. */
    private Optional<String> read(String file) {
        try {
            byte[] content = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve(file));
            return content.length == 0 ? Optional.empty() : Optional.of(new String(content, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
