package dev.haulout.proxy.door;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static dev.haulout.proxy.backend.FakeServer.joined;
import static dev.haulout.proxy.backend.FakeServer.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.backend.FakeServer;
import dev.haulout.proxy.wake.Sleeper;
import dev.haulout.proxy.wake.StubServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that logged in and then say what no client says, and servers that answer out of turn. */
class OddClientTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private Sleeper sleeper;
    private SleeperDoor door;

    @BeforeEach
    void open() throws Exception {
        door = SleeperDoor.open(LONG);
        sleeper = door.sleeper();
    }

    @AfterEach
    void close() {
        door.close();
    }

    /** Whatever the command, it is answered or the connection ends; nothing hangs and nothing is lost. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyCommands(long seed) throws Exception {
        Random random = new Random(seed);
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            while (true) {
                int command = c.read()[0];
                if (command == 1) {
                    return;
                }
                if (command != 0x18 && command != 0x19) {
                    c.send(frame(1, "\u00ff\u0017\4#08S01unknown".getBytes(StandardCharsets.ISO_8859_1)));
                }
            }
        })) {
            sleeper.waker().succeed(new StubServer(server.address()));
            for (int round = 0; round < 20; round++) {
                try (Caller caller = new Caller(door.port())) {
                    caller.logIn();
                    for (int i = random.nextInt(5); i >= 0; i--) {
                        byte[] command = new byte[random.nextInt(40)];
                        random.nextBytes(command);
                        if (command.length > 0) {
                            command[0] = (byte) random.nextInt(0x12); // those behind include dumps, which have no end
                        }
                        caller.send(frame(random.nextInt(3) == 0 ? random.nextInt(256) : 0, command));
                    }
                    caller.send(frame(0, (byte) 1));
                    byte[] last = caller.readToTheEnd();
                    assertThat(last)
                            .as("no fault of ours")
                            .asString(StandardCharsets.ISO_8859_1)
                            .doesNotContain("fault");
                }
            }
        }
    }

    /** The server has had enough of a long statement before the client has said all of it: the rest is no command. */
    @Test
    void theRestOfALongStatementIsNoCommand() throws Exception {
        List<Integer> firstBytes = new CopyOnWriteArrayList<>();
        byte[] tooLong = frame(1, "\u00ff\u0081\4#08S01too long".getBytes(StandardCharsets.ISO_8859_1));
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            c.read();
            c.send(tooLong);
            firstBytes.add(c.read().length);
            byte[] next = c.read();
            firstBytes.add((int) next[0]);
            c.send(ok(1));
            c.read();
        })) {
            sleeper.waker().succeed(new StubServer(server.address()));
            try (Caller caller = new Caller(door.port())) {
                caller.logIn();
                byte[] first = new byte[0xffffff];
                first[0] = 3;
                caller.send(frame(0, first));
                assertThat(caller.read()).startsWith(0xff, 0x81, 4);

                caller.send(joined(frame(1, (byte) 0x0e), frame(0, (byte) 0x0e)));

                assertThat(caller.read()).as("answer to the ping").startsWith(0);
                assertThat(firstBytes).containsExactly(1, 0x0e);
            }
        }
    }

    /** The server gives its verdict on a file before the client has sent all of it: the rest is no command. */
    @Test
    void theRestOfAFileIsNoCommand() throws Exception {
        List<Integer> lengths = new CopyOnWriteArrayList<>();
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            c.read();
            c.send(frame(1, (byte) 0xfb, (byte) 'f'));
            c.send(frame(2, "\u00ff\u0081\4#08S01enough".getBytes(StandardCharsets.ISO_8859_1)));
            for (int i = 0; i < 3; i++) {
                lengths.add(c.read().length);
            }
            c.send(ok(1));
            c.read();
        })) {
            sleeper.waker().succeed(new StubServer(server.address()));
            try (Caller caller = new Caller(door.port())) {
                caller.logIn();
                caller.send(frame(0, "\3LOAD DATA LOCAL INFILE 'f' INTO TABLE t".getBytes(StandardCharsets.US_ASCII)));
                assertThat(caller.read()).startsWith(0xfb);
                assertThat(caller.read()).startsWith(0xff);

                // a file whose text looks like COM_QUIT
                caller.send(joined(frame(2, (byte) 1), frame(3), frame(0, (byte) 0x0e)));

                assertThat(caller.read()).as("answer to the ping").startsWith(0);
                assertThat(lengths).containsExactly(1, 0, 1);
            }
        }
    }

    /**
     * The server dies in the middle of an answer: the client is not left waiting, and is told why where it would understand
     * an error. Among column definitions it would not.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 9, 10, 19})
    void aServerThatDiesWithinAnAnswerEndsTheSession(int bytes) throws Exception {
        byte[] answer = joined(
                frame(1, (byte) 1), frame(2, (byte) 3), frame(3, (byte) 0xfe, (byte) 0, (byte) 0, (byte) 2, (byte) 0));
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            c.read();
            c.send(Arrays.copyOf(answer, bytes));
        })) {
            sleeper.waker().succeed(new StubServer(server.address()));
            try (Caller caller = new Caller(door.port())) {
                caller.logIn();

                caller.send(frame(0, "\3SELECT * FROM t".getBytes(StandardCharsets.US_ASCII)));

                byte[] received = caller.readToTheEnd();
                if (bytes == 0 || bytes == 19) {
                    assertThat(received).asString(StandardCharsets.ISO_8859_1).contains("is unknown");
                } else {
                    assertThat(received).startsWith(Arrays.copyOf(answer, bytes));
                }
            }
        }
    }
}
