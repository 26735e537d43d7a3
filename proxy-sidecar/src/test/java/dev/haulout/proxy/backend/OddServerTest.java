package dev.haulout.proxy.backend;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static dev.haulout.proxy.backend.FakeServer.joined;
import static dev.haulout.proxy.backend.FakeServer.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.SqlError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a server says or leaves out, whoever asked for the connection hears exactly once how it went. */
class OddServerTest {
    private static final byte[] RESULT = joined(
            frame(1, (byte) 1),
            frame(2, ascii("\3def\0\0\0\0011\0\014\77\0\1\0\0\0\3\1\0\0\0\0")),
            frame(3, ascii("\0011")),
            frame(4, (byte) 0xfe, (byte) 0, (byte) 0, (byte) 2, (byte) 0, (byte) 0, (byte) 0));

    private static EventLoopGroup loops;

    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<BackendConnection> ready = new CompletableFuture<>();

    @BeforeAll
    static void start() {
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    }

    @AfterAll
    static void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Notes who is told what. */
    private final class Ears implements BackendConnection.Entrance, BackendConnection.Owner {
        @Override
        public void loggedIn(BackendConnection connection, ByteBuf ok) {
            heard.add("logged in");
            ready.complete(connection);
        }

        @Override
        public void refused(SqlError error) {
            heard.add("refused " + error.code());
        }

        @Override
        public void failed(IOException cause) {
            heard.add("failed: " + cause.getMessage());
        }

        @Override
        public void relay(ByteBuf bytes) {
            heard.add("relay " + bytes.readableBytes());
            bytes.release();
        }

        @Override
        public void relayed() {}

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {
            heard.add("closed");
        }
    }

    private String login(FakeServer server) throws InterruptedException {
        return login(server, 30_000);
    }

    private String login(FakeServer server, long loginMillis) throws InterruptedException {
        Ears ears = new Ears();
        BackendConnection.open(
                loops.next(),
                server.address(),
                Optional.empty(),
                BackendLogin.service("u", "p"),
                ears,
                ears,
                loginMillis);
        return next();
    }

    private String next() throws InterruptedException {
        return heard.poll(15, TimeUnit.SECONDS);
    }

    /** Everything that was to happen on the loop has. */
    private void assertNothingMoreIsHeard() {
        loops.next().submit(() -> {}).syncUninterruptibly();
        assertThat(heard).isEmpty();
    }

    static Stream<Integer> placesInAGreeting() {
        return IntStream.range(0, FakeServer.GREETING.length).boxed();
    }

    @ParameterizedTest
    @MethodSource("placesInAGreeting")
    void closingWithinTheGreetingFailsTheLogin(int bytes) throws Exception {
        try (FakeServer server = new FakeServer(c -> c.send(Arrays.copyOf(FakeServer.GREETING, bytes)))) {
            assertThat(login(server)).startsWith("failed: the server closed the connection during login");
            assertNothingMoreIsHeard();
        }
    }

    /** A whole frame that holds less than a greeting does. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 30, 40, 58})
    void aShortGreetingFailsTheLogin(int length) throws Exception {
        byte[] payload = Arrays.copyOfRange(FakeServer.GREETING, 4, 4 + length);
        try (FakeServer server = new FakeServer(c -> {
            c.send(frame(0, payload));
            c.read();
        })) {
            assertThat(login(server)).startsWith("failed: the server sent a malformed packet");
            assertNothingMoreIsHeard();
        }
    }

    @Test
    void anErrorInPlaceOfTheGreetingIsTheServersRefusal() throws Exception {
        try (FakeServer server = new FakeServer(c -> c.send(frame(0, ascii("\u00ff\u0010\4Too many connections"))))) {
            assertThat(login(server)).isEqualTo("refused 1040");
            assertNothingMoreIsHeard();
        }
    }

    static Stream<byte[]> verdictsThatAreNone() {
        return Stream.of(
                frame(2),
                frame(2, (byte) 0),
                frame(2, new byte[] {0, 0, 0}),
                frame(2, new byte[] {0, 0, 0, 2}),
                frame(2, new byte[] {0, (byte) 0xff, 0, 2, 0, 0, 0}),
                frame(2, (byte) 1),
                frame(2, (byte) 0xff),
                frame(2, (byte) 0xfe),
                frame(2, ascii("\u00fecaching_sha2_password\0abc")),
                frame(2, ascii("\u00femysql_native_password\0short")),
                frame(2, (byte) 0x77),
                new byte[] {-1, -1, -1, 2, 0},
                new byte[] {1, 0, 1, 2});
    }

    @ParameterizedTest
    @MethodSource("verdictsThatAreNone")
    void anOddVerdictFailsTheLogin(byte[] verdict) throws Exception {
        try (FakeServer server = new FakeServer(c -> {
            c.send(FakeServer.GREETING);
            c.read();
            c.send(verdict);
            c.read();
        })) {
            assertThat(login(server)).startsWith("failed: the server ");
            assertNothingMoreIsHeard();
        }
    }

    @Test
    void aServerThatSaysNothingFailsTheLoginInTime() throws Exception {
        try (FakeServer server = new FakeServer(FakeServer.Connection::read)) {
            assertThat(login(server, 50)).isEqualTo("failed: the server did not complete the login within 50 ms");
            assertNothingMoreIsHeard();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void garbageIsHeardOfOnce(long seed) throws Exception {
        for (int round = 0; round < 20; round++) {
            Random random = new Random(seed * 1000 + round);
            byte[] garbage = new byte[random.nextInt(600)];
            random.nextBytes(garbage);
            boolean afterGreeting = random.nextBoolean();
            try (FakeServer server = new FakeServer(c -> {
                if (afterGreeting) {
                    c.send(FakeServer.GREETING);
                    c.read();
                }
                c.send(garbage);
            })) {
                assertThat(login(server)).startsWith("failed: ");
                assertNothingMoreIsHeard();
            }
        }
    }

    /** A farewell right behind the verdict is no answer to the first statement. */
    @Test
    void whatFollowsTheLoginsVerdictIsNoAnswer() throws Exception {
        try (FakeServer server = new FakeServer(c -> {
            c.send(FakeServer.GREETING);
            c.read();
            c.send(joined(ok(2), frame(0, ascii("\u00ff\u0087\7#70100killed"))));
            c.read();
            c.send(RESULT);
            c.read();
        })) {
            login(server);

            assertThat(query("SELECT 1")).isEqualTo(List.of(List.of("1")));
        }
    }

