package dev.haulout.proxy.gateway;

import dev.haulout.proxy.session.KillAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers other gateways, whose clients kill sessions that may be here: one {@link KillRequest} in each connection. */
final class PeerListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PeerListener.class);
    private static final int MOST_AT_ONCE = 64;

    /** For all of a connection, TLS included. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final ServerSocket listener;
    private final Supplier<PeerTls> tls;
    private final Function<KillRequest, CompletableFuture<KillAnswer>> judge;
    private final ScheduledExecutorService clock;
    private final Semaphore free = new Semaphore(MOST_AT_ONCE);
    private final Counter answered;
    private final Counter dropped;

    private PeerListener(
            ServerSocket listener,
            Supplier<PeerTls> tls,
            Function<KillRequest, CompletableFuture<KillAnswer>> judge,
            ScheduledExecutorService clock,
            MeterRegistry registry) {
        this.listener = listener;
        this.tls = tls;
        this.judge = judge;
        this.clock = clock;
        this.answered = counter(registry, "answered");
        this.dropped = counter(registry, "dropped");
    }

    private static Counter counter(MeterRegistry registry, String outcome) {
        return Counter.builder("haulout.peer.requests")
                .description("Connections of other gateways that ask for a session, and of others who try")
                .tag("outcome", outcome)
                .register(registry);
    }

    /**
     * Listens from now on.
     *
     * @param tls for the next connection
     * @param judge does what is asked
     * @throws IOException when the address can't be had
     */
    static PeerListener open(
            InetSocketAddress address,
            Supplier<PeerTls> tls,
            Function<KillRequest, CompletableFuture<KillAnswer>> judge,
            ScheduledExecutorService clock,
            MeterRegistry registry)
            throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.setReuseAddress(true);
            listener.bind(address, MOST_AT_ONCE);
        } catch (IOException e) {
            listener.close();
            throw new IOException(
                    "other gateways can't be listened to at " + address + ": " + e.getMessage()
                            + "; choose another --peer-port, for all of them",
                    e);
        }
        PeerListener peers = new PeerListener(listener, tls, judge, clock, registry);
        Thread.ofPlatform().daemon().name("haulout-peers").start(peers::listen);
        return peers;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                Socket caller = listener.accept();
                if (free.tryAcquire()) {
                    Thread.ofVirtual().start(() -> {
                        try {
                            receive(caller);
                        } finally {
                            free.release();
                        }
                    });
                } else {
                    dropped.increment();
                    caller.close();
                }
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    log.warn("a gateway's request could not be received: {}", e.getMessage());
                }
            }
        }
    }

    private void receive(Socket caller) {
        Future<?> limit = clock.schedule(() -> cutOff(caller), LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        boolean done = false;
        try (caller;
                SSLSocket socket = tls.get().called(caller)) {
            Optional<KillRequest> request = KillRequest.parse(KillRequest.read(socket.getInputStream()));
            if (request.isPresent()) {
                KillAnswer answer = judge.apply(request.get()).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
                String line = KillRequest.line(answer) + "\n";
                socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
                done = true;
            }
        } catch (IOException | ExecutionException | TimeoutException e) {
            log.debug("{} got no answer: {}", caller.getRemoteSocketAddress(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            limit.cancel(false);
        }
        (done ? answered : dropped).increment();
    }

    private static void cutOff(Socket caller) {
        try {
            caller.close();
        } catch (IOException e) {
            log.debug("{} could not be cut off: {}", caller.getRemoteSocketAddress(), e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
