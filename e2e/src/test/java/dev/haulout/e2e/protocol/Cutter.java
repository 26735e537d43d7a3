package dev.haulout.e2e.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Stands between two that speak with each other, and takes both from each other as soon as so many bytes have passed. */
final class Cutter implements AutoCloseable {
    private static final int CHUNK = 64 << 10;

    /** Who said the last bytes that pass. */
    enum Side {
        CLIENT,
        SERVER
    }

    /**
     * Where a connection ends.
     *
     * @param after so many bytes of that side have passed
     * @param abruptly by a reset, where there is such
     */
    record Cut(Side side, long after, boolean abruptly) {}

    /** What passed on one connection. */
    static final class Record {
        private final ByteArrayOutputStream ofClient = new ByteArrayOutputStream();
        private final ByteArrayOutputStream ofServer = new ByteArrayOutputStream();

        /** Everything that side has said. */
        byte[] of(Side side) {
            ByteArrayOutputStream bytes = stream(side);
            synchronized (bytes) {
                return bytes.toByteArray();
            }
        }

        private ByteArrayOutputStream stream(Side side) {
            return switch (side) {
                case CLIENT -> ofClient;
                case SERVER -> ofServer;
            };
        }

        private void add(Side side, ByteBuffer chunk) {
            ByteArrayOutputStream bytes = stream(side);
            synchronized (bytes) {
                bytes.write(chunk.array(), chunk.position(), chunk.remaining());
            }
        }
    }

    private final ServerSocketChannel listening;
    private final SocketAddress target;
    private final int chunk;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private Cut armed;
    private Record recording;
    private int skipped;

    private Cutter(ServerSocketChannel listening, SocketAddress target, int chunk) {
        this.listening = listening;
        this.target = target;
        this.chunk = chunk;
        Thread.ofPlatform().daemon().name("cutter").start(this::accept);
    }

    /** On a port of the loopback address, before another one. */
    static Cutter before(int port) throws IOException {
        return new Cutter(onLoopback(), new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CHUNK);
    }

    /** The same, by which nothing comes but byte by byte. */
    static Cutter trickling(int port) throws IOException {
        return new Cutter(onLoopback(), new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
    }

    /** In the place of a socket, which has moved. */
    static Cutter inPlaceOf(Path socket, Path moved) throws IOException {
        ServerSocketChannel channel =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        return new Cutter(channel, UnixDomainSocketAddress.of(moved), CHUNK);
    }

    private static ServerSocketChannel onLoopback() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Where it listens, if that is a port. */
    int port() throws IOException {
        return ((InetSocketAddress) listening.getLocalAddress()).getPort();
    }

    /** The next connection, after so many others, ends there. */
    synchronized void cutNext(int others, Cut cut) {
        skipped = others;
        armed = cut;
        recording = null;
    }

    /** The next connection, after so many others, goes on as long as it likes. */
    synchronized Record recordNext(int others) {
        skipped = others;
        armed = null;
        recording = new Record();
        return recording;
    }

    /** All that there are end now. */
    void cutAll() {
        open.forEach(Cutter::close);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                try {
                    begin(client, SocketChannel.open(target));
                } catch (IOException noServer) {
                    client.close();
                }
            }
        } catch (IOException closed) {
            cutAll();
        }
    }

    private void begin(SocketChannel client, SocketChannel server) throws IOException {
        Cut cut;
        Record record;
        synchronized (this) {
            boolean isMeant = skipped-- == 0;
            cut = isMeant ? armed : null;
            record = isMeant ? recording : null;
        }
        for (SocketChannel channel : new SocketChannel[] {client, server}) {
            open.add(channel);
            if (channel.getRemoteAddress() instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                if (cut != null && cut.abruptly()) {
                    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            }
        }
        AtomicBoolean over = new AtomicBoolean();
        Thread.ofPlatform().daemon().start(() -> pass(client, server, Side.CLIENT, cut, record, over));
        Thread.ofPlatform().daemon().start(() -> pass(server, client, Side.SERVER, cut, record, over));
    }

    private void pass(SocketChannel from, SocketChannel to, Side side, Cut cut, Record record, AtomicBoolean over) {
        long left = cut != null && cut.side() == side ? cut.after() : Long.MAX_VALUE;
        ByteBuffer buffer = ByteBuffer.allocate(chunk);
        try (from;
                to) {
            while (left > 0) {
                buffer.clear().limit((int) Math.min(left, buffer.capacity()));
                if (from.read(buffer) < 0 || over.get()) {
                    return;
                }
                left -= buffer.flip().remaining();
                if (record != null) {
                    record.add(side, buffer);
                }
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
            over.set(true); // what one of them says to the loss of the other is not passed on
        } catch (IOException eitherHasGone) {
            // and so goes the other
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
