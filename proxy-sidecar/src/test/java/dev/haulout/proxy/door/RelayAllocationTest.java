package dev.haulout.proxy.door;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static dev.haulout.proxy.backend.FakeServer.joined;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.haulout.proxy.backend.FakeServer;
import dev.haulout.proxy.wake.StubServer;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.EventExecutor;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the relay allocates, counted by the Java virtual machine on the event loops' threads. */
class RelayAllocationTest {
    private static final int WARM_UP = 20_000;
    private static final int COUNTED = 10_000;

    /** Two small objects for the session's states, and what the event loop has for a round of its own. */
    private static final int MOST_PER_STATEMENT = 100;

    private static final int ROWS = 20_000;
    private static final byte[] END = {(byte) 0xfe, 0, 0, 2, 0};
    private static final byte[] QUERY = frame(0, text("\3SELECT c FROM sbtest1 WHERE id=5003"));
    private static final byte[] EXECUTE = frame(0, new byte[] {0x17, 1, 0, 0, 0, 0, 1, 0, 0, 0});

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    private final List<Long> loops = new ArrayList<>();
    private SleeperDoor door;

    @BeforeEach
    void open() throws Exception {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // it allocates for each buffer
        door = SleeperDoor.open(Duration.ofSeconds(60));
        for (EventExecutor loop : door.sleeper().loops()) {
            loops.add(loop.submit(() -> Thread.currentThread().threadId()).get());
        }
    }

    @AfterEach
    void close() {
        door.close();
        ResourceLeakDetector.setLevel(level);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Column count, a definition, its end, so many rows, their end. */
    private static byte[] resultSet(int rows) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(joined(frame(1, (byte) 1), frame(2, text("\3def")), frame(3, END)));
        for (int i = 0; i < rows; i++) {
            all.writeBytes(frame(4 + i, text("\120" + "x".repeat(80))));
        }
        all.writeBytes(frame(4 + rows, END));
        return all.toByteArray();
    }

    private long allocated() {
        return loops.stream().mapToLong(threads::getThreadAllocatedBytes).sum();
    }

    private static FakeServer server(byte[] answer) throws Exception {
        return new FakeServer(c -> {
            c.logIn();
            while (true) {
                byte[] command = c.read();
                c.send(command[0] == 0x16 ? frame(1, new byte[] {0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) : answer);
            }
        });
    }

    private double perRound(byte[] command, int answerLength, int warmUp, int counted) throws Exception {
        try (Caller caller = new Caller(door.port())) {
            caller.logIn();
            caller.send(frame(0, text("\26SELECT 1 FROM t")));
            caller.read();
            for (int i = 0; i < warmUp; i++) {
                caller.send(command);
                caller.skip(answerLength);
            }
            long before = allocated();
            for (int i = 0; i < counted; i++) {
                caller.send(command);
                caller.skip(answerLength);
            }
            return (allocated() - before) / (double) counted;
        }
    }

    @Test
    void aStatementAllocatesNextToNothing() throws Exception {
        byte[] answer = resultSet(1);
        try (FakeServer server = server(answer)) {
            door.sleeper().waker().succeed(new StubServer(server.address()));

            double text = perRound(QUERY, answer.length, WARM_UP, COUNTED);
            double prepared = perRound(EXECUTE, answer.length, WARM_UP, COUNTED);

            System.out.printf("bytes allocated: %.1f per text, %.1f per execution%n", text, prepared);
            assertThat(text).isLessThan(MOST_PER_STATEMENT);
            assertThat(prepared).isLessThan(MOST_PER_STATEMENT);
        }
    }

    @Test
    void aRowAllocatesNothing() throws Exception {
        byte[] answer = resultSet(ROWS);
        try (FakeServer server = server(answer)) {
            door.sleeper().waker().succeed(new StubServer(server.address()));

            double perRow = perRound(QUERY, answer.length, 100, 100) / ROWS;

            System.out.printf("bytes allocated: %.3f per row%n", perRow);
            assertThat(perRow).isLessThan(0.1);
        }
    }
}
