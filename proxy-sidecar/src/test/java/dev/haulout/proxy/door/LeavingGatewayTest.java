package dev.haulout.proxy.door;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static dev.haulout.proxy.backend.FakeServer.joined;
import static dev.haulout.proxy.backend.FakeServer.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.backend.FakeServer;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.wake.Sleeper;
import dev.haulout.proxy.wake.StubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A sidecar's door before a gateway that says, at moments of the test's choosing, what gateways say between answers. */
class LeavingGatewayTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final byte[] LEAVING = notice("{\"leaving\":true,\"unheardOf\":[1]}");
    private static final byte[] OK = FakeServer.frame(1, new byte[] {0, 0, 0, 2, 0, 0, 0});

    private final List<String> ran = new CopyOnWriteArrayList<>();
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

    /** Until then a statement could be on its way to a gateway that is gone, and its outcome be unknown. */
    private void awaitLoss() {
        await().atMost(LONG)
                .until(() -> sleeper.instance().participants().stream()
                        .allMatch(session -> session.backendId().isEmpty()));
    }

    private static byte[] notice(String json) {
        return frame(0, json.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] query(String sql) {
        return frame(0, ("\3" + sql).getBytes(StandardCharsets.UTF_8));
    }

    private static String asked(FakeServer.Connection connection) throws IOException {
        byte[] command = connection.read();
        if (command[0] != 3) {
            throw new IOException("no statement");
        }
        return new String(command, 1, command.length - 1, StandardCharsets.UTF_8);
    }

    /** The first gateway answers once and then does as told; every other answers all. */
    private FakeServer gateways(FakeServer.Script first) throws IOException {
        AtomicInteger visits = new AtomicInteger();
        FakeServer gateways = new FakeServer(c -> {
            c.logIn();
            if (visits.getAndIncrement() == 0) {
                first.talk(c);
                return;
            }
            while (true) {
                ran.add(asked(c));
                c.send(ok(1));
            }
        });
        sleeper.waker().succeed(StubServer.gateway(gateways.address()));
        return gateways;
    }

    /** How the gateway's farewell reaches the sidecar. */
    enum Arrival {
        /** After the statement that it does not run. */
        ALONE,
        /** In one piece with the answer before, so that it is there before the statement is. */
        WITH_THE_ANSWER,
        /** Cut in the middle of its header. */
        IN_PIECES
    }

    @ParameterizedTest
    @EnumSource
    void aStatementThatCrossesTheFarewellRunsAtAnotherGatewayAndOnce(Arrival arrival) throws Exception {
        try (FakeServer gateways = gateways(c -> {
                    ran.add(asked(c));
                    switch (arrival) {
                        case ALONE -> {
                            c.send(OK);
                            c.read();
                            c.send(LEAVING);
                        }
                        case WITH_THE_ANSWER -> c.send(joined(OK, LEAVING));
                        case IN_PIECES -> {
                            c.send(OK);
                            c.read();
                            c.send(Arrays.copyOf(LEAVING, 3));
                            c.send(Arrays.copyOfRange(LEAVING, 3, LEAVING.length));
                        }
                    }
                    c.read(); // until the sidecar closes
                });
                Caller caller = new Caller(door.port())) {
            caller.logIn();
            caller.send(query("SELECT 1 FROM a"));
            assertThat(caller.read()).startsWith(0);

            caller.send(query("SELECT 2 FROM a"));

            assertThat(caller.read()).startsWith(0);
            assertThat(ran).containsExactly("SELECT 1 FROM a", "SELECT 2 FROM a");
            caller.send(frame(0, (byte) 1));
        }
    }

    /** Every gateway has an id of its own for a statement. */
    @Test
    void anExecutionThatCrossesTheFarewellRunsWithTheNextGatewaysId() throws Exception {
        AtomicInteger visits = new AtomicInteger();
        List<Integer> executed = new CopyOnWriteArrayList<>();
        try (FakeServer gateways = new FakeServer(c -> {
                    c.logIn();
                    int id = visits.getAndIncrement() == 0 ? 77 : 5;
                    while (true) {
                        byte[] command = c.read();
                        if (command[0] == Command.STMT_PREPARE) {
                            c.send(frame(1, new byte[] {0, (byte) id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
                        } else if (id == 77) {
                            c.send(LEAVING);
                        } else {
                            executed.add((int) command[1]);
                            c.send(ok(1));
                        }
                    }
                });
                Caller caller = new Caller(door.port())) {
            sleeper.waker().succeed(StubServer.gateway(gateways.address()));
            caller.logIn();
            caller.send(frame(0, "\26DO SLEEP(0)".getBytes(StandardCharsets.US_ASCII)));
            byte[] prepared = caller.read();
            byte[] execute = {Command.STMT_EXECUTE, prepared[1], prepared[2], prepared[3], prepared[4], 0, 1, 0, 0, 0};

            caller.send(frame(0, execute));

            assertThat(caller.read()).startsWith(0);
            assertThat(executed).containsExactly(5);
            caller.send(frame(0, (byte) 1));
        }
    }

    @Test
    void whatNobodyKnowsOfTheSessionEndsIt() throws Exception {
        try (FakeServer gateways = gateways(c -> {
                    ran.add(asked(c));
                    c.send(joined(OK, LEAVING));
                    c.read();
                });
                Caller caller = new Caller(door.port())) {
            caller.logIn();
            caller.send(query("INSERT INTO a VALUES (1)")); // a trigger may have done anything
            assertThat(caller.read()).startsWith(0);

            caller.send(query("SELECT 2 FROM a"));

            assertThat(new String(caller.read(), StandardCharsets.UTF_8))
                    .contains("#70100Connection was killed: the gateway ended, and with it state that only it knew");
            assertThat(caller.readToTheEnd()).isEmpty();
            assertThat(ran).containsExactly("INSERT INTO a VALUES (1)");
        }
    }

    /** A gateway answers BEGIN itself where the server sleeps, and may do so while it is about to leave. */
    @Test
    void aTransactionThatHasJustBegunBeginsAtTheNextGateway() throws Exception {
        byte[] begun = frame(1, new byte[] {0, 0, 0, 3, 0, 0, 0});
        try (FakeServer gateways = gateways(c -> {
                    ran.add(asked(c));
                    c.send(OK);
                    asked(c);
                    c.send(joined(begun, LEAVING));
                    c.read();
                });
                Caller caller = new Caller(door.port())) {
            caller.logIn();
            for (String sql : List.of("SELECT 1 FROM a", "BEGIN", "INSERT INTO a VALUES (1)")) {
                caller.send(query(sql));
                assertThat(caller.read()).startsWith(0);
            }

            assertThat(ran).containsExactly("SELECT 1 FROM a", "BEGIN", "INSERT INTO a VALUES (1)");
            caller.send(frame(0, (byte) 1));
        }
    }

    /** What ran in a transaction was rolled back with it. */
    @Test
    void aTransactionInWhichSomethingRanIsLost() throws Exception {
        byte[] inTransaction = frame(1, new byte[] {0, 0, 0, 3, 0, 0, 0});
        try (FakeServer gateways = gateways(c -> {
                    for (int i = 0; i < 3; i++) {
                        ran.add(asked(c));
                        c.send(i == 0 ? OK : inTransaction);
                    }
                }); // and is killed
                Caller caller = new Caller(door.port())) {
            caller.logIn();
            for (String sql : List.of("SELECT 1 FROM a", "BEGIN", "SELECT 2 FROM a")) {
                caller.send(query(sql));
                assertThat(caller.read()).startsWith(0);
            }

            awaitLoss();
            caller.send(query("SELECT 3 FROM a"));

            assertThat(new String(caller.readToTheEnd(), StandardCharsets.UTF_8))
                    .contains("the gateway ended, and with it an open transaction");
        }
    }

    @Test
    void whatTheGatewayHasToldOfTheSessionIsSaidToTheNext() throws Exception {
        String set = Base64.getEncoder().encodeToString("SET @a = 1".getBytes(StandardCharsets.UTF_8));
        byte[] told = notice("{\"session\":{\"database\":\"shop\",\"statements\":[\"" + set + "\"],\"variables\":{}}}");
        try (FakeServer gateways = gateways(c -> {
                    ran.add(asked(c));
                    c.send(joined(OK, told)); // and is killed
                });
                Caller caller = new Caller(door.port())) {
            caller.logIn();
            caller.send(query("INSERT INTO a VALUES (1)"));
            assertThat(caller.read()).startsWith(0);
            awaitLoss();

            caller.send(query("SELECT 2 FROM a"));

            assertThat(caller.read()).startsWith(0);
            assertThat(ran).containsExactly("INSERT INTO a VALUES (1)", "SET @a = 1", "SELECT 2 FROM a");
            caller.send(frame(0, (byte) 1));
        }
    }

    /** It is a plain server to those who do not ask for notices: there the same packet is nobody's answer. */
    @Test
    void aServerHasNoNotices() throws Exception {
        try (FakeServer server = new FakeServer(c -> {
                    c.logIn();
                    asked(c);
                    c.send(joined(OK, LEAVING));
                    ran.add(asked(c));
                    c.send(OK);
                    c.read();
                });
                Caller caller = new Caller(door.port())) {
            sleeper.waker().succeed(new StubServer(server.address()));
            caller.logIn();
            caller.send(query("SELECT 1 FROM a"));
            assertThat(caller.read()).startsWith(0);

            caller.send(query("SELECT 2 FROM a"));

            assertThat(caller.read()).startsWith(0);
            assertThat(ran).containsExactly("SELECT 2 FROM a");
            caller.send(frame(0, (byte) 1));
        }
    }
}