    private Object query(String sql) throws Exception {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        BackendConnection connection = ready.get(30, TimeUnit.SECONDS);
        loops.next()
                .execute(() -> connection.query(
                        sql, result -> answer.complete(result.error() == null ? result.text() : result.error())));
        Thread.ofVirtual().start(() -> {
            try {
                String instead = heard.take();
                answer.complete(instead.equals("logged in") ? heard.take() : instead);
            } catch (InterruptedException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer.get(30, TimeUnit.SECONDS);
    }

    static Stream<byte[]> answersThatAreNone() {
        return Stream.of(
                joined(frame(1, (byte) 0xfb, (byte) '/')),
                joined(frame(1), frame(2), frame(3, new byte[] {-2, 0, 0, 2, 0})),
                // more columns than memory
                joined(frame(1, new byte[] {-2, -1, -1, -1, 127, 0, 0, 0, 0}), frame(2, (byte) 0xff, (byte) 1, (byte)
                        1)),
                // a row of two cells where one was announced short
                joined(frame(1, (byte) 2), frame(2, (byte) 3), frame(3, (byte) 3), frame(4, ascii("\0011")), end(5)),
                joined(frame(1, (byte) 1), frame(2, (byte) 3), frame(3, ascii("\0121")), end(4)));
    }

    private static byte[] end(int sequence) {
        return frame(sequence, new byte[] {-2, 0, 0, 2, 0, 0, 0});
    }

    @ParameterizedTest
    @MethodSource("answersThatAreNone")
    void anOddAnswerToAStatementOfOursEndsTheConnection(byte[] answer) throws Exception {
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            c.read();
            c.send(answer);
            c.read();
        })) {
            assertThat(login(server)).isEqualTo("logged in");

            assertThat(query("SELECT 1")).isEqualTo("closed");
            assertNothingMoreIsHeard();
        }
    }

    /** Its owner may make a server say anything, and this memory is everybody's. */
    @Test
    void anAnswerWithoutEndEndsTheConnection() throws Exception {
        byte[] row = frame(4, new byte[1 << 20]);
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            c.read();
            c.send(joined(frame(1, (byte) 1), frame(2, (byte) 3)));
            while (true) {
                c.send(row);
            }
        })) {
            assertThat(login(server)).isEqualTo("logged in");

            assertThat(query("SELECT 1")).isEqualTo("closed");
        }
    }

    static Stream<Integer> placesInAnAnswer() {
        return IntStream.range(0, RESULT.length).boxed();
    }

    @ParameterizedTest
    @MethodSource("placesInAnAnswer")
    void closingWithinAnAnswerIsToldToTheOwner(int bytes) throws Exception {
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            c.read();
            c.send(Arrays.copyOf(RESULT, bytes));
        })) {
            assertThat(login(server)).isEqualTo("logged in");

            assertThat(query("SELECT 1")).isEqualTo("closed");
            assertNothingMoreIsHeard();
        }
    }

    /** What a server says behind an answer belongs to no command of the client's. */
    @Test
    void aFarewellBehindAnAnswerIsNotRelayed() throws Exception {
        byte[] farewell = frame(0, ascii("\u00ff\u0087\7#70100killed"));
        try (FakeServer server = new FakeServer(c -> {
            c.logIn();
            c.read();
            c.send(joined(RESULT, farewell));
        })) {
            assertThat(login(server)).isEqualTo("logged in");
            BackendConnection connection = ready.get();

            loops.next().execute(() -> {
                connection.forward(Command.QUERY);
                connection.write(Unpooled.wrappedBuffer(frame(0, ascii("\3SELECT 1"))));
                connection.flush();
            });

            int relayed = 0;
            for (String word = next(); !word.equals("closed"); word = next()) {
                relayed += Integer.parseInt(word.substring("relay ".length()));
            }
            assertThat(relayed).isEqualTo(RESULT.length);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
