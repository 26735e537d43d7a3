package dev.haulout.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods that say where they are, and those who only say so. */
class AnnouncementsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private Announcements announcements;

    @BeforeEach
    void open() throws IOException {
        announcements = Announcements.open(
                new InetSocketAddress(HERE, 0),
                new Announcements.Instances() {
                    @Override
                    public Optional<byte[]> token(String uid) {
                        return uid.equals("u1")
                                ? Optional.of("secret".getBytes(StandardCharsets.US_ASCII))
                                : Optional.empty();
                    }

                    @Override
                    public void announced(String uid, InetAddress address) {
                        told.add(uid + " at " + address.getHostAddress());
                    }
                },
                registry);
    }

    @AfterEach
    void close() throws IOException {
        announcements.close();
    }

    private Socket say(String text) throws IOException {
        Socket socket = new Socket(HERE, announcements.port());
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private double counted(String outcome) {
        return registry.get("haulout.announcements")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void aPodIsHeard() throws IOException {
        try (Socket pod = say("haulout-announce/1 u1 secret 127.0.0.1\n")) {
            await().atMost(LONG).until(() -> counted("heard") == 1);
            assertThat(pod.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(told).containsExactly("u1 at 127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "haulout-announce/1 u1 wrong 127.0.0.1\n",
                "haulout-announce/1 u1  127.0.0.1\n",
                "haulout-announce/1 u2 secret 127.0.0.1\n",
                "haulout-announce/1 u1 secret 127.0.0.2\n",
                "haulout-announce/1 u1 secret localhost\n",
                "haulout-announce/1 u1 secret\n",
                "haulout-announce/2 u1 secret 127.0.0.1\n",
                "haulout-announce/1 u1 secret 127.0.0.1 more\n",
                "GET / HTTP/1.1\r\n",
                "\n"
            })
    void nobodyElseIsHeardOrAnswered(String line) throws IOException {
        try (Socket stranger = say(line)) {
            await().atMost(LONG).until(() -> counted("dropped") == 1);
            assertThat(stranger.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void whoSaysTooMuchIsCutOff() throws IOException {
        try (Socket stranger = say("x".repeat(512))) {
            await().atMost(LONG).until(() -> counted("dropped") == 1);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void whoSaysNothingIsNotWaitedForLong() throws IOException {
        try (Socket stranger = say("haulout-announce/1 u1 secret 127.0.0.1")) {
            await().atMost(LONG).until(() -> counted("dropped") == 1);
        }
        assertThat(told).isEmpty();
    }
}
