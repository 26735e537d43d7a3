package dev.haulout.proxy.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for pods that say where they are, one line each: {@code haulout-announce/1 UID TOKEN ADDRESS}. Whoever doesn't
 * know the instance's token, or speaks for another address than his own, is not heard and not answered. What a pod says
 * is a hint where to look for the server, and no more.
 */
final class Announcements implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Announcements.class);
    private static final String GREETING = "haulout-announce/1";
    private static final int LONGEST = 512;
    private static final int MOST_AT_ONCE = 256;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final ServerSocket listener;
    private final Instances instances;
    private final Semaphore free = new Semaphore(MOST_AT_ONCE);
    private final Counter heard;
    private final Counter dropped;

    /** Which instances there are. */
    interface Instances {
        /** By what a pod of that instance shows that it is one; empty when there is no such instance. */
        Optional<byte[]> token(String uid);

        /** A pod of that instance is there. */
        void announced(String uid, InetAddress address);
    }

    private Announcements(ServerSocket listener, Instances instances, MeterRegistry registry) {
        this.listener = listener;
        this.instances = instances;
        this.heard = counter(registry, "heard");
        this.dropped = counter(registry, "dropped");
    }

    private static Counter counter(MeterRegistry registry, String outcome) {
        return Counter.builder("haulout.announcements")
                .description("Connections of pods that announce themselves, and of others who try")
                .tag("outcome", outcome)
                .register(registry);
    }

    /** @throws IOException when the address can't be had */
    static Announcements open(InetSocketAddress address, Instances instances, MeterRegistry registry)
            throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.setReuseAddress(true);
            listener.bind(address, MOST_AT_ONCE);
        } catch (IOException e) {
            listener.close();
            throw new IOException(
                    "pods can't announce themselves at " + address + ": " + e.getMessage()
                            + "; choose another --announcements",
                    e);
        }
        Announcements announcements = new Announcements(listener, instances, registry);
        Thread.ofPlatform().daemon().name("haulout-announcements").start(announcements::listen);
        return announcements;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                Socket visitor = listener.accept();
                if (free.tryAcquire()) {
                    Thread.ofVirtual().start(() -> {
                        try {
                            receive(visitor);
                        } finally {
                            free.release();
                        }
                    });
                } else {
                    dropped.increment();
                    visitor.close();
                }
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    log.warn("an announcement could not be received: {}", e.getMessage());
                }
            }
        }
    }

    private void receive(Socket visitor) {
        boolean taken = false;
        try (visitor) {
            Optional<String> line = line(visitor);
            taken = line.isPresent() && take(line.get(), visitor.getInetAddress());
        } catch (IOException gone) {
            // who leaves without a word is counted below
        }
        (taken ? heard : dropped).increment();
    }

    private static Optional<String> line(Socket visitor) throws IOException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        InputStream in = visitor.getInputStream();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < LONGEST) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millis <= 0) {
                return Optional.empty();
            }
            visitor.setSoTimeout((int) millis);
            int next = in.read();
            if (next == '\n') {
                return Optional.of(line.toString(StandardCharsets.US_ASCII));
            }
            if (next < 0) {
                return Optional.empty();
            }
            line.write(next);
        }
        return Optional.empty();
    }

    private boolean take(String line, InetAddress from) {
        String[] words = line.split(" ", -1);
        if (words.length != 4 || !words[0].equals(GREETING)) {
            return false;
        }
        byte[] shown = words[2].getBytes(StandardCharsets.US_ASCII);
        Optional<byte[]> token = instances.token(words[1]);
        if (token.isEmpty() || !MessageDigest.isEqual(token.get(), shown)) {
            return false;
        }
        try {
            if (!InetAddress.ofLiteral(words[3]).equals(from)) {
                return false;
            }
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
        instances.announced(words[1], from);
        return true;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
