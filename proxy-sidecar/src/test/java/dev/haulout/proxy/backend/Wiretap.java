package dev.haulout.proxy.backend;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A unix socket that leads to a server's, for one connection, and keeps what the client says. */
final class Wiretap implements AutoCloseable {
    private static final int TLS_HEADER = 5;
    private static final int APPLICATION_DATA = 23;

    private final Path folder;
    private final ServerSocketChannel listener;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Thread listening;

    Wiretap(Path server) throws IOException {
        folder = Files.createTempDirectory("haulout-tap");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        listening = Thread.ofVirtual().start(() -> listen(server));
    }

    private void listen(Path server) {
        try (SocketChannel client = listener.accept();
                SocketChannel behind = SocketChannel.open(UnixDomainSocketAddress.of(server))) {
            Thread answers = Thread.ofVirtual().start(() -> copy(behind, client, new ByteArrayOutputStream()));
            copy(client, behind, said);
            behind.shutdownOutput();
            answers.join();
        } catch (AsynchronousCloseException e) {
            // nobody came
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(SocketChannel from, SocketChannel to, ByteArrayOutputStream kept) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (from.read(buffer) >= 0) {
                kept.write(buffer.array(), 0, buffer.position());
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // one end has gone: so has the connection
        }
    }

    DomainSocketAddress address() {
        return new DomainSocketAddress(folder.resolve("s").toFile());
    }

    /** All that the client said, once it has ended the connection. */
    byte[] said() throws InterruptedException {
        listening.join();
        return said.toByteArray();
    }

    /** The lengths of the TLS records of encrypted content (in TLS 1.3 also alerts) in what was said from {@code start} on. */
    static List<Integer> encrypted(byte[] said, int start) {
        List<Integer> lengths = new ArrayList<>();
        int length;
        for (int at = start; at + TLS_HEADER <= said.length; at += TLS_HEADER + length) {
            length = (said[at + 3] & 0xff) << 8 | said[at + 4] & 0xff;
            if (said[at] == APPLICATION_DATA) {
                lengths.add(length);
            }
        }
        return lengths;
    }

    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(folder.resolve("s"));
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
