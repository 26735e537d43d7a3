package dev.haulout.e2e.transparency;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * A way to a server or a door that sees each command of a client begin, and may hold it up. What passes is not changed.
 * It reads packets that are neither encrypted nor compressed.
 */
final class Passage implements AutoCloseable {
    private static final int CHUNK = 32 * 1024;
    private static final int HEADER = 4;
    private static final int SEQUENCE = 3;

    private final ServerSocketChannel listening;
    private final Path listen;
    private final Path target;
    private final IntConsumer beforeCommand;
    private final AtomicInteger commands = new AtomicInteger();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /**
     * Opens it.
     *
     * @param listen where clients come to
     * @param target the socket that they get to
     * @param beforeCommand called before each command with its number from 0, counted over all connections; the command
     *     waits for its return
     */
    Passage(Path listen, Path target, IntConsumer beforeCommand) throws IOException {
        Files.deleteIfExists(listen);
        this.listen = listen;
        this.target = target;
        this.beforeCommand = beforeCommand;
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(listen));
        Thread.ofPlatform().daemon().name("passage").start(this::accept);
    }

    /** How many commands there were. */
    int commands() {
        return commands.get();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                open.add(client);
                SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(target));
                open.add(server);
                Thread.ofPlatform().daemon().start(() -> pump(client, server, this::commands));
                Thread.ofPlatform().daemon().start(() -> pump(server, client, Passage::bytes));
            }
        } catch (IOException closed) {
            close();
        }
    }

    private interface Pump {
        void run(InputStream from, OutputStream to) throws IOException;
    }

    private void pump(SocketChannel from, SocketChannel to, Pump pump) {
        try (from;
                to) {
            pump.run(
                    new BufferedInputStream(Channels.newInputStream(from), CHUNK),
                    new BufferedOutputStream(Channels.newOutputStream(to), CHUNK));
        } catch (IOException gone) {
            // the other side is closed with it
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void bytes(InputStream from, OutputStream to) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
            to.write(chunk, 0, read);
            to.flush();
        }
    }

    private void commands(InputStream from, OutputStream to) throws IOException {
        byte[] chunk = new byte[CHUNK];
        while (true) {
            if (from.readNBytes(chunk, 0, HEADER) < HEADER) {
                throw new EOFException();
            }
            if (chunk[SEQUENCE] == 0) { // within a login and the rest of a command it is another
                to.flush();
                beforeCommand.accept(commands.getAndIncrement());
            }
            to.write(chunk, 0, HEADER);
            int left = (chunk[0] & 0xff) | (chunk[1] & 0xff) << 8 | (chunk[2] & 0xff) << 16;
            while (left > 0) {
                int read = from.readNBytes(chunk, 0, Math.min(left, CHUNK));
                if (read == 0) {
                    throw new EOFException();
                }
                to.write(chunk, 0, read);
                left -= read;
            }
            to.flush();
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
            Files.deleteIfExists(listen);
        } catch (IOException alreadyGone) {
            // nothing is left to be closed
        }
    }
}
