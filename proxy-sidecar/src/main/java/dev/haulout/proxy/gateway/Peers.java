package dev.haulout.proxy.gateway;

import dev.haulout.proxy.session.KillAnswer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the other gateways for sessions that this one doesn't have. {@link PeerListener} is what answers there. */
final class Peers {
    private static final Logger log = LoggerFactory.getLogger(Peers.class);
    private static final int MOST_AT_ONCE = 64;

    /** For all of them together; who has not answered by then has no such session. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final Supplier<PeerTls> tls;
    private final int port;
    private final Semaphore free = new Semaphore(MOST_AT_ONCE);

    /**
     * @param tls for the next connection
     * @param port the one that all gateways listen at
     */
    Peers(Supplier<PeerTls> tls, int port) {
        this.tls = tls;
        this.port = port;
    }

    /**
     * Asks all of them at once: the first who has the session answers for all. Doesn't block.
     *
     * @param addresses where they are; may block
     * @return what was answered, two seconds later at most
     */
    CompletableFuture<KillAnswer> ask(Supplier<List<InetAddress>> addresses, KillRequest request) {
        CompletableFuture<KillAnswer> answer = new CompletableFuture<>();
        if (!free.tryAcquire()) {
            log.warn("so many KILLs of other gateways' sessions are under way that one is not passed on");
            answer.complete(new KillAnswer.Unknown());
            return answer;
        }
        Thread.ofVirtual().name("haulout-peers").start(() -> {
            try {
                askAll(addresses.get(), request, answer);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                answer.complete(new KillAnswer.Unknown()); // unless there is another
                free.release();
            }
        });
        return answer.completeOnTimeout(new KillAnswer.Unknown(), LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void askAll(List<InetAddress> addresses, KillRequest request, CompletableFuture<KillAnswer> answer)
            throws InterruptedException {
        List<Thread> asking = new ArrayList<>();
        for (InetAddress address : addresses) {
            asking.add(Thread.ofVirtual().name("haulout-peers").start(() -> ask(address, request, answer)));
        }
        for (Thread thread : asking) {
            thread.join();
        }
    }

    private void ask(InetAddress address, KillRequest request, CompletableFuture<KillAnswer> answer) {
        try (Socket connection = new Socket()) {
            // whoever is waited for no longer is cut off
            answer.whenComplete((given, never) -> cutOff(connection));
            connection.connect(new InetSocketAddress(address, port), (int) LIMIT.toMillis());
            KillAnswer told = ask(connection, request);
            if (!(told instanceof KillAnswer.Unknown)) {
                answer.complete(told);
            }
        } catch (IOException e) {
            if (!answer.isDone()) {
                log.warn(
                        "the gateway at {} can't be asked for a session: {}", address.getHostAddress(), e.getMessage());
            }
        }
    }

    private KillAnswer ask(Socket connection, KillRequest request) throws IOException {
        try (SSLSocket socket = tls.get().calling(connection)) {
            socket.getOutputStream().write((request.line() + "\n").getBytes(StandardCharsets.US_ASCII));
            return KillRequest.answer(KillRequest.read(socket.getInputStream()));
        }
    }

    private static void cutOff(Socket connection) {
        try {
            connection.close();
        } catch (IOException e) {
            log.debug("a connection could not be cut off: {}", e.getMessage());
        }
    }
}
