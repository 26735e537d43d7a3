package dev.haulout.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import dev.haulout.proxy.session.KillAnswer;
import dev.haulout.proxy.session.KillOrder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways that ask each other, and those who would like to be one. */
class PeersTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("127.0.0.2");
    private static final KillRequest REQUEST =
            new KillRequest("u1", 0x8000_0007L, true, "app", "%", "app@10.0.0.1 (session 2147483649)");
    private static final CertificateAuthority RELEASE = CertificateAuthority.make(Clock.systemUTC());

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final List<KillRequest> heard = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicReference<KillAnswer> verdict = new AtomicReference<>(new KillAnswer.Unknown());
    private final AtomicReference<PeerTls> shown = new AtomicReference<>();
    private PeerListener listener;

    @BeforeEach
    void listen() throws IOException {
        shown.set(gateway(RELEASE));
        listener = listen(new InetSocketAddress(HERE, 0));
    }

    private PeerListener listen(InetSocketAddress address) throws IOException {
        PeerListener opened = PeerListener.open(
                address,
                shown::get,
                request -> {
                    heard.add(request);
                    return CompletableFuture.completedFuture(verdict.get());
                },
                clock,
                registry);
        open.add(opened);
        return opened;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        clock.shutdownNow();
    }

    private static PeerTls gateway(CertificateAuthority authority) throws IOException {
        return tls(authority, authority.issueClient(CertificateAuthority.GATEWAY));
    }

    private static PeerTls tls(CertificateAuthority trusted, KeyedCertificate own) throws IOException {
        return PeerTls.of(bytes(trusted.own().certificatePem()), bytes(own.chainPem()), bytes(own.keyPem()));
    }

    private static byte[] bytes(String pem) {
        return pem.getBytes(StandardCharsets.US_ASCII);
    }

    private KillAnswer ask(PeerTls tls, KillRequest request, InetAddress... addresses) throws Exception {
        return new Peers(() -> tls, listener.port())
                .ask(() -> List.of(addresses), request)
                .get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    private double counted(String outcome) {
        return registry.get("haulout.peer.requests")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    static Stream<KillAnswer> answers() {
        return Stream.of(
                new KillAnswer.Connected(42), new KillAnswer.Done(), new KillAnswer.Denied(), new KillAnswer.Unknown());
    }

    @ParameterizedTest
    @MethodSource("answers")
    void oneGatewayAnswersAnother(KillAnswer answer) throws Exception {
        verdict.set(answer);

        assertThat(ask(gateway(RELEASE), REQUEST, HERE)).isEqualTo(answer);

        assertThat(heard).containsExactly(REQUEST);
        await().atMost(LONG).until(() -> counted("answered") == 1);
    }

    @Test
    void namesArePassedOnWhateverTheyAre() throws Exception {
        String odd = "a b\n\0'`Ünïcödé\uD83E\uDDAD" + "x".repeat(100);
        KillRequest request = new KillRequest("u1", 0xffff_ffffL, false, odd, "%.example.org", odd);

        ask(gateway(RELEASE), request, HERE);

        assertThat(heard).containsExactly(request);
    }

    @Test
    void theKillerIsFoundAmongTheAccountsOfWhoIsAsked() {
        AccountBook book = AccountBook.beforeFirstStart("10.11.2", "shop", "app", Secret.of(new byte[20]));
        Account app = book.account("app", "%").orElseThrow();
        Account root = book.account("root", "localhost").orElseThrow();
        for (Optional<Account> killer : List.of(Optional.of(app), Optional.of(root), Optional.<Account>empty())) {
            KillOrder order = new KillOrder(0x8000_0001L, true, killer, "somebody");

            assertThat(KillRequest.of("u1", order).order(book)).isEqualTo(order);
        }
        assertThat(book.account("app", "10.%")).isEmpty();
    }

    @Test
    void whoHasTheSessionAnswersForAllThoughOthersAreSilent() throws Exception {
        verdict.set(new KillAnswer.Done());
        try (ServerSocket silent = new ServerSocket(listener.port(), 50, ELSEWHERE)) {
            CompletableFuture<Socket> caller = accept(silent);

            assertThat(ask(gateway(RELEASE), REQUEST, ELSEWHERE, HERE)).isEqualTo(new KillAnswer.Done());

            try (Socket left = caller.get(LONG.toSeconds(), TimeUnit.SECONDS)) {
                left.setSoTimeout((int) LONG.toMillis());
                left.getInputStream().readAllBytes(); // until it is cut off
            }
        }
    }

    private static CompletableFuture<Socket> accept(ServerSocket listening) {
        CompletableFuture<Socket> caller = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                caller.complete(listening.accept());
            } catch (IOException e) {
                caller.completeExceptionally(e);
            }
        });
        return caller;
    }

    @Test
    void whoIsSilentIsNotWaitedForLong() throws Exception {
        try (ServerSocket silent = new ServerSocket(listener.port(), 50, ELSEWHERE)) {
            assertThat(ask(gateway(RELEASE), REQUEST, ELSEWHERE)).isEqualTo(new KillAnswer.Unknown());
            assertThat(silent.isBound()).isTrue();
        }
    }

    @Test
    void whoIsNotThereHasNoSessions() throws Exception {
        assertThat(ask(gateway(RELEASE), REQUEST)).isEqualTo(new KillAnswer.Unknown());
        assertThat(ask(gateway(RELEASE), REQUEST, ELSEWHERE)).isEqualTo(new KillAnswer.Unknown());
    }

    @Test
    void addressesThatAreNotFoundInTimeAreNotWaitedFor() throws Exception {
        CompletableFuture<List<InetAddress>> never = new CompletableFuture<>();

        KillAnswer answer = new Peers(() -> shown.get(), listener.port())
                .ask(never::join, REQUEST)
                .get(LONG.toSeconds(), TimeUnit.SECONDS);

        assertThat(answer).isEqualTo(new KillAnswer.Unknown());
        never.complete(List.of());
    }

    // ---------------------------------------------------------------- others

    static Stream<Arguments> others() {
        CertificateAuthority stranger = CertificateAuthority.make(Clock.systemUTC()); // of the same name
        return Stream.of(
                Arguments.of("an instance's server", RELEASE.issueServer("u1", List.of("shop.example.org"))),
                Arguments.of("a door", RELEASE.issueDoor(CertificateAuthority.newPair(), List.of("shop"))),
                Arguments.of("the operator", RELEASE.issueClient(CertificateAuthority.OPERATOR)),
                Arguments.of("another release's", stranger.issueClient(CertificateAuthority.GATEWAY)),
                Arguments.of("nobody's", CertificateAuthority.selfSigned(Clock.systemUTC(), List.of("shop"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("others")
    void nobodyElseIsHeard(String whose, KeyedCertificate certificate) throws Exception {
        verdict.set(new KillAnswer.Done());

        assertThat(ask(tls(RELEASE, certificate), REQUEST, HERE)).isEqualTo(new KillAnswer.Unknown());

        await().atMost(LONG).until(() -> counted("dropped") == 1);
        assertThat(heard).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("others")
    void nobodyElseIsAsked(String whose, KeyedCertificate certificate) throws Exception {
        verdict.set(new KillAnswer.Done());
        PeerTls caller = gateway(RELEASE);
        // his own authority is anybody's: so he trusts all who call, as an impostor would
        shown.set(tls(RELEASE, certificate));

        assertThat(ask(caller, REQUEST, HERE)).isEqualTo(new KillAnswer.Unknown());

        await().atMost(LONG).until(() -> counted("dropped") == 1);
        assertThat(heard).isEmpty();
    }

    @Test
    void whoShowsNoCertificateIsNotHeard() throws Exception {
        SSLContext without = SSLContext.getInstance("TLS");
        without.init(new KeyManager[0], TrustAll.MANAGERS, null);

        assertThat(said(without, REQUEST.line() + "\n")).isEmpty();

        await().atMost(LONG).until(() -> counted("dropped") == 1);
        assertThat(heard).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "\n",
                "haulout-kill/2 u1 2147483655 QUERY YQ== JQ== YQ==\n",
                "haulout-kill/1 u1 2147483655 ALL YQ== JQ== YQ==\n",
                "haulout-kill/1 u1 -x QUERY YQ== JQ== YQ==\n",
                "haulout-kill/1 u1 2147483655 QUERY ? JQ== YQ==\n",
                "haulout-kill/1 u1 2147483655 QUERY YQ== JQ==\n"
            })
    void aGatewayThatSaysSomethingElseGetsNoAnswer(String line) throws Exception {
        assertThat(said(context(RELEASE.issueClient(CertificateAuthority.GATEWAY)), line))
                .isEmpty();

        assertThat(heard).isEmpty();
    }

    @Test
    void aGatewayIsHeardByWhoeverCanSpeakSo() throws Exception {
        verdict.set(new KillAnswer.Connected(7));

        String answer = said(context(RELEASE.issueClient(CertificateAuthority.GATEWAY)), REQUEST.line() + "\n");

        assertThat(answer).isEqualTo("CONNECTED 7\n");
    }

    @Test
    void whoSaysTooMuchOrNothingIsCutOff() throws Exception {
        SSLContext gateway = context(RELEASE.issueClient(CertificateAuthority.GATEWAY));
        assertThat(said(gateway, "x".repeat(5000))).isEmpty();
        assertThat(said(gateway, "haulout-kill/1 ")).isEmpty();
        try (Socket silent = new Socket(HERE, listener.port())) {
            silent.setSoTimeout((int) LONG.toMillis());
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(LONG).until(() -> counted("dropped") == 3);
    }

    @Test
    void newCertificatesHoldFromTheNextConnectionOn() throws Exception {
        verdict.set(new KillAnswer.Done());
        CertificateAuthority next = CertificateAuthority.make(Clock.systemUTC());
        assertThat(ask(gateway(next), REQUEST, HERE)).isEqualTo(new KillAnswer.Unknown());

        shown.set(gateway(next));

        assertThat(ask(gateway(next), REQUEST, HERE)).isEqualTo(new KillAnswer.Done());
        assertThat(ask(gateway(RELEASE), REQUEST, HERE)).isEqualTo(new KillAnswer.Unknown());
    }

    private static SSLContext context(KeyedCertificate own) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        java.security.KeyStore store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(java.security.cert.Certificate[]::new));
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), TrustAll.MANAGERS, null);
        return context;
    }

    /** What is answered to it; nothing where the connection ends, in whatever way. */
    private String said(SSLContext context, String text) throws IOException {
        StringBuilder answer = new StringBuilder();
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(HERE, listener.port())) {
            socket.setSoTimeout((int) LONG.toMillis());
            socket.getOutputStream().write(bytes(text));
            for (int next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                answer.append((char) next);
            }
        } catch (java.net.SocketTimeoutException neverEnded) {
            throw neverEnded;
        } catch (IOException ended) {
            // an alert, or a reset
        }
        return answer.toString();
    }
}
