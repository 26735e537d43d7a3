package dev.haulout.proxy.door;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.backend.Authority;
import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.backend.ServiceConnection;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.sql.RealServer;
import dev.haulout.proxy.wake.Power;
import dev.haulout.proxy.wake.ServerIdentity;
import dev.haulout.proxy.wake.ServerWatch;
import dev.haulout.proxy.wake.Sleeper;
import dev.haulout.proxy.wake.StubServer;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client without TLS at a door whose server is reached by TLS only, and knows Haulout by its certificate. */
class ServerOverTlsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String UID = "0b8e2b1c-4b1f-4f35-9d8e-6a1d3f2c7e55";

    @TempDir
    private static Path certificates;

    private static List<RealServer> servers = List.of();
    private static BackendTls tls;

    private Sleeper sleeper;
    private SleeperDoor door;

    @BeforeAll
    static void start() throws Exception {
        Authority authority = new Authority();
        tls = authority.trust(authority.forClient("haulout-gateway")).instance(UID);
        List<String> options =
                new ArrayList<>(List.of(authority.serverOptions(certificates, authority.forServer(UID))));
        options.add("--proxy-protocol-networks=localhost");
        options.add("--skip-name-resolve");
        servers = RealServer.startAll(options.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        servers.forEach(RealServer::close);
    }

    @BeforeEach
    void open() throws Exception {
        door = SleeperDoor.open(LONG);
        sleeper = door.sleeper();
        try (ServiceConnection root =
                ServiceConnection.open(sleeper.loops().next(), address(), Optional.empty(), "root", "", LONG)) {
            root.query("CREATE OR REPLACE USER haulout@localhost REQUIRE SUBJECT '/CN=haulout-gateway'");
            root.query("CREATE OR REPLACE USER haulout_gateway@'%' REQUIRE SUBJECT '/CN=haulout-gateway'");
            root.query("GRANT ALL ON *.* TO haulout@localhost");
            root.query("CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'secret' REQUIRE NONE");
            root.query("GRANT SELECT ON mysql.* TO app@'%'"); // a sequence is a table of some database
        }
    }

    @AfterEach
    void close() {
        door.close();
    }

    private static SocketAddress address() {
        return new DomainSocketAddress(servers.getFirst().socket().toFile());
    }

    private static StubServer server() {
        return new StubServer(address(), Optional.of(tls));
    }

    @Test
    void whatAServerSaysOfItselfIsLearntUnderTls() throws Exception {
        try (ServerWatch watch = ServerWatch.open(sleeper.loops().next(), server())) {
            ServerIdentity identity = watch.identity("digest");

            assertThat(identity.globals()).containsKey("sql_mode");
            assertThat(Capability.has(identity.capabilities(), Capability.SSL)).isTrue();
            assertThat(watch.accounts().accounts()).isNotEmpty();
            // connections of the test before may be listed for a moment
            await().atMost(LONG).until(() -> watch.otherUse(Set.of(), Set.of()).isEmpty());
        }
    }

    @Test
    void theDoorOffersNoTlsThoughTheServerDoes() throws Exception {
        sleeper.waker().succeed(server());
        try (Caller first = new Caller(door.port())) {
            first.logIn();
            first.send(frame(0, "\3SELECT 1".getBytes(StandardCharsets.US_ASCII)));
            first.read();
        }
        await().atMost(LONG)
                .until(() ->
                        Capability.has(sleeper.instance().learned().identity().capabilities(), Capability.SSL));

        try (Caller second = new Caller(door.port())) {
            Greeting greeting = Greeting.read(Unpooled.wrappedBuffer(second.read()));

            assertThat(Capability.has(greeting.capabilities(), Capability.SSL)).isFalse();
        }
    }

    @Test
    void aLoginThatFindsNobodyThereWaitsForTheNextServer() throws Exception {
        StubServer gone = new StubServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        sleeper.waker().succeed(gone);
        sleeper.instance().wakeToLearn();
        await().atMost(LONG).until(() -> sleeper.instance().power() instanceof Power.Awake);
        try (Caller caller = new Caller(door.port())) {
            CompletableFuture<Void> login = CompletableFuture.runAsync(() -> {
                try {
                    caller.logIn();
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            await().during(Duration.ofMillis(300)).atMost(LONG).until(() -> !login.isDone());

            sleeper.waker().succeed(server());
            gone.end().complete("was killed");

            login.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    private int refusal(String user, String password) throws Exception {
        try (Caller caller = new Caller(door.port())) {
            byte[] refused = caller.tryToLogIn(user, password);
            assertThat(refused).startsWith(0xff);
            return refused[1] & 0xff | (refused[2] & 0xff) << 8;
        }
    }

    @Test
    void ourOwnAccountsLetNobodyInThoughTheServerKnowsUsByOurCertificate() throws Exception {
        sleeper.waker().succeed(server());
        sleeper.instance().wakeToLearn();
        await().atMost(LONG).until(() -> sleeper.instance().power() instanceof Power.Awake);

        assertThat(refusal("haulout", "")).isEqualTo(1045);
        assertThat(refusal("haulout_gateway", "")).isEqualTo(1045);
        awaitLearnt();
    }

    @Test
    void accountsThatAskForTlsAreRefusedToClientsInClear() throws Exception {
        try (ServiceConnection root =
                ServiceConnection.open(sleeper.loops().next(), address(), Optional.empty(), "root", "", LONG)) {
            root.query("CREATE OR REPLACE USER encrypted@'%' IDENTIFIED BY 'secret' REQUIRE SSL");
            root.query("CREATE OR REPLACE USER certified@'%' IDENTIFIED BY 'secret' REQUIRE X509");
            sleeper.waker().succeed(server());
            sleeper.instance().wakeToLearn();
            await().atMost(LONG).until(() -> sleeper.instance().power() instanceof Power.Awake);

            assertThat(refusal("encrypted", "secret")).isEqualTo(1045);
            assertThat(refusal("certified", "secret")).isEqualTo(1045);

            root.query("SET GLOBAL require_secure_transport = ON");
            try {
                sleeper.instance().accounts().anew(sleeper.loops().next(), book -> {});
                await().atMost(LONG)
                        .until(() -> sleeper.instance()
                                .learned()
                                .accounts()
                                .settings()
                                .requireSecureTransport());
                assertThat(refusal("app", "secret")).isIn(1045, 3159); // the latter from 11.4 on
            } finally {
                root.query("SET GLOBAL require_secure_transport = OFF");
            }
        }
        awaitLearnt();
    }

    private void awaitLearnt() {
        await().atMost(LONG)
                .until(() ->
                        Capability.has(sleeper.instance().learned().identity().capabilities(), Capability.SSL));
    }

    /** 50 MB, and the address that the server knows the client by. */
    @Test
    void aLargeAnswerReachesTheClientWhole() throws Exception {
        int rows = 50_000;
        sleeper.waker().succeed(server());
        try (Caller caller = new Caller(door.port())) {
            caller.logIn();

            caller.send(frame(
                    0,
                    ("\3SELECT seq, REPEAT('x', 1000) FROM mysql.seq_1_to_" + rows)
                            .getBytes(StandardCharsets.US_ASCII)));

            assertThat(caller.read()).as("number of columns").containsExactly(2);
            for (int i = 0; i < 3; i++) {
                caller.read();
            }
            for (int i = 1; i <= rows; i++) {
                byte[] row = caller.read();
                String number = Integer.toString(i);
                assertThat(row.length).isEqualTo(1 + number.length() + 3 + 1000);
                assertThat(new String(row, 1, number.length(), StandardCharsets.US_ASCII))
                        .isEqualTo(number);
            }
            assertThat(caller.read()).startsWith(0xfe);
            caller.send(frame(0, "\3SELECT SUBSTRING_INDEX(USER(), '@', -1)".getBytes(StandardCharsets.US_ASCII)));
            for (int i = 0; i < 3; i++) {
                caller.read();
            }
            assertThat(caller.read()).asString(StandardCharsets.US_ASCII).isEqualTo("\t127.0.0.1");
            caller.read();
        }
        awaitLearnt(); // closing at once would come in its way
    }
}
