package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.ResponseTracker;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a server, on one event loop. It logs in, then either answers statements of our own
 * ({@link #query}) or hands the server's raw bytes to its owner (between {@link #forward} and the end of the answer).
 */
public final class BackendConnection extends ChannelInboundHandlerAdapter {
    /** Of a statement of ours. Whoever owns a server may make it say anything, and there is memory for all owners. */
    static final int LONGEST_ANSWER = 32 << 20;

    private static final Logger log = LoggerFactory.getLogger(BackendConnection.class);

    /** How long a login may take, connecting and the client's part of it included. */
    private static final long LOGIN_MILLIS = 60_000;

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

        /** A gateway says something unasked, ahead of the next answer if there is to be one: see {@link BackendLogin#notices}. */
        default void noticed(byte[] notice) {}
    }

    private enum Stage {
        LOGIN,
        READY,
        QUERY,
        RELAY,
        CLOSED
    }

    private final BackendLogin login;
    private final Optional<BackendTls> tls;
    private final long loginMillis;
    private final Entrance entrance;
    private final Owner owner;
    private Channel channel;
    private final NoticeReader notices;
    private Stage stage = Stage.LOGIN;
    private ByteBuf gathered;
    private LoginExchange exchange;
    private ResponseTracker tracker;
    private Function<ByteBuf, Runnable> onAnswer;
    private ScheduledFuture<?> deadline;

    private BackendConnection(
            BackendLogin login, Optional<BackendTls> tls, long loginMillis, Entrance entrance, Owner owner) {
        this.login = login;
        this.tls = tls;
        this.loginMillis = loginMillis;
        this.entrance = entrance;
        this.owner = owner;
        this.notices = login.notices() ? new NoticeReader(owner::noticed) : null;
    }

    /**
     * Connects and logs in; fails when that takes longer than {@value #LOGIN_MILLIS} ms.
     *
     * @param tls nothing of the login is said before the server has shown by it who it is; empty for none
     */
    public static BackendConnection open(
            EventLoop loop,
            SocketAddress address,
            Optional<BackendTls> tls,
            BackendLogin login,
            Entrance entrance,
            Owner owner) {
        return open(loop, address, tls, login, entrance, owner, LOGIN_MILLIS);
    }

    static BackendConnection open(
            EventLoop loop,
            SocketAddress address,
            Optional<BackendTls> tls,
            BackendLogin login,
            Entrance entrance,
            Owner owner,
            long loginMillis) {
        BackendConnection connection = new BackendConnection(login, tls, loginMillis, entrance, owner);
        ChannelFuture connect = Dialer.dial(loop, address, login.notices(), connection);
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
        return exchange == null ? null : exchange.greeting();
    }

    /** The capabilities agreed with the server. */
    public long capabilities() {
        return exchange.capabilities();
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
        ask(Command.QUERY, sql, answer -> QueryResult.read(answer, !deprecatesEof()), onResult);
    }

    /** Runs a statement of our own, as {@link #query} does; its answer comes as the server gave it, frame by frame. */
    public void queryRaw(String sql, Consumer<byte[]> onAnswer) {
        ask(Command.QUERY, sql.getBytes(StandardCharsets.UTF_8), ByteBufUtil::getBytes, onAnswer);
    }

    /**
     * Chooses the current database, as {@link #query} asks.
     *
     * @param onResult takes the error, null where there was none
     */
    public void useDatabase(String name, Consumer<SqlError> onResult) {
        byte[] body = name.getBytes(StandardCharsets.UTF_8);
        ask(
                Command.INIT_DB,
                body,
                answer -> QueryResult.read(answer, !deprecatesEof()),
                result -> onResult.accept(result.error()));
    }

    /** Prepares a statement, as {@link #query} asks. */
    public void prepare(byte[] sql, Consumer<PrepareResult> onResult) {
        ask(Command.STMT_PREPARE, sql, answer -> PrepareResult.read(answer, !deprecatesEof()), onResult);
    }

    /** Closes a statement that we prepared; the server says nothing to it. */
    public void closeStatement(int id) {
        channel.write(
                channel.alloc()
                        .buffer(Wire.HEADER + 5)
                        .writeMediumLE(5)
                        .writeByte(0)
                        .writeByte(Command.STMT_CLOSE)
                        .writeIntLE(id),
                channel.voidPromise());
    }

    private boolean deprecatesEof() {
        return Capability.has(capabilities(), Capability.DEPRECATE_EOF);
    }

    private <T> void ask(int command, byte[] body, Function<ByteBuf, T> reader, Consumer<T> receiver) {
        if (stage != Stage.READY) {
            throw new IllegalStateException("a statement of ours while " + stage);
        }
        onAnswer = answer -> {
            T read = reader.apply(answer);
            return () -> receiver.accept(read);
        };
        stage = Stage.QUERY;
        tracker.begin(command);
        channel.writeAndFlush(
                channel.alloc()
                        .buffer(Wire.HEADER + 1 + body.length)
                        .writeMediumLE(1 + body.length)
                        .writeByte(0)
                        .writeByte(command)
                        .writeBytes(body),
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
        if (exchange != null) {
            exchange.end();
        }
        if (notices != null) {
            notices.end();
        }
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
        exchange = new LoginExchange(channel, login, tls, new Verdict());
        // a frozen server still accepts connections, and then says nothing
        deadline = channel.eventLoop().schedule(this::missed, loginMillis, TimeUnit.MILLISECONDS);
        whenClosed(() -> deadline.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (stage == Stage.LOGIN) {
            ByteBuf behind = exchange.read(bytes);
            if (notices == null || !behind.isReadable()) {
                behind.release(); // no answer to anything: a farewell
                return;
            }
            bytes = behind;
        }
        while (bytes.isReadable()) {
            if (notices != null && mayBeNotice()) {
                bytes = noticed(context, bytes);
            }
            bytes = bytes.isReadable() ? received(context, bytes) : bytes;
        }
        bytes.release();
    }

    private boolean mayBeNotice() {
        return switch (stage) {
            case READY -> true;
            case QUERY, RELAY -> tracker.untouched();
            case LOGIN, CLOSED -> false;
        };
    }

    private ByteBuf noticed(ChannelHandlerContext context, ByteBuf bytes) {
        try {
            ByteBuf rest = notices.read(context.alloc(), bytes);
            if (stage == Stage.CLOSED) {
                notices.end(); // the owner had enough on hearing it
            }
            return rest;
        } catch (MalformedPacketException e) {
            giveUp("sent a " + e.getMessage());
            return Unpooled.EMPTY_BUFFER;
        }
    }

    /** Takes bytes that are no notice. Returns what stands behind an answer, where that may be one. */
    private ByteBuf received(ChannelHandlerContext context, ByteBuf bytes) {
        return switch (stage) {
            case LOGIN -> throw new IllegalStateException("bytes of a login that its exchange has not read");
            case QUERY -> {
                ByteBuf behind = behind(bytes, tracker.feed(bytes));
                gather(context, bytes);
                if (gathered.readableBytes() > LONGEST_ANSWER) {
                    giveUp("answered a statement of ours with more than " + LONGEST_ANSWER + " bytes");
                } else if (tracker.done()) {
                    endQuery();
                } else if (tracker.wantsFile()) {
                    giveUp("asked for a file in answer to a statement of ours");
                }
                yield behind;
            }
            case RELAY -> {
                int answer = tracker.feed(bytes);
                ByteBuf behind = behind(bytes, answer);
                bytes.writerIndex(bytes.readerIndex() + answer); // more is no answer to anything: see unasked
                if (tracker.done()) {
                    stage = Stage.READY;
                }
                owner.relay(bytes);
                yield behind;
            }
            case READY, CLOSED -> {
                unasked(bytes);
                yield Unpooled.EMPTY_BUFFER;
            }
        };
    }

    private ByteBuf behind(ByteBuf bytes, int answer) {
        if (notices == null || bytes.readableBytes() == answer) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf behind = bytes.retainedSlice(bytes.readerIndex() + answer, bytes.readableBytes() - answer);
        bytes.writerIndex(bytes.readerIndex() + answer);
        return behind;
    }

    /** Hears how the login ends. */
    private final class Verdict implements LoginExchange.Verdict {
        @Override
        public void accepted(ByteBuf ok, int status) {
            tracker = new ResponseTracker(capabilities());
            tracker.status(status);
            stage = Stage.READY;
            deadline.cancel(false);
            entrance.loggedIn(BackendConnection.this, ok);
        }

        @Override
        public void refused(SqlError error) {
            close();
            entrance.refused(error);
        }

        @Override
        public void failed(IOException cause) {
            fail(cause);
        }
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

    private void endQuery() {
        stage = Stage.READY;
        ByteBuf answer = gathered;
        gathered = null;
        Function<ByteBuf, Runnable> reader = onAnswer;
        onAnswer = null;
        Runnable then;
        try {
            then = reader.apply(answer);
        } catch (MalformedPacketException e) {
            giveUp("sent a " + e.getMessage());
            return;
        } finally {
            answer.release();
        }
        then.run();
    }

    /** The server doesn't keep to the protocol: nothing more can be said to it. */
    private void giveUp(String why) {
        log.warn("the server at {} {}; closing this connection to it", channel.remoteAddress(), why);
        close();
        owner.closed();
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
            case LOGIN -> fail(new IOException("the server closed the connection during login"));
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
        } else if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
            if (stage == Stage.LOGIN) {
                fail(TlsStep.failure(channel, cause.getCause()));
            }
            context.close(); // as above
        } else {
            context.close();
            throw new IllegalStateException("a fault of ours on a backend connection", cause);
        }
    }

    private void missed() {
        if (stage == Stage.LOGIN) {
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
        if (exchange != null) {
            exchange.end();
        }
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
        if (notices != null) {
            notices.end();
        }
        if (channel.isRegistered()) {
            channel.close();
        }
    }
}
