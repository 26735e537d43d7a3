package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Connections in the middle of their lives, kept over sleep after sleep: each finds itself as it was, and the proxy does not
 * grow. For longer: {@code -Dhaulout.endurance.cycles=1000}.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS)
class EnduranceTest {
    private static final String NAME = "shop";
    private static final int CYCLES = Integer.getInteger("haulout.endurance.cycles", 20);
    private static final int CONNECTIONS = 50;

    /** So many take part in a cycle at once, as threads of an application would. */
    private static final int AT_ONCE = 10;

    /** What is compared with the end: by then everything has been loaded and compiled that is needed often. */
    private static final int FIRST = Math.max(2, CYCLES / 10);

    /** The proxy's own need of files varies a little. */
    private static final int FILES_EITHER_WAY = 5;

    /** Kilobytes. Code that is compiled late, and the like. */
    private static final long MOST_HEAP = 3L << 10;

    /** Kilobytes: the pool takes four megabytes at a time. */
    private static final long MOST_BUFFERS = 8L << 10;

    /** How much there is of everything, in kilobytes; of the heap after a collection, of buffers outside of it. */
    private record Need(long heap, long buffers, long resident, long files) {
        @Override
        public String toString() {
            return "heap %d KB, buffers %d KB, resident %d KB, files %d".formatted(heap, buffers, resident, files);
        }
    }

    @Test
    @SuppressWarnings("SystemOut") // the counts are what a run is for
    void connectionsOutliveManySleepsAndTheProxyDoesNotGrow() throws Exception {
        int port = HostProcess.freePort();
        // the usual detection of leaks, since the thorough one keeps records of every buffer
        try (HostProcess host = HostProcess.prepare(
                                "-Xmx96m", "-XX:NativeMemoryTracking=summary", "-Dio.netty.leakDetection.level=simple")
                        .instance(NAME, port, "  sleep: {after: 100ms}")
                        .start();
                ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            try (RawSession maker = new RawSession(address(port), RawSession.CLASSIC)) {
                maker.query("CREATE TABLE told (who INT, n INT, PRIMARY KEY (who, n))");
            }
            List<Resident> residents = new ArrayList<>();
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    residents.add(i % 2 == 0 ? new DriversResident(i, port) : new RawResident(i, address(port)));
                }
                long sleepsBefore = host.serverStarts(NAME);
                Need first = null;
                for (int cycle = 1; cycle <= CYCLES; cycle++) {
                    awaitAsleep(host);
                    if (cycle == FIRST) {
                        first = need(host);
                    }
                    int now = cycle;
                    all(threads, residents, resident -> resident.live(now));
                }
                host.awaitAsleep(NAME);
                Need last = need(host);
                long wakes = host.serverStarts(NAME) - sleepsBefore;
                long rows = 0;
                for (Resident resident : residents) {
                    rows += resident.rows();
                }
                String report =
                        "endurance: %d cycles, %d starts of the server, %d connections, %d statements, %d rows\n"
                                        .formatted(
                                                CYCLES,
                                                wakes,
                                                residents.size(),
                                                residents.stream()
                                                        .mapToLong(Resident::statements)
                                                        .sum(),
                                                rows)
                                + "  cycle " + FIRST + ": " + first + "\n  at the end: " + last;
                System.out.println(report);
                assertThat(wakes).as(report).isGreaterThanOrEqualTo(CYCLES);
                assertThat(rows).as(report).isEqualTo((long) CYCLES * CONNECTIONS);
                assertThat(last.files()).as(report).isLessThanOrEqualTo(first.files() + FILES_EITHER_WAY);
                assertThat(last.heap()).as(report).isLessThanOrEqualTo(first.heap() + MOST_HEAP);
                assertThat(last.buffers()).as(report).isLessThanOrEqualTo(first.buffers() + MOST_BUFFERS);
            } finally {
                for (Resident resident : residents) {
                    resident.close();
                }
            }
        }
    }

    private static void awaitAsleep(HostProcess host) {
        try {
            host.awaitAsleep(NAME);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("kept awake by " + host.status(NAME).why(), e);
        }
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private interface Life {
        void live(Resident resident) throws Exception;
    }

    private static void all(ExecutorService threads, List<Resident> residents, Life life) throws Exception {
        List<Callable<Void>> lives = new ArrayList<>();
        for (Resident resident : residents) {
            lives.add(() -> {
                life.live(resident);
                return null;
            });
        }
        for (Future<Void> done : threads.invokeAll(lives)) {
            done.get();
        }
    }

    // ------------------------------------------------------------ what the proxy needs

    /** Asleep, with all connections held, and after a collection. */
    private static Need need(HostProcess host) throws IOException, InterruptedException {
        long pid = host.process().pid();
        jcmd(pid, "GC.run");
        long heap = kilobytes(jcmd(pid, "GC.heap_info"), "(?:DefNew|Tenured) +total \\d+K, used (\\d+)K");
        long buffers = kilobytes(jcmd(pid, "VM.native_memory"), "Other \\(reserved=(\\d+)KB");
        long resident = kilobytes(Files.readString(proc(pid, "status")), "VmRSS:\\s+(\\d+) kB");
        try (Stream<Path> files = Files.list(proc(pid, "fd"))) {
            return new Need(heap, buffers, resident, files.count());
        }
    }

    private static Path proc(long pid, String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** The sum of all that match. */
    private static long kilobytes(String text, String pattern) {
        List<Long> found = Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> Long.valueOf(match.group(1)))
                .toList();
        assertThat(found).as("%s in %s", pattern, text).isNotEmpty();
        return found.stream().mapToLong(Long::longValue).sum();
    }
}
