package dev.haulout.proxy.backend;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static dev.haulout.proxy.backend.FakeServer.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.sql.RealServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where TLS is wanted and can't be had, nothing is said; and what is no certificate or UID is told at once. */
class NoTlsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String UID = "0b8e2b1c-4b1f-4f35-9d8e-6a1d3f2c7e55";
    private static final Authority AUTHORITY = new Authority();
    private static final Authority.Issued OPERATOR = AUTHORITY.forClient("haulout-operator");

    private static EventLoopGroup loops;

    @BeforeAll
    static void start() {
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    }

    @AfterAll
    static void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static ServiceConnection open(SocketAddress address) throws Exception {
        BackendTls tls = AUTHORITY.trust(OPERATOR).instance(UID);
        return ServiceConnection.open(loops.next(), address, Optional.of(tls), "operator", "", LONG);
    }

    @Test
    void aRealServerWithoutTlsIsToldNothing() throws Exception {
        List<RealServer> servers = RealServer.startAll(); // with --skip-ssl
        try {
            for (RealServer server : servers) {
                try (Wiretap tap = new Wiretap(server.socket())) {
                    assertThatThrownBy(() -> open(tap.address()))
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("offers no TLS, without which nothing is said to it");
                    assertThat(tap.said()).isEmpty();
                }
            }
        } finally {
            servers.forEach(RealServer::close);
        }
    }

    @Test
    void aServerWithoutTlsIsToldNothing() throws Exception {
        CompletableFuture<Object> heard = new CompletableFuture<>();
        try (FakeServer server = new FakeServer(c -> {
            c.send(FakeServer.GREETING);
            hear(c, heard);
        })) {
            assertThatThrownBy(() -> open(server.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("offers no TLS, without which nothing is said to it");
            assertThat(heard.get(30, TimeUnit.SECONDS)).isEqualTo("nothing");
        }
    }

    /** What somebody on the way puts behind the greeting must not be taken for something said under TLS. */
    @Test
    void wordsBehindTheGreetingFailTheLogin() throws Exception {
        CompletableFuture<Object> heard = new CompletableFuture<>();
        try (FakeServer server = new FakeServer(c -> {
            c.send(joined(greetingWithTls(), FakeServer.ok(3)));
            hear(c, heard);
        })) {
            assertThatThrownBy(() -> open(server.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("bytes behind its greeting, where TLS was to begin");
            assertThat(heard.get(30, TimeUnit.SECONDS)).isEqualTo("nothing");
        }
    }

    @Test
    void aServerThatHasNoTlsAfterAllFailsTheLogin() throws Exception {
        try (FakeServer server = new FakeServer(c -> {
            c.send(greetingWithTls());
            c.read();
            c.send(frame(2, "\u00ff\u0010\4#08004full".getBytes(StandardCharsets.ISO_8859_1)));
            c.read();
        })) {
            assertThatThrownBy(() -> open(server.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("TLS with the server at");
        }
    }

    @Test
    void aServerThatGoesInTheMiddleOfTlsFailsTheLogin() throws Exception {
        try (FakeServer server = new FakeServer(c -> {
            c.send(greetingWithTls());
            c.read();
        })) {
            assertThatThrownBy(() -> open(server.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("TLS with the server at");
        }
    }

    private static byte[] greetingWithTls() {
        byte[] greeting = FakeServer.GREETING.clone();
        int capabilities = 4 + 1 + "11.4.5-MariaDB".length() + 1 + 4 + 9;
        greeting[capabilities + 1] |= (byte) (Capability.SSL >> 8);
        return greeting;
    }

    private static void hear(FakeServer.Connection connection, CompletableFuture<Object> heard) {
        try {
            heard.complete(connection.read());
        } catch (IOException e) {
            heard.complete("nothing");
        }
    }

    @Test
    void aUidThatIsNoneIsRefused() throws Exception {
        ServerTrust trust = AUTHORITY.trust(OPERATOR);

        assertThatThrownBy(() -> trust.instance("Shop.example.org"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"Shop.example.org\"");
    }

    @Test
    void whatIsNoCertificateIsRefused() {
        byte[] nonsense = "no certificate".getBytes(StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> ServerTrust.of(nonsense)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ServerTrust.of(new byte[0])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ServerTrust.of(AUTHORITY.certificate(), nonsense, OPERATOR.key()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ServerTrust.of(AUTHORITY.certificate(), OPERATOR.certificate(), nonsense))
                .isInstanceOf(IOException.class);
    }
}
