package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * However much passes a door, the proxy has no more of it in its memory than a few buffers; seen in {@code /proc}. The blob
 * has {@code -Dhaulout.test.blob=1000} million bytes if one likes.
 */
@Timeout(300)
class BackPressureTest {
    private static final String NAME = "shop";
    private static final long BLOB = Long.getLong("haulout.test.blob", 200) * 1_000_000;

    /** More than the proxy's own ups and downs, and less than any of what passes. */
    private static final long MOST_KILOBYTES = 64 << 10;

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static HostProcess host;
    private static InetSocketAddress door;

    @BeforeAll
    static void start() throws IOException {
        int port = HostProcess.freePort();
        door = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        host = HostProcess.prepare("-Xmx64m", "-Xms64m", "-XX:+AlwaysPreTouch")
                .instance(NAME, port, "  sleep: {after: 1h}", "  myCnf: max_allowed_packet = 1G")
                .start();
        try (RawSession session = session()) {
            session.ask("SELECT REPEAT('x', 1000) FROM seq_1_to_100000"); // whatever it needs it has then
            session.countRows();
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    private static RawSession session() throws IOException {
        return new RawSession(door, RawSession.CLASSIC);
    }

    private static long kilobytes(String field) throws IOException {
        try (Stream<String> lines = Files.lines(proc("status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Path proc(String file) {
        return Path.of("/proc", Long.toString(host.process().pid()), file);
    }

    /** The highest it has been since {@link #forgetPeak}. */
    private static long peak() throws IOException {
        return kilobytes("VmHWM");
    }

    private static void forgetPeak() throws IOException {
        Files.writeString(proc("clear_refs"), "5");
    }

    @Test
    void aClientThatStopsReadingCostsABuffer() throws Exception {
        forgetPeak();
        long before = kilobytes("VmRSS");
        try (RawSession stuck = session();
                RawSession other = session()) {
            stuck.ask("SELECT REPEAT('x', 1000) FROM seq_1_to_10000000"); // 10 GB
            stuck.readBytes(10_000_000);
            awaitWritingToNet(other);

            assertThat(other.query("SELECT 1")).as("others go on").contains("0131");
            assertThat(peak() - before).as("kilobytes").isLessThan(MOST_KILOBYTES);

            stuck.readBytes(100_000_000);
            assertThat(peak() - before).as("kilobytes").isLessThan(MOST_KILOBYTES);
        }
    }

    /** The server waits to be rid of what it has. */
    private static void awaitWritingToNet(RawSession other) {
        await().atMost(PATIENCE).until(() -> {
            long[] waiting = new long[2];
            for (int i = 0; i < 2; i++) {
                other.ask("SELECT 1 FROM information_schema.processlist WHERE state = 'Writing to net' AND time_ms > "
                        + 100 * i);
                waiting[i] = other.countRows()[0];
            }
            return waiting[0] == 1 && waiting[1] == 1;
        });
    }

    @Test
    void aMillionRowsPassInConstantMemory() throws Exception {
        forgetPeak();
        long before = kilobytes("VmRSS");
        try (RawSession session = session()) {
            session.ask("SELECT seq, REPEAT('x', 100) FROM seq_1_to_1000000");

            assertThat(session.countRows()[0]).isEqualTo(1_000_000);
        }
        assertThat(peak() - before).as("kilobytes").isLessThan(MOST_KILOBYTES);
    }

    @Test
    void aBlobPassesInConstantMemoryInBothDirections() throws Exception {
        forgetPeak();
        long before = kilobytes("VmRSS");
        try (RawSession session = session()) {
            session.longQuery("SELECT LENGTH('", BLOB, "')");
            assertThat(session.results(0)).contains(hex(Long.toString(BLOB)));

            session.ask("SELECT REPEAT('x', " + BLOB + ")");
            assertThat(session.countRows()[1]).isGreaterThan(BLOB);
        }
        assertThat(peak() - before).as("kilobytes").isLessThan(MOST_KILOBYTES);
    }

    private static String hex(String text) {
        return text.chars()
                .collect(StringBuilder::new, (hex, c) -> hex.append(Integer.toHexString(c)), StringBuilder::append)
                .toString();
    }
}
