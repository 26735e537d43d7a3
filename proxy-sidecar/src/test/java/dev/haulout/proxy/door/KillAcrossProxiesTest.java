package dev.haulout.proxy.door;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.backend.ServiceConnection;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.session.KillAnswer;
import dev.haulout.proxy.session.KillOrder;
import dev.haulout.proxy.session.OtherProxies;
import dev.haulout.proxy.sql.RealServer;
import dev.haulout.proxy.wake.Participant;
import dev.haulout.proxy.wake.Power;
import dev.haulout.proxy.wake.StubServer;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two proxies before one server, and KILL at one of them with ids that the other has given. */
class KillAcrossProxiesTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static RealServer server;

    private final List<ServiceConnection> connections = new ArrayList<>();
    private final Neighbour neighbour = new Neighbour();
    private ServiceConnection root;
    private SleeperDoor here;
    private SleeperDoor there;

    /** Asks the proxy there, at once or when the test says so. */
    private final class Neighbour implements OtherProxies {
        private final AtomicInteger asked = new AtomicInteger();
        private final BlockingQueue<Runnable> withheld = new LinkedBlockingQueue<>();
        private volatile boolean slow;

        @Override
        public void kill(KillOrder order, Consumer<KillAnswer> then) {
            asked.incrementAndGet();
            Runnable answer = () -> order.carryOut(there.sleeper().instance(), then);
            if (slow) {
                withheld.add(answer);
            } else {
                Thread.ofVirtual().start(answer);
            }
        }

        /** The question that has been asked, to be answered by whoever runs it. */
        Runnable question() throws InterruptedException {
            Runnable answer = withheld.poll(LONG.toSeconds(), TimeUnit.SECONDS);
            assertThat(answer).as("somebody asks").isNotNull();
            return answer;
        }
    }

    @BeforeAll
    static void startServer() {
        server = RealServer.startOne("--proxy-protocol-networks=localhost", "--skip-name-resolve");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static SocketAddress address() {
        return new DomainSocketAddress(server.socket().toFile());
    }

    @BeforeEach
    void open() throws Exception {
        here = SleeperDoor.open(LONG, ConnectionIds.of("here"), neighbour);
        there = SleeperDoor.open(LONG, ConnectionIds.of("there"), OtherProxies.NONE);
        root = connect(address(), "root", "");
        root.query("CREATE OR REPLACE USER haulout@localhost");
        root.query("GRANT ALL ON *.* TO haulout@localhost");
        for (String user : List.of("app", "other", "admin")) {
            root.query("CREATE OR REPLACE USER " + user + "@'%' IDENTIFIED BY 'secret'");
            root.query("GRANT PROCESS ON *.* TO " + user + "@'%'");
        }
        root.query("GRANT CONNECTION ADMIN ON *.* TO admin@'%'");
        for (SleeperDoor door : List.of(here, there)) {
            door.sleeper().waker().succeed(new StubServer(address()));
            door.sleeper().instance().wakeToLearn();
            await().atMost(LONG).until(() -> door.sleeper().instance().power() instanceof Power.Awake);
            await("its accounts are learnt")
                    .atMost(LONG)
                    .until(() -> door.sleeper()
                            .instance()
                            .learned()
                            .accounts()
                            .account("admin", "%")
                            .isPresent());
        }
    }

    @AfterEach
    void close() {
        connections.forEach(ServiceConnection::close);
        here.close();
        there.close();
    }

    private ServiceConnection connect(SocketAddress to, String user, String password) throws Exception {
        ServiceConnection connection =
                ServiceConnection.open(here.sleeper().loops().next(), to, Optional.empty(), user, password, LONG);
        connections.add(connection);
        return connection;
    }

    private ServiceConnection connect(SleeperDoor door, String user) throws Exception {
        return connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port()), user, "secret");
    }

    /** With a session that has no connection to the server. */
    private ServiceConnection held(SleeperDoor door, String user) throws Exception {
        ServiceConnection connection = connect(door, user);
        park(participant(door, connection.id()));
        return connection;
    }

    private static Participant participant(SleeperDoor door, long id) {
        return door.sleeper().instance().participants().stream()
                .filter(one -> one.describe().contains("(session " + id + ")"))
                .findFirst()
                .orElseThrow();
    }

    private static void park(Participant participant) throws Exception {
        CompletableFuture<Participant.Reply> reply = new CompletableFuture<>();
        participant.park(reply::complete);
        assertThat(reply.get(60, TimeUnit.SECONDS)).isEqualTo(new Participant.Reply.Parked());
    }

    private static CompletableFuture<List<List<String>>> query(ServiceConnection connection, String sql) {
        CompletableFuture<List<List<String>>> rows = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                rows.complete(connection.query(sql));
            } catch (IOException | InterruptedException e) {
                rows.completeExceptionally(e);
            }
        });
        return rows;
    }

    private void awaitRunning(String sql) {
        await().atMost(LONG)
                .until(() -> root.query(
                                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO = '" + sql + "'")
                        .equals(List.of(List.of("1"))));
    }

    private static void assertInterrupted(CompletableFuture<List<List<String>>> statement) {
        assertThatThrownBy(() -> statement.get(60, TimeUnit.SECONDS)).hasMessageContaining("1317");
    }

    private static void assertKilled(ServiceConnection victim, String how) {
        assertThatThrownBy(() -> victim.query("SELECT 1 + 1"))
                .hasMessageContaining("1927")
                .hasMessageContaining(how);
    }

    // ---------------------------------------------------------------- who and whom

    @Test
    void aRunningStatementIsInterrupted() throws Exception {
        ServiceConnection victim = connect(there, "app");
        CompletableFuture<List<List<String>>> slept = query(victim, "SELECT SLEEP(61)");
        awaitRunning("SELECT SLEEP(61)");

        connect(here, "app").query("KILL QUERY " + victim.id());

        assertInterrupted(slept);
        assertThat(victim.query("SELECT 2 + 2")).isEqualTo(List.of(List.of("4")));
    }

    @Test
    void aKillerWithoutAConnectionGetsOneWhereTheServerDecides() throws Exception {
        ServiceConnection victim = connect(there, "app");
        CompletableFuture<List<List<String>>> slept = query(victim, "SELECT SLEEP(62)");
        awaitRunning("SELECT SLEEP(62)");

        held(here, "app").query("KILL QUERY " + victim.id());

        assertInterrupted(slept);
    }

    @Test
    void aConnectionEndsByTheCommand() throws Exception {
        ServiceConnection victim = connect(there, "app");
        try (Caller killer = new Caller(here.port())) {
            killer.logIn();

            killer.send(frame(0, processKill(victim.id())));

            assertThat(killer.read()).startsWith(0);
        }
        await("the connection's end")
                .atMost(LONG)
                .until(() -> participant(there, victim.id()).backendId().isEmpty());
        assertKilled(victim, "it was killed");
    }

    private static byte[] processKill(long id) {
        return ByteBuffer.allocate(5)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) Command.PROCESS_KILL)
                .putInt((int) id)
                .array();
    }

    @Test
    void heldSessionsAreKilledByTheirOwnAndByAdmins() throws Exception {
        ServiceConnection first = held(there, "app");
        ServiceConnection second = held(there, "app");
        ServiceConnection own = held(here, "app");
        ServiceConnection other = held(here, "other");
        ServiceConnection admin = connect(here, "admin");

        assertThatThrownBy(() -> other.query("KILL " + first.id()))
                .hasMessageContaining("1095")
                .hasMessageContaining("You are not owner of thread " + first.id());
        own.query("KILL QUERY " + first.id());
        assertThat(participant(here, own.id()).backendId()).as("own is held on").isEmpty();
        own.query("KILL " + first.id());
        admin.query("KILL HARD CONNECTION " + second.id());

        assertKilled(first, "it was killed by app@127.0.0.1:");
        assertKilled(second, "(session " + admin.id() + ")");
    }

    /** Its sessions' connections are sessions of one gateway or the other, as chance will have it. */
    @Test
    void aSidecarsKillReachesTheGatewayThatItsOtherSessionIsAt() throws Exception {
        try (Crossroads service = new Crossroads();
                SleeperDoor sidecar = SleeperDoor.open(LONG)) {
            sidecar.sleeper().waker().succeed(StubServer.gateway(service.address()));
            ServiceConnection victim = connect(sidecar, "app");
            service.leadTo(there.port());
            victim.query("SELECT 1 + 1");
            ServiceConnection killer = connect(sidecar, "app");
            service.leadTo(here.port());
            killer.query("SELECT 1 + 1");
            CompletableFuture<List<List<String>>> slept = query(victim, "SELECT SLEEP(64)");
            awaitRunning("SELECT SLEEP(64)");

            killer.query("KILL QUERY " + victim.id());

            assertInterrupted(slept);
            assertThat(neighbour.asked).hasValue(1);
            victim.close();
            killer.close();
        }
    }

    @Test
    void theServerJudgesWhoKillsWhatItServes() throws Exception {
        ServiceConnection victim = connect(there, "app");
        ServiceConnection other = connect(here, "other");

        assertThatThrownBy(() -> other.query("KILL " + victim.id())).hasMessageContaining("1095");

        assertThat(victim.query("SELECT 2 + 2")).isEqualTo(List.of(List.of("4")));
    }

    @Test
    void whatNobodyHasIsUnknownByTheIdThatWasGiven() throws Exception {
        ServiceConnection killer = connect(here, "app");
        ServiceConnection gone = connect(there, "app");
        gone.close();
        await().atMost(LONG)
                .until(() -> there.sleeper().instance().participants().isEmpty());

        assertThatThrownBy(() -> killer.query("KILL " + gone.id()))
                .hasMessageContaining("1094")
                .hasMessageContaining("Unknown thread id: " + gone.id());
        assertThat(neighbour.asked).hasValue(1);
    }

    @Test
    void nobodyIsAskedForWhatOnlyThisProxyCanHaveGiven() throws Exception {
        ServiceConnection killer = connect(here, "app");
        ServiceConnection victim = held(here, "app");
        long next = victim.id() + 1;

        assertThatThrownBy(() -> killer.query("KILL " + next)).hasMessageContaining("Unknown thread id: " + next);
        killer.query("KILL " + victim.id());
        assertThatThrownBy(() -> killer.query("KILL 1000000")).hasMessageContaining("Unknown thread id: 1000000");

        assertThat(neighbour.asked).hasValue(0);
        assertKilled(victim, "it was killed");
    }

    @Test
    void longStatementsAreReadToTheirEndOrLeftToTheServer() throws Exception {
        ServiceConnection victim = connect(here, "app");
        ServiceConnection killer = connect(here, "app");
        String blanks = " ".repeat(4090);

        assertThatThrownBy(() -> killer.query("KILL " + victim.id() + blanks + "nonsense"))
                .hasMessageContaining("1064");
        killer.query(blanks.substring(30) + "KILL QUERY " + victim.id());
        killer.query("/*k*/ ".repeat(670) + "KILL QUERY " + victim.id());

        assertThat(victim.query("SELECT 2 + 2")).isEqualTo(List.of(List.of("4")));
    }

    // ---------------------------------------------------------------- while the answer is awaited

    @Test
    void whatTheClientSaysAfterItWaits() throws Exception {
        ServiceConnection victim = held(there, "app");
        neighbour.slow = true;
        try (Caller killer = new Caller(here.port())) {
            killer.logIn();
            killer.send(frame(0, text("KILL " + victim.id())));
            killer.send(frame(0, text("SELECT 2 + 2")));
            Runnable question = neighbour.question();

            assertThat(killer.hasAnswer()).isFalse();
            question.run();

            assertThat(killer.read()).as("of KILL").startsWith(0);
            assertThat(killer.read()).as("number of columns").containsExactly(1);
        }
        assertKilled(victim, "it was killed");
    }

    private static byte[] text(String sql) {
        return ("\3" + sql).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void aDrainGoesOnAndTheCommandAfterIt() throws Exception {
        ServiceConnection victim = connect(there, "app");
        CompletableFuture<List<List<String>>> slept = query(victim, "SELECT SLEEP(63)");
        awaitRunning("SELECT SLEEP(63)");
        ServiceConnection killer = connect(here, "app");
        killer.query("SET @kept = 7");
        neighbour.slow = true;
        CompletableFuture<List<List<String>>> kill = query(killer, "KILL QUERY " + victim.id());
        Runnable question = neighbour.question();

        park(participant(here, killer.id()));
        assertThat(kill).isNotDone();
        neighbour.slow = false;
        question.run();

        kill.get(60, TimeUnit.SECONDS);
        assertInterrupted(slept);
        assertThat(killer.query("SELECT @kept")).isEqualTo(List.of(List.of("7")));
    }

    @Test
    void theLossOfTheKillersConnectionChangesNothing() throws Exception {
        ServiceConnection victim = held(there, "app");
        ServiceConnection killer = connect(here, "app");
        Participant session = participant(here, killer.id());
        neighbour.slow = true;
        CompletableFuture<List<List<String>>> kill = query(killer, "KILL " + victim.id());
        Runnable question = neighbour.question();

        root.query("KILL " + session.backendId().getAsLong());
        await().atMost(LONG).until(() -> session.backendId().isEmpty());
        assertThat(kill).isNotDone();
        question.run();

        kill.get(60, TimeUnit.SECONDS);
        assertKilled(victim, "it was killed");
    }

    @Test
    void aKillerWhoIsEndedHearsOfItAtOnce() throws Exception {
        ServiceConnection victim = held(there, "app");
        ServiceConnection killer = connect(here, "app");
        neighbour.slow = true;
        CompletableFuture<List<List<String>>> kill = query(killer, "KILL " + victim.id());
        Runnable question = neighbour.question();

        participant(here, killer.id()).end("enough");

        assertThatThrownBy(() -> kill.get(60, TimeUnit.SECONDS)).hasMessageContaining("enough");
        question.run();
        assertKilled(victim, "it was killed");
    }

    @Test
    void aKillerMayGo() throws Exception {
        ServiceConnection victim = held(there, "app");
        neighbour.slow = true;
        Runnable question;
        try (Caller killer = new Caller(here.port())) {
            killer.logIn();
            killer.send(frame(0, text("KILL " + victim.id())));
            question = neighbour.question();
        }
        await().atMost(LONG)
                .until(() -> here.sleeper().instance().participants().isEmpty());

        question.run();

        assertKilled(victim, "it was killed");
    }
}
