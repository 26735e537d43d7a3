package dev.haulout.proxy.backend;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A server on a unix socket that says what its script says: for what no real server can be made to do. */
public final class FakeServer implements AutoCloseable {
    /** With DEPRECATE_EOF, and without MariaDB's own extensions. */
    public static final byte[] GREETING = frame(
            0,
            HexFormat.of()
                    .parseHex(
                            "0a31312e342e352d4d61726961444200030000004346743a60566c3f00fff7080200ff81150000000000000000"
                                    + "000033224e46524a5b6a2575422a006d7973716c5f6e61746976655f70617373776f726400"));

    /** What it does with each connection, on a thread of its own. */
    @FunctionalInterface
    public interface Script {
        /** Talks; the connection is closed when it returns. */
        void talk(Connection connection) throws IOException;
    }

    private final Path folder;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /** Listens from now on. */
    public FakeServer(Script script) throws IOException {
        folder = Files.createTempDirectory("haulout-fake");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        Thread.ofVirtual().start(() -> accept(script));
    }

    private void accept(Script script) {
        while (true) {
            try {
                SocketChannel channel = listener.accept();
                open.add(channel);
                Thread.ofVirtual().start(() -> talk(script, channel));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void talk(Script script, SocketChannel channel) {
        try (channel) {
            script.talk(new Connection(channel));
        } catch (IOException e) {
            // the other end had enough: a script goes on until then
        }
    }

    /** Where it listens. */
    public DomainSocketAddress address() {
        return new DomainSocketAddress(folder.resolve("s").toString());
    }

    /** One frame. */
    public static byte[] frame(int sequence, byte... payload) {
        byte[] frame = new byte[4 + payload.length];
        frame[0] = (byte) payload.length;
        frame[1] = (byte) (payload.length >> 8);
        frame[2] = (byte) (payload.length >> 16);
        frame[3] = (byte) sequence;
        System.arraycopy(payload, 0, frame, 4, payload.length);
        return frame;
    }

    /** An OK packet with autocommit on. */
    public static byte[] ok(int sequence) {
        return frame(sequence, new byte[] {0, 0, 0, 2, 0, 0, 0});
    }

    /** Frames one behind the other. */
    public static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
            Files.deleteIfExists(folder.resolve("s"));
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One connection, from the server's side. */
    public static final class Connection {
        private final SocketChannel channel;
        private final PushbackInputStream in;

        Connection(SocketChannel channel) {
            this.channel = channel;
            this.in = new PushbackInputStream(Channels.newInputStream(channel));
        }

        /** Sends bytes as they are. */
        public void send(byte[] bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }

        /** The next frame's payload. */
        public byte[] read() throws IOException {
            byte[] header = in.readNBytes(4);
            if (header.length < 4) {
                throw new IOException("the other end closed");
            }
            return in.readNBytes(header[0] & 0xff | (header[1] & 0xff) << 8 | (header[2] & 0xff) << 16);
        }

        /** Greets and accepts whoever it is, save Haulout's own account: a script is for a session of a client's. */
        public void logIn() throws IOException {
            send(GREETING);
            skipProxyHeader();
            String response = new String(read(), StandardCharsets.ISO_8859_1);
            if (response.contains("haulout\0")) {
                send(frame(2, "\u00ff\u0015\4#28000not you".getBytes(StandardCharsets.ISO_8859_1)));
                throw new IOException("Haulout's own connection");
            }
            send(ok(2));
        }

        /** Sessions over TCP say first where their client is: 16 bytes, the last two of them the length of the rest. */
        private void skipProxyHeader() throws IOException {
            int first = in.read();
            if (first == 0x0d) {
                byte[] rest = in.readNBytes(15);
                in.skipNBytes((rest[13] & 0xff) << 8 | rest[14] & 0xff);
            } else {
                in.unread(first);
            }
        }
    }
}
