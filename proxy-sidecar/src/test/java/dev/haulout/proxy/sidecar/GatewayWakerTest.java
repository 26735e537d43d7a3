package dev.haulout.proxy.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.backend.FakeServer;
import dev.haulout.proxy.transport.Transport;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayWakerTest {
    private static final byte[] TOO_MANY =
            FakeServer.frame(0, "\u00ff\u0010\4#08004Too many connections".getBytes(StandardCharsets.ISO_8859_1));

    private ServerSocket listener;
    private volatile byte[] greeting;
    private volatile ApplicationSecret secret;
    private final EventLoopGroup loops = Transport.loops();
    private final GatewayWaker waker = new GatewayWaker(loops, () -> secret);
    private Thread waits;
    private final CompletableFuture<GatewayWaker.Answer> answer = new CompletableFuture<>();

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        secret = at("127.0.0.1", listener.getLocalPort());
        Thread.ofVirtual().start(() -> {
            while (true) {
                try (Socket visitor = listener.accept()) {
                    visitor.getOutputStream().write(greeting);
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    private static ApplicationSecret at(String host, int port) {
        return new ApplicationSecret(host, port, "app", Secret.of(new byte[0]), Optional.empty());
    }

    private void wake() {
        waits = Thread.ofVirtual().start(() -> {
            try {
                answer.complete(waker.await());
            } catch (InterruptedException e) {
                answer.cancel(false);
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        waits.interrupt();
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void awaitObstacle(String part) {
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(waker.obstacle().orElse("")).contains(part));
        assertThat(answer).isNotDone();
    }

    @Test
    void whateverIsInTheWayIsToldAndTriedAgain() throws Exception {
        greeting = "SSH-2.0-".getBytes(StandardCharsets.US_ASCII);
        wake();
        awaitObstacle("what answers speaks no MySQL protocol");

        greeting = TOO_MANY;
        awaitObstacle("it says 1040 (08004): Too many connections");

        greeting = new byte[0];
        awaitObstacle("the connection was closed without a greeting");

        secret = at("no-such-host.invalid", 3306);
        awaitObstacle("no gateway answers at no-such-host.invalid:3306 (no such host); see whether the gateways run");

        secret = at("127.0.0.1", listener.getLocalPort());
        greeting = FakeServer.GREETING;
        assertThat(answer.get(60, TimeUnit.SECONDS).greeting().serverVersion()).startsWith("11.4.5-MariaDB");
        assertThat(waker.obstacle()).isEmpty();
    }
}
