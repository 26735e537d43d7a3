package dev.haulout.proxy.wake.process;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Waits for a server's first byte. A server listens some time before it answers (it recovers, it runs its
 * {@code init-file}), so only the greeting tells that it is ready.
 */
final class Readiness {
    /** How a wait ended. */
    enum Outcome {
        /** The server sent the first byte of a greeting. */
        READY,
        /** Its process ended. */
        ENDED,
        /** Its process is there but did nothing for too long. */
        STUCK
    }

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(1);
    private static final long BETWEEN_LOOKS_AT_PROCESS = Duration.ofMillis(10).toNanos();
    private static final long BETWEEN_LOOKS_AT_ACTIVITY = Duration.ofMillis(250).toNanos();

    private final Path file;
    private final LinuxProcess process;
    private final LongSupplier logSize;
    private final Duration patience;

    private long nextLookAtProcess = System.nanoTime();
    private long nextLookAtActivity = System.nanoTime();
    private String lastActivity = "";
    private long lastActive = System.nanoTime();

    /** @param patience how long the process may do nothing at all */
    Readiness(Path socket, LinuxProcess process, LongSupplier logSize, Duration patience) {
        this.file = socket;
        this.process = process;
        this.logSize = logSize;
        this.patience = patience;
    }

    Outcome await() throws InterruptedException {
        while (true) {
            // Looking for the file is a single system call. A connect that fails a thousand times a second, each with
            // an exception, takes from the server a good part of the processor it starts on.
            if (Files.exists(file)) {
                try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    channel.configureBlocking(false);
                    if (channel.connect(UnixDomainSocketAddress.of(file)) || channel.finishConnect()) {
                        Optional<Outcome> outcome = awaitFirstByte(channel);
                        if (outcome.isPresent()) {
                            return outcome.get();
                        }
                    }
                } catch (IOException notListeningYet) {
                    // Expected until the server listens, and again while one that stops does no longer.
                }
            }
            if (ended()) {
                return Outcome.ENDED;
            }
            if (stuck()) {
                return Outcome.STUCK;
            }
            Thread.sleep(BETWEEN_TRIES);
        }
    }

    /** Empty when the server closed the connection. */
    private Optional<Outcome> awaitFirstByte(SocketChannel channel) throws IOException, InterruptedException {
        ByteBuffer first = ByteBuffer.allocate(1);
        int read = channel.read(first);
        while (read == 0) {
            if (ended()) {
                return Optional.of(Outcome.ENDED);
            }
            if (stuck()) {
                return Optional.of(Outcome.STUCK);
            }
            Thread.sleep(BETWEEN_TRIES);
            read = channel.read(first);
        }
        return read > 0 ? Optional.of(Outcome.READY) : Optional.empty();
    }

    private boolean ended() {
        long now = System.nanoTime();
        if (now - nextLookAtProcess < 0) {
            return false;
        }
        nextLookAtProcess = now + BETWEEN_LOOKS_AT_PROCESS;
        return !process.alive();
    }

    private boolean stuck() {
        long now = System.nanoTime();
        if (now - nextLookAtActivity < 0) {
            return false;
        }
        nextLookAtActivity = now + BETWEEN_LOOKS_AT_ACTIVITY;
        String activity = process.activity() + " " + logSize.getAsLong();
        if (!activity.equals(lastActivity)) {
            lastActivity = activity;
            lastActive = now;
            return false;
        }
        return now - lastActive > patience.toNanos();
    }
}
