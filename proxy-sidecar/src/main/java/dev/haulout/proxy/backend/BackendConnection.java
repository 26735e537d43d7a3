package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.AuthSwitch;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.ResponseTracker;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a server, on one event loop. It logs in, then either answers statements of our own
 * ({@link #query}) or hands the server's raw bytes to its owner (between {@link #forward} and the end of the answer).
 */
public final class BackendConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(BackendConnection.class);

    /** How long a login may take, connecting and the client's part of it included. */
    private static final long LOGIN_MILLIS = 60_000;

    /** No packet of a login is longer, not even an OK with all that a session tracks. */
    private static final int LONGEST_DURING_LOGIN = 64 * 1024;

    /** How many columns a server's SELECT can have. */
    private static final int MOST_COLUMNS = 4096;

    /** How long the server may take to close a connection after COM_QUIT. */
    private static final long FAREWELL_MILLIS = 1_000;

    /** Told how the login goes, on the connection's event loop. Exactly one of these is called, once. */
    public interface Entrance {
        /**
         * The server accepted.
         *
         * @param ok the OK packet's payload; released after the call
         */
        void loggedIn(BackendConnection connection, ByteBuf ok);

        /** The server refused. */
        void refused(SqlError error);

        /** The connection could not be made, or ended before the login did. */
        void failed(IOException cause);
    }

    /** Told what happens on the connection after the login, on its event loop. */
    public interface Owner {
        /** Bytes of an answer to a forwarded command; the owner releases them. */
        void relay(ByteBuf bytes);

        /** No more bytes for now: the time to flush. */
        void relayed();

        /** Whether the connection takes more bytes changed. */
        void writabilityChanged();

        /** The connection ended, and not by {@link #quit}. */
        void closed();
    }

    private enum Stage {
        GREETING,
        LOGIN,
        READY,
        QUERY,
        RELAY,
        CLOSED
    }

    private final BackendLogin login;
    private final long loginMillis;
    private final Entrance entrance;
    private final Owner owner;
    private Channel channel;
    private Stage stage = Stage.GREETING;
    private ByteBuf gathered;
    private Greeting greeting;
    private long capabilities;
    private ResponseTracker tracker;
    private Consumer<QueryResult> onResult;
    private ScheduledFuture<?> deadline;

    private BackendConnection(BackendLogin login, long loginMillis, Entrance entrance, Owner owner) {
        this.login = login;
        this.loginMillis = loginMillis;
        this.entrance = entrance;
        this.owner = owner;
    }

    /** Connects and logs in; fails when that takes longer than {@value #LOGIN_MILLIS} ms. */
    public static BackendConnection open(
            EventLoop loop, SocketAddress address, BackendLogin login, Entrance entrance, Owner owner) {
        return open(loop, address, login, entrance, owner, LOGIN_MILLIS);
    }

    static BackendConnection open(
            EventLoop loop,
            SocketAddress address,
            BackendLogin login,
            Entrance entrance,
            Owner owner,
            long loginMillis) {
        BackendConnection connection = new BackendConnection(login, loginMillis, entrance, owner);
        boolean local = address instanceof DomainSocketAddress;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(local ? EpollDomainSocketChannel.class : EpollSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                .handler(connection);
        if (!local) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true);
        }
        ChannelFuture connect = bootstrap.connect(address);
        connection.channel = connect.channel();
        connect.addListener(done -> {
            if (!done.isSuccess()) {
                connection.fail(new IOException("connecting to the server at " + address + " failed", done.cause()));
            }
        });
        return connection;
    }

    /** The server's greeting; null until it came. */
    public Greeting greeting() {
        return greeting;
    }

    /** The capabilities agreed with the server. */
    public long capabilities() {
        return capabilities;
    }

    /** Follows the answer to the present command. */
    public ResponseTracker tracker() {
        return tracker;
    }

    /** Whether commands can be sent: logged in, and no answer outstanding. */
    public boolean isReady() {
        return stage == Stage.READY;
    }

    /** Whether the server's bytes may flow on. */
    public void autoRead(boolean read) {
        channel.config().setAutoRead(read);
    }

    /** Whether the connection takes more bytes without piling them up. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    /** Begins a command of the client: its answer goes to the owner. Bytes follow by {@link #write}. */
    public void forward(int command) {
        tracker.begin(command);
        stage = tracker.done() ? Stage.READY : Stage.RELAY;
    }

    /** Sends bytes as they are. */
    public void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    /** Sends what was written. */
    public void flush() {
        channel.flush();
    }

    /** Runs a statement of our own; only while {@link #isReady}. A lost connection is told to the owner instead. */
    public void query(String sql, Consumer<QueryResult> onResult) {
        query(sql.getBytes(StandardCharsets.UTF_8), onResult);
    }

    /** The same with the statement's bytes as they are, in the session's character set. */
    public void query(byte[] sql, Consumer<QueryResult> onResult) {
        if (stage != Stage.READY) {
            throw new IllegalStateException("a statement of ours while " + stage);
        }
        this.onResult = onResult;
        stage = Stage.QUERY;
        tracker.begin(Command.QUERY);
        channel.writeAndFlush(
                channel.alloc()
                        .buffer(Wire.HEADER + 1 + sql.length)
                        .writeMediumLE(1 + sql.length)
                        .writeByte(0)
                        .writeByte(Command.QUERY)
                        .writeBytes(sql),
                channel.voidPromise());
    }

    /**
     * Ends the connection; the owner hears nothing more. Between commands it says COM_QUIT and leaves the closing to the
     * server, which counts the connection until then.
     */
    public void quit() {
        if (stage == Stage.CLOSED) {
            return;
        }
        boolean polite = stage == Stage.READY;
        stage = Stage.CLOSED;
        if (polite) {
            channel.config().setAutoRead(true);
            channel.writeAndFlush(Wire.frame(channel.alloc(), 0, new byte[] {Command.QUIT}));
            channel.eventLoop().schedule(() -> channel.close(), FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            channel.close();
        }
    }

    /** Runs {@code then} on the event loop once the connection is closed, however that came; also when never made. */
    public void whenClosed(Runnable then) {
        channel.closeFuture().addListener(closed -> then.run());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        // whoever opens the connection from another thread may hear of it later than the loop hears the greeting
        channel = context.channel();
        // a frozen server still accepts connections, and then says nothing
        deadline = channel.eventLoop().schedule(this::missed, loginMillis, TimeUnit.MILLISECONDS);
        whenClosed(() -> deadline.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        switch (stage) {
            case GREETING, LOGIN -> {
                gather(context, bytes);
                loginFrames();
            }
            case QUERY -> {
                tracker.feed(bytes);
                gather(context, bytes);
                if (tracker.done()) {
                    endQuery();
                } else if (tracker.wantsFile()) {
                    giveUp("asked for a file in answer to a statement of ours");
                }
            }
            case RELAY -> relay(bytes);
            case READY, CLOSED -> unasked(bytes);
        }
    }

    private void relay(ByteBuf bytes) {
        int answer = tracker.feed(bytes);
        bytes.writerIndex(bytes.readerIndex() + answer); // more is no answer to anything: see unasked
        if (tracker.done()) {
            stage = Stage.READY;
        }
        owner.relay(bytes);
    }

    /** What a server says between answers is a farewell ("killed", "shutting down"): the end follows at once. */
    private static void unasked(ByteBuf bytes) {
        bytes.release();
    }

    private void gather(ChannelHandlerContext context, ByteBuf bytes) {
        if (gathered == null) {
            gathered = bytes;
        } else {
            gathered = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), gathered, bytes);
        }
    }

    private void loginFrames() {
        while ((stage == Stage.GREETING || stage == Stage.LOGIN)
                && gathered != null
                && gathered.readableBytes() >= Wire.HEADER) {
            int length = Wire.payloadLength(gathered);
            if (length > LONGEST_DURING_LOGIN) {
                fail(new IOException("the server sent a packet of " + length + " bytes during login, where at most "
                        + LONGEST_DURING_LOGIN + " are accepted"));
                return;
            }
            if (gathered.readableBytes() < Wire.HEADER + length) {
                return;
            }
            int sequence = Wire.sequence(gathered);
            ByteBuf payload = gathered.readSlice(Wire.HEADER + length);
            payload.skipBytes(Wire.HEADER);
            try {
                loginFrame(sequence, payload);
            } catch (MalformedPacketException e) {
                fail(new IOException("the server sent a " + e.getMessage(), e));
            }
        }
        boolean loginIsOver = stage != Stage.GREETING && stage != Stage.LOGIN;
        if (gathered != null && (loginIsOver || !gathered.isReadable())) {
            gathered.release(); // what follows the verdict is no answer to anything: see unasked
            gathered = null;
        }
    }

    private void loginFrame(int sequence, ByteBuf payload) {
        int first = payload.isReadable() ? payload.getUnsignedByte(payload.readerIndex()) : -1;
        if (first == 0xff) {
            SqlError error = SqlError.read(payload);
            close();
            entrance.refused(error);
            return;
        }
        if (stage == Stage.GREETING) {
            greeting = Greeting.read(payload);
            respond();
            return;
        }
        Consumer<byte[]> reply = proof -> {
            if (stage == Stage.LOGIN) {
                channel.writeAndFlush(Wire.frame(channel.alloc(), sequence + 1, proof), channel.voidPromise());
            }
        };
        switch (first) {
            case 0x00 -> {
                tracker = new ResponseTracker(capabilities);
                tracker.status(status(payload));
                stage = Stage.READY;
                deadline.cancel(false);
                entrance.loggedIn(this, payload);
            }
            case 0xfe -> {
                AuthSwitch request = AuthSwitch.read(payload);
                if (!login.prover().prove(request.plugin(), request.data(), reply)) {
                    fail(new IOException("the server asks user " + login.user() + " for a proof by " + request.plugin()
                            + ", which can't be given without the client"));
                }
            }
            case 0x01 -> {
                payload.skipBytes(1);
                byte[] data = new byte[payload.readableBytes()];
                payload.readBytes(data);
                if (!login.prover().more(data, reply)) {
                    fail(new IOException("the server goes on with a login round that has no answer"));
                }
            }
            default -> fail(new IOException("the server sent an unknown packet (" + first + ") during login"));
        }
    }

    private static int status(ByteBuf ok) {
        ByteBuf fields = ok.slice().skipBytes(1);
        Wire.readLengthEncoded(fields);
        Wire.readLengthEncoded(fields);
        if (fields.readableBytes() < 2) {
            throw new MalformedPacketException("an OK without status flags");
        }
        return fields.readUnsignedShortLE();
    }

    private void respond() {
        long wanted = login.capabilities();
        long lacking = wanted & ~greeting.capabilities() & ~(Capability.CLIENT_MYSQL | Capability.CONNECT_WITH_DB);
        // a proof may hold any byte, so it goes with its length even where the client's own would not
        capabilities = wanted & ~Capability.NOT_AT_THE_DOOR | Capability.SECURE_CONNECTION;
        capabilities = login.database().isEmpty()
                ? capabilities & ~Capability.CONNECT_WITH_DB
                : capabilities | Capability.CONNECT_WITH_DB;
        if (lacking != 0) {
            close();
            entrance.refused(new SqlError(
                    1927,
                    "70100",
                    "Connection was killed: the server that woke lacks capabilities agreed with this client (0x"
                            + Long.toHexString(lacking) + "); connect again"));
            return;
        }
        stage = Stage.LOGIN;
        Prover.Opening opening = login.prover().open(greeting.scramble());
        HandshakeResponse response = new HandshakeResponse(
                capabilities,
                login.maxPacket(),
                login.collation(),
                login.user(),
                opening.proof(),
                login.database(),
                opening.plugin(),
                login.attributes());
        if (login.proxyHeader() != null) {
            channel.write(login.proxyHeader().encode(channel.alloc()), channel.voidPromise());
        }
        channel.writeAndFlush(response.frame(channel.alloc(), 1), channel.voidPromise());
    }

    private void endQuery() {
        stage = Stage.READY;
        ByteBuf answer = gathered;
        gathered = null;
        Consumer<QueryResult> receiver = onResult;
        onResult = null;
        QueryResult result;
        try {
            result = parse(answer);
        } catch (MalformedPacketException e) {
            giveUp("sent a " + e.getMessage());
            return;
        } finally {
            answer.release();
        }
        receiver.accept(result);
    }

    /** The server doesn't keep to the protocol: nothing more can be said to it. */
    private void giveUp(String why) {
        log.warn("the server at {} {}; closing this connection to it", channel.remoteAddress(), why);
        close();
        owner.closed();
    }

    /** Reads the first result set of an answer; further ones are passed over. */
    private QueryResult parse(ByteBuf answer) {
        ByteBuf head = frame(answer);
        int first = head.isReadable() ? head.getUnsignedByte(head.readerIndex()) : -1;
        if (first == 0xff) {
            return new QueryResult(SqlError.read(head), List.of());
        }
        List<byte[][]> rows = new ArrayList<>();
        if (first == 0x00) {
            return new QueryResult(null, rows);
        }
        long count = Wire.readLengthEncoded(head);
        if (count < 1 || count > MOST_COLUMNS) {
            throw new MalformedPacketException("a result set of " + count + " columns");
        }
        int columns = (int) count;
        boolean eof = !Capability.has(capabilities, Capability.DEPRECATE_EOF);
        for (int i = 0; i < columns + (eof ? 1 : 0); i++) {
            frame(answer);
        }
        while (answer.isReadable()) {
            ByteBuf row = frame(answer);
            int mark = row.isReadable() ? row.getUnsignedByte(row.readerIndex()) : -1;
            if (mark == 0xff) {
                return new QueryResult(SqlError.read(row), List.of());
            }
            if (mark == 0xfe && row.readableBytes() < (eof ? 9 : Wire.MAX_PAYLOAD)) {
                break;
            }
            byte[][] cells = new byte[columns][];
            for (int i = 0; i < columns; i++) {
                cells[i] = Wire.readCell(row);
            }
            rows.add(cells);
        }
        return new QueryResult(null, rows);
    }

    private static ByteBuf frame(ByteBuf answer) {
        if (answer.readableBytes() < Wire.HEADER || answer.readableBytes() < Wire.HEADER + Wire.payloadLength(answer)) {
            throw new MalformedPacketException("an answer that ends within a packet");
        }
        return answer.readSlice(Wire.HEADER + Wire.payloadLength(answer)).skipBytes(Wire.HEADER);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (stage == Stage.RELAY || stage == Stage.READY) {
            owner.relayed();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (stage != Stage.CLOSED) {
            owner.writabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        switch (stage) {
            case GREETING, LOGIN -> fail(new IOException("the server closed the connection during login"));
            case READY, QUERY, RELAY -> {
                close();
                owner.closed();
            }
            case CLOSED -> close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            context.close(); // the peer is gone: channelInactive says so to the owner
        } else {
            context.close();
            throw new IllegalStateException("a fault of ours on a backend connection", cause);
        }
    }

    private void missed() {
        if (stage == Stage.GREETING || stage == Stage.LOGIN) {
            fail(new IOException("the server did not complete the login within " + loginMillis + " ms"));
        }
    }

    private void fail(IOException cause) {
        if (stage != Stage.CLOSED) {
            close();
            entrance.failed(cause);
        }
    }

    private void close() {
        stage = Stage.CLOSED;
        if (gathered != null && onResult == null) {
            // a login frame may still be a slice of it: the reader releases it after the loop
            ByteBuf rest = gathered;
            gathered = null;
            channel.eventLoop().execute(rest::release);
        } else if (gathered != null) {
            gathered.release();
            gathered = null;
        }
        channel.close();
    }
}
