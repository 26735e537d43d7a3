package dev.haulout.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the kernel says of a process, in {@code /proc}.
 *
 * @param pid its id
 */
record RunningProcess(long pid) {
    /** Of CPU time in {@code /proc/PID/stat}; USER_HZ is 100 on every Linux that Java runs on. */
    private static final Duration TICK = Duration.ofMillis(10);

    private static final String LISTEN = "0A";

    /** A line of {@code /proc/PID/status} in kilobytes, such as {@code VmRSS}. */
    long kilobytes(String field) throws IOException {
        try (Stream<String> lines = Files.lines(proc("status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** CPU time so far, user and system, of all its threads. */
    Duration cpu() throws IOException {
        String stat = Files.readString(proc("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return TICK.multipliedBy(Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
    }

    /** Its TCP sockets that listen, on other ports than {@code except}. Costly: looks at every descriptor. */
    int listening(int except) throws IOException {
        Set<String> own = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(proc("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    own.add(Files.readSymbolicLink(descriptor).toString());
                } catch (NoSuchFileException closedMeanwhile) {
                    continue;
                }
            }
        }
        return (int) listeningSockets()
                .filter(socket -> own.contains("socket:[" + socket.inode + "]") && socket.port != except)
                .count();
    }

    /** How many files and sockets it has open. Cheap. */
    int descriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(proc("fd"))) {
            return (int) descriptors.count();
        }
    }

    private record Socket(int port, String inode) {}

    private static Stream<Socket> listeningSockets() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            Path file = Path.of("/proc/net", table);
            for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
                String[] fields = line.strip().split("\\s+");
                if (fields[3].equals(LISTEN)) {
                    String local = fields[1];
                    sockets.add(
                            new Socket(Integer.parseInt(local.substring(local.lastIndexOf(':') + 1), 16), fields[9]));
                }
            }
        }
        return sockets.stream();
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }
}
