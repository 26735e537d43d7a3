package dev.haulout.proxy.backend;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.sql.RealServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A server is told nothing before it has shown the certificate of the instance meant. */
class BackendTlsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String UID = "0b8e2b1c-4b1f-4f35-9d8e-6a1d3f2c7e55";
    private static final String OTHER = "7f1d8a90-02c4-4a57-8c36-1e5b9d40aa17";
    private static final int SSL_REQUEST = 36;

    /** An encrypted alert of TLS 1.3 has 19 bytes, or 35 where Java pads it; a handshake response has over 80. */
    private static final int LONGEST_ALERT = 40;

    private static final Authority AUTHORITY = new Authority();
    private static final Authority IMPOSTOR = new Authority();
    private static final Authority.Issued OPERATOR = AUTHORITY.forClient("haulout-operator");

    @TempDir
    private static Path certificates;

    private static EventLoopGroup loops;
    private static List<RealServer> servers = List.of();

    @BeforeAll
    static void start() throws Exception {
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        List<String> options =
                new ArrayList<>(List.of(AUTHORITY.serverOptions(certificates, AUTHORITY.forServer(UID))));
        options.add("--proxy-protocol-networks=localhost");
        servers = RealServer.startAll(options.toArray(String[]::new));
        for (RealServer server : servers) {
            try (ServiceConnection root = open(address(server), Optional.empty(), "root")) {
                root.query("CREATE USER operator@localhost REQUIRE SUBJECT '/CN=haulout-operator' AND ISSUER"
                        + " '/CN=haulout'");
                root.query("GRANT SELECT ON mysql.* TO operator@localhost"); // a sequence is a table of some database
                root.query("CREATE USER operator@'192.0.2.%' REQUIRE SUBJECT '/CN=haulout-operator'");
            }
        }
    }

    @AfterAll
    static void stop() {
        servers.forEach(RealServer::close);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static SocketAddress address(RealServer server) {
        return new DomainSocketAddress(server.socket().toFile());
    }

    private static ServiceConnection open(SocketAddress address, Optional<BackendTls> tls, String user)
            throws Exception {
        return ServiceConnection.open(loops.next(), address, tls, user, "", LONG);
    }

    private static ServerTrust trust(SslProvider provider) throws IOException {
        return ServerTrust.of(provider, AUTHORITY.certificate(), OPERATOR.certificate(), OPERATOR.key());
    }

    static Stream<Arguments> serversAndProviders() {
        return servers.stream()
                .flatMap(server -> Stream.of(SslProvider.OPENSSL, SslProvider.JDK)
                        .map(provider -> Arguments.of(server, provider)));
    }

    static Stream<RealServer> servers() {
        return servers.stream();
    }

    @Test
    void theNativeLibraryIsThere() {
        assertThat(OpenSsl.unavailabilityCause()).isNull();
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void aCertificateAloneLogsIn(RealServer server, SslProvider provider) throws Exception {
        BackendTls tls = trust(provider).instance(UID);

        try (ServiceConnection connection = open(address(server), Optional.of(tls), "operator")) {
            assertThat(connection.query("SELECT CURRENT_USER()")).isEqualTo(List.of(List.of("operator@localhost")));
            assertThat(connection.query("SHOW STATUS LIKE 'Ssl_version'"))
                    .isEqualTo(List.of(List.of("Ssl_version", "TLSv1.3")));
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("servers")
    void withoutACertificateOfOursTheServerRefuses(RealServer server) throws Exception {
        BackendTls tls = ServerTrust.of(AUTHORITY.certificate()).instance(UID);

        assertThatThrownBy(() -> open(address(server), Optional.of(tls), "operator"))
                .hasMessageContaining("1045");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("servers")
    void aCertificateOfOursThatTheServerDoesNotTrustFailsTheLogin(RealServer server) throws Exception {
        Authority.Issued ours = IMPOSTOR.forClient("haulout-operator");
        BackendTls tls = AUTHORITY.trust(ours).instance(UID);

        assertThatThrownBy(() -> open(address(server), Optional.of(tls), "operator"))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void anotherAuthoritysCertificateIsRefusedBeforeTheLogin(RealServer server, SslProvider provider) throws Exception {
        BackendTls tls = ServerTrust.of(provider, IMPOSTOR.certificate(), OPERATOR.certificate(), OPERATOR.key())
                .instance(UID);

        assertRefusedUnsaid(server, tls, "not one that our authority vouches for");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void anotherInstancesCertificateIsRefusedBeforeTheLogin(RealServer server, SslProvider provider) throws Exception {
        BackendTls tls = trust(provider).instance(OTHER);

        assertRefusedUnsaid(
                server,
                tls,
                "its certificate must be for urn:haulout:instance:" + OTHER + ", and is for urn:haulout:instance:"
                        + UID);
    }

    private static void assertRefusedUnsaid(RealServer server, BackendTls tls, String why) throws Exception {
        try (Wiretap tap = new Wiretap(server.socket())) {
            assertThatThrownBy(() -> open(tap.address(), Optional.of(tls), "operator"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("TLS with the server at")
                    .hasMessageContaining(why);
            byte[] said = tap.said();
            assertThat(said).hasSizeGreaterThan(SSL_REQUEST);
            assertThat(Wiretap.encrypted(said, SSL_REQUEST)).allMatch(length -> length <= LONGEST_ALERT);
        }
    }

    /** That the tests above would see a login, and that nobody on the way does. */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void aLoginIsSaidUnderTls(RealServer server, SslProvider provider) throws Exception {
        try (Wiretap tap = new Wiretap(server.socket())) {
            try (ServiceConnection connection =
                    open(tap.address(), Optional.of(trust(provider).instance(UID)), "operator")) {
                connection.query("SELECT 1");
            }
            byte[] said = tap.said();
            assertThat(Wiretap.encrypted(said, SSL_REQUEST)).anyMatch(length -> length > LONGEST_ALERT);
            assertThat(said).asString(StandardCharsets.ISO_8859_1).doesNotContain("operator");
        }
    }

    /** The header comes before TLS, and the account is chosen by the address in it. */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("servers")
    void theServerLearnsTheClientsAddressFirst(RealServer server) throws Exception {
        BackendLogin login = BackendLogin.service("operator", "");
        ProxyHeader header = new ProxyHeader(
                new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 40001),
                new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 3306));
        BackendLogin announced = new BackendLogin(
                header,
                login.capabilities(),
                login.maxPacket(),
                login.collation(),
                login.user(),
                login.database(),
                login.attributes(),
                login.prover(),
                false);
        EventLoop loop = loops.next();
        Collector collector = new Collector(loop);

        loop.execute(() ->
                BackendConnection.open(loop, address(server), Optional.of(tls()), announced, collector, collector));

        BackendConnection connection = collector.loggedIn();
        CompletableFuture<QueryResult> answer = new CompletableFuture<>();
        loop.execute(() -> connection.query("SELECT USER(), CURRENT_USER()", answer::complete));
        assertThat(answer.get(30, TimeUnit.SECONDS).text())
                .isEqualTo(List.of(List.of("operator@192.0.2.7", "operator@192.0.2.%")));
        loop.execute(connection::quit);
    }

    private static BackendTls tls() {
        try {
            return AUTHORITY.trust(OPERATOR).instance(UID);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Servers built with another library than OpenSSL let no session be resumed. */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void aSecondConnectionResumesTheSession(RealServer server, SslProvider provider) throws Exception {
        ServerTrust trust = trust(provider);
        Wiretap firstTap = new Wiretap(server.socket());
        Wiretap secondTap = new Wiretap(server.socket());
        try (firstTap;
                secondTap) {
            String library;
            try (ServiceConnection first = open(firstTap.address(), Optional.of(trust.instance(UID)), "operator")) {
                library = first.query("SELECT @@version_ssl_library").getFirst().getFirst();
                assumeTrue(
                        library.startsWith("OpenSSL"),
                        "a server with " + library + " was not seen to resume a session");

                try (ServiceConnection second =
                        open(secondTap.address(), Optional.of(trust.instance(UID)), "operator")) {
                    second.query("SELECT @@version_ssl_library");
                }
            }
            assertThat(encryptedBytes(secondTap))
                    .as("no certificate is shown again")
                    .isLessThan(encryptedBytes(firstTap) - OPERATOR.certificate().length / 2);
        }
    }

    private static int encryptedBytes(Wiretap tap) throws InterruptedException {
        return Wiretap.encrypted(tap.said(), SSL_REQUEST).stream()
                .mapToInt(length -> length)
                .sum();
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void aSessionIsResumedOnlyForTheInstanceItWasMadeWith(RealServer server, SslProvider provider) throws Exception {
        ServerTrust trust = trust(provider);
        try (ServiceConnection first = open(address(server), Optional.of(trust.instance(UID)), "operator")) {
            first.query("SELECT 1");

            assertThatThrownBy(() -> open(address(server), Optional.of(trust.instance(OTHER)), "operator"))
                    .hasMessageContaining("must be for");
        }
    }

    /** 50 MB and more, with pauses in which nothing is read. */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void aLargeAnswerIsRelayed(RealServer server, SslProvider provider) throws Exception {
        EventLoop loop = loops.next();
        Collector collector = new Collector(loop);
        BackendTls tls = trust(provider).instance(UID);
        loop.execute(() -> BackendConnection.open(
                loop, address(server), Optional.of(tls), BackendLogin.service("operator", ""), collector, collector));
        BackendConnection connection = collector.loggedIn();

        loop.execute(() -> {
            connection.forward(Command.QUERY);
            connection.write(Unpooled.wrappedBuffer(command("SELECT REPEAT('x', 1000) FROM mysql.seq_1_to_52000")));
            connection.flush();
        });

        long rows = 52_000L * (4 + 3 + 1000);
        assertThat(collector.answered()).isBetween(rows, rows + 1000);
        assertThat(collector.pauses()).isGreaterThan(10);
        loop.execute(connection::quit);
    }

    /**
     * A statement of 12 MB, written only as fast as the connection takes it. Each piece is larger than what a channel
     * holds back before it counts as full (64 KiB), so that it fills however fast the server reads.
     */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("serversAndProviders")
    void aLargeStatementIsForwarded(RealServer server, SslProvider provider) throws Exception {
        EventLoop loop = loops.next();
        Collector collector = new Collector(loop);
        BackendTls tls = trust(provider).instance(UID);
        loop.execute(() -> BackendConnection.open(
                loop, address(server), Optional.of(tls), BackendLogin.service("operator", ""), collector, collector));
        BackendConnection connection = collector.loggedIn();
        ByteBuf statement =
                Unpooled.wrappedBuffer(command("SELECT LENGTH('" + "y".repeat(12_000_000) + "') - 11999999"));
        AtomicInteger fullTimes = new AtomicInteger();
        Runnable more = () -> {
            while (connection.isWritable() && statement.isReadable()) {
                connection.write(statement.readRetainedSlice(Math.min(100_000, statement.readableBytes())));
                if (!connection.isWritable()) {
                    fullTimes.incrementAndGet();
                }
                connection.flush();
            }
        };
        collector.onWritabilityChanged(more);

        loop.execute(() -> {
            connection.forward(Command.QUERY);
            more.run();
        });

        assertThat(collector.answered()).isPositive();
        assertThat(collector.lastBytes()).contains("\0011".getBytes(StandardCharsets.US_ASCII));
        assertThat(fullTimes).as("times it took no more").hasPositiveValue();
        statement.release();
        loop.execute(connection::quit);
    }

    private static byte[] command(String sql) {
        return frame(0, ("\3" + sql).getBytes(StandardCharsets.US_ASCII));
    }
}
