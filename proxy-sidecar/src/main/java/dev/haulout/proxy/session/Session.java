package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.Tls;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.BackendLogin;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.CompressedFrames;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.PacketDecoder;
import dev.haulout.proxy.protocol.PacketTooLongException;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.tls.TlsSession;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Participant;
import dev.haulout.proxy.wake.Server;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One client's session, from greeting to quit. {@link SessionState} draws the states; this class keeps the present one, and
 * the client's channel. What is done in them is told in rooms of its own: {@link Login} lets the client in,
 * {@link UserChange} lets it become somebody else, {@link HeldCommands} answers without a server, {@link Attaching} gets
 * one, {@link Relay} passes commands and answers, {@link Detaching} lets go of it, {@link Ending} ends the session, and
 * {@link Notices} are what gateways and sidecars have to say about it. Everything runs on the client channel's event loop,
 * the backend connection's too, so nothing here is locked.
 */
public final class Session extends ChannelInboundHandlerAdapter implements Participant {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private Instance instance;
    private final SessionSetup setup;
    private ClientAddress address;
    private final long id;
    private final PacketDecoder decoder;
    private final Deque<ByteBuf> queue = new ArrayDeque<>();

    private final HeldCommands heldCommands = new HeldCommands(this);
    private final Attaching attaching = new Attaching(this);
    private final Relay relay = new Relay(this);
    private final Kills kills = new Kills(this);
    private final Detaching detaching = new Detaching(this);
    private final Ending ending = new Ending(this);
    private final Notices notices = new Notices(this);
    private final KeptAnswer keptAnswer = new KeptAnswer();
    private final KeptDiagnostics keptDiagnostics = new KeptDiagnostics(this);

    private final UserChange userChange = new UserChange(this);
    private final ProgressReports progressReports = new ProgressReports(this);

    private Channel channel;
    private TlsSession tls;
    private Login login = new Login(this);
    private SessionState state;
    private int sequence;

    /** Packets that the client has got while the command waited which it said next, or was taken last. */
    private int reported;

    private int reportedOfTaken;

    /** Bytes still to come of the frame that was taken last, see {@link PacketDecoder}. */
    private int rest;

    private Guided guided; // null where the door leads to one instance
    private CompressedFrames compression; // null where the client wants none
    private SessionProfile profile; // null until the login is complete
    private volatile long backendId = -1;
    private volatile long loggedInNanos; // 0 until then

    /**
     * @param instance the one behind the door
     * @param setup what sessions of one door share
     * @param address the client's
     * @param decoder cuts the client's frames; it is told when longer ones are welcome
     */
    public Session(Instance instance, SessionSetup setup, ClientAddress address, PacketDecoder decoder) {
        this.instance = instance;
        this.setup = setup;
        this.address = address;
        this.decoder = decoder;
        this.id = setup.ids().next();
    }

    // ------------------------------------------------------------ for the rooms

    /** What leads it; empty where the door leads to one instance. */
    Optional<Guided> guided() {
        return Optional.ofNullable(guided);
    }

    /** Leads it to another instance than the one behind the door, before it has asked anything of that. */
    void leadTo(Instance other) {
        instance.leave(this);
        instance = other;
        instance.join(this);
    }

    Instance instance() {
        return instance;
    }

    /** A proxy before the door has told where the client is. Before the client has said anything. */
    public void cameFrom(ClientAddress truth) {
        address = truth;
    }

    ClientAddress address() {
        return address;
    }

    SessionSetup setup() {
        return setup;
    }

    Channel channel() {
        return channel;
    }

    ByteBufAllocator alloc() {
        return channel.alloc();
    }

    EventLoop loop() {
        return channel.eventLoop();
    }

    long id() {
        return id;
    }

    /** The login that says who the client is; the present one, or that in progress where there was none before. */
    Login login() {
        return login;
    }

    /** What is known of the session; only after the login. */
    SessionProfile profile() {
        return profile;
    }

    Kills kills() {
        return kills;
    }

    /** The client asked for TLS, and its handshake begins. */
    public void secure(TlsSession begun) {
        tls = begun;
    }

    /** The client's TLS; empty where it speaks in clear. */
    Optional<TlsSession> tls() {
        return Optional.ofNullable(tls);
    }

    UserChange userChange() {
        return userChange;
    }

    Notices notices() {
        return notices;
    }

    /** Whether the backend connection, present or last, leads to a gateway. */
    boolean isBeforeGateway() {
        return attaching.isBeforeGateway();
    }

    KeptAnswer keptAnswer() {
        return keptAnswer;
    }

    KeptDiagnostics keptDiagnostics() {
        return keptDiagnostics;
    }

    SessionState state() {
        return state;
    }

    void become(SessionState next) {
        state = next;
    }

    /** Where the client comes from, as limits count it. */
    public String source() {
        return address.source();
    }

    /** Whether the login is complete. */
    public boolean isLoggedIn() {
        return profile != null;
    }

    /** Whether its user neither wakes nor counts as activity. */
    boolean isOfIgnoredUser() {
        return instance.settings().ignoreUsers().contains(login.response().user());
    }

    /** An event of this session for the log: whose it is stands in fields of its own. */
    LoggingEventBuilder event(LoggingEventBuilder event) {
        return event.addKeyValue("instance", instance.settings().name())
                .addKeyValue("session", id)
                .addKeyValue("client", address.text())
                .addKeyValue("user", login.shownUser());
    }

    // ------------------------------------------------------------ the client's channel

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        instance.join(this);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        state = new SessionState.LoggingIn(login);
        if (setup.guide().isPresent()) {
            guided = new Guided(this, setup.guide().get());
            login.receive(guided);
        } else {
            login.greet();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = (ByteBuf) message;
        setup.meters().received(frame.readableBytes());
        detaching.heard();
        switch (state) {
            case SessionState.LoggingIn now -> {
                answering(frame);
                try {
                    if (Wire.rest(frame) > 0) {
                        throw new PacketTooLongException(Wire.payloadLength(frame), PacketDecoder.WHOLE);
                    }
                    now.login().frame(frame);
                } finally {
                    frame.release();
                }
            }
            case SessionState.Closed closed -> frame.release();
            case SessionState.Running now when relay.goesOn() && queue.isEmpty() -> more(now, frame);
            case SessionState.Running now -> enqueue(frame);
            case SessionState.Held now -> enqueue(frame);
            case SessionState.Demanding now -> enqueue(frame);
            case SessionState.Rebuilding now -> enqueue(frame);
            case SessionState.Attached now -> enqueue(frame);
            case SessionState.Preparing now -> enqueue(frame);
            case SessionState.Asking now -> enqueue(frame);
            case SessionState.Doomed now -> enqueue(frame);
        }
    }

    private void enqueue(ByteBuf frame) {
        queue.add(frame);
        pump();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        BackendConnection backend = backend();
        if (backend != null) {
            backend.flush();
        }
        readAsServerTakes();
    }

    /** Reads on from the client where nothing waits and the server takes more. */
    void readAsServerTakes() {
        BackendConnection backend = backend();
        channel.config().setAutoRead(queue.isEmpty() && (backend == null || backend.isWritable()));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        BackendConnection backend = backend();
        if (backend != null) {
            backend.autoRead(channel.isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        finish();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (root instanceof PacketTooLongException) {
            if (isLoggedIn()) {
                ending.now(SessionErrors.packetTooLong());
            } else {
                login.refuse("protocol", SessionErrors.handshake(root.getMessage()));
            }
        } else if (root instanceof SSLException && !isLoggedIn()) {
            login.refuse("tls", SessionErrors.handshake(String.valueOf(root.getMessage())));
        } else if (root instanceof CompressedFrames.BrokenException) {
            event(log.atInfo()).log("{} is ended: {}", describe(), root.getMessage());
            ending.now(SessionErrors.brokenCompression());
        } else if (root instanceof IOException) {
            channel.close();
        } else {
            event(log.atError()).setCause(root).log("a fault of ours in {}", describe());
            try {
                ending.now(SessionErrors.ended("a fault in the proxy; its log says more"));
            } catch (OutOfMemoryError noRoomToSaySo) {
                channel.close();
            }
        }
    }

    /** What is sent next answers this frame of the client: its next one, or that which was taken last. */
    void answering(ByteBuf frame) {
        sequence = Wire.sequence(frame) + (frame == queue.peek() ? reported : reportedOfTaken);
    }

    /** How many packets the client has got while the command waited which was taken last. */
    int reportedOfTaken() {
        return reportedOfTaken;
    }

    ProgressReports progressReports() {
        return progressReports;
    }

    /** Tells the client something while its next command waits. */
    void report(byte[] payload) {
        reported++;
        answering(queue.peek());
        send(Wire.frame(alloc(), sequence, payload));
    }

    /** What is sent next follows the packet of that number. */
    void continueAfter(int packet) {
        sequence = packet;
    }

    /** The sequence number of the packet last sent or received. */
    int sequence() {
        return sequence;
    }

    /** The sequence number of the next packet to the client. */
    int nextSequence() {
        return ++sequence;
    }

    void send(ByteBuf frame) {
        setup.meters().sent(frame.readableBytes());
        channel.writeAndFlush(frame, channel.voidPromise());
    }

    void sendError(SqlError error) {
        send(error.frame(alloc(), nextSequence(), true));
    }

    // ------------------------------------------------------------ login

    /** From now on client and door speak in compressed frames. */
    void compress() {
        compression = new CompressedFrames(this::isBusy);
        channel.pipeline().addBefore(channel.pipeline().context(decoder).name(), "compression", compression);
    }

    /** Whether they do. */
    boolean isCompressed() {
        return compression != null;
    }

    private boolean isBusy() {
        return !queue.isEmpty()
                || switch (state) {
                    case SessionState.Held s -> false;
                    case SessionState.Attached s -> false;
                    case SessionState.Doomed s -> false;
                    case SessionState.Closed s -> false;
                    case SessionState.LoggingIn s -> true;
                    case SessionState.Demanding s -> true;
                    case SessionState.Rebuilding s -> true;
                    case SessionState.Preparing s -> true;
                    case SessionState.Running s -> true;
                    case SessionState.Asking s -> true;
                };
    }

    /** The login is accepted: limits on strangers no longer count this connection. */
    void noStranger() {
        setup.onLogin().accept(this);
    }

    /** The login is complete. Where a server decided it, {@code backend} is the connection it did so on; else both are null. */
    void loggedIn(Login by, SessionProfile known, BackendConnection backend, Server decidedBy) {
        boolean changed = isLoggedIn();
        login = by;
        profile = known;
        loggedInNanos = System.nanoTime() | 1;
        decoder.limit(Wire.MAX_PAYLOAD);
        setup.meters().loggedIn(tls != null);
        event(log.atDebug()).log("{} logged in", describe());
        if (!instance.learned().identity().globals().isEmpty()) {
            notices.tell(Notice.of(instance.learned().identity()));
        }
        if (backend == null) {
            hold();
        } else {
            attaching.attachedTo(decidedBy);
            attach(backend);
        }
        if (guided != null && !changed) {
            guided.loggedIn();
        }
        pump();
    }

    /** The login failed: the client is told, after {@code delayMillis}, and the connection ends. */
    void refused(SqlError error, long delayMillis) {
        state = new SessionState.Closed();
        int sequence = nextSequence();
        // made when it is sent: a loop that ends before that would lose it
        Runnable tell = () -> sendAndClose(error.frame(alloc(), sequence, login.response() != null));
        if (delayMillis == 0) {
            tell.run();
        } else {
            channel.eventLoop().schedule(tell, delayMillis, TimeUnit.MILLISECONDS);
        }
    }

    // ------------------------------------------------------------ the client's commands

    /** Takes the client's commands one by one, as far as the state allows. */
    void pump() {
        while (!queue.isEmpty()) {
            if (rest > 0 && !relay.goesOn()) {
                passOver();
                continue;
            }
            if (guided != null && isBetweenCommands() && !guided.letsPass()) {
                return;
            }
            switch (state) {
                case SessionState.Held now
                when kills.isAsking() -> {
                    return;
                }
                case SessionState.Held now -> heldCommands.answerOrDemand();
                case SessionState.Attached now
                when kills.isAsking() -> {
                    return;
                }
                case SessionState.Attached now -> relay.forward(now.backend());
                case SessionState.Doomed now -> {
                    answering(queue.peek());
                    ending.now(now.error());
                }
                case SessionState.Closed now -> take().release();
                case SessionState.LoggingIn now -> {
                    return;
                }
                case SessionState.Demanding now -> {
                    return;
                }
                case SessionState.Rebuilding now -> {
                    return;
                }
                case SessionState.Preparing now -> {
                    return;
                }
                case SessionState.Running now -> {
                    if (!relay.goesOn()) {
                        return;
                    }
                    more(now, queue.poll());
                }
                case SessionState.Asking now -> {
                    return;
                }
            }
        }
        channel.config().setAutoRead(true);
    }

    private boolean isBetweenCommands() {
        return state instanceof SessionState.Held || state instanceof SessionState.Attached;
    }

    /** The client's next frame, left where it is. */
    ByteBuf peek() {
        return queue.peek();
    }

    /**
     * The client's next frame, or its first piece; whoever takes it releases it. Further pieces that nobody forwards are
     * passed over.
     */
    ByteBuf take() {
        progressReports.end();
        reportedOfTaken = reported;
        reported = 0;
        ByteBuf frame = queue.poll();
        rest = Wire.rest(frame);
        return frame;
    }

    private void more(SessionState.Running now, ByteBuf more) {
        boolean begins = rest == 0;
        rest = begins ? Wire.rest(more) : rest - more.readableBytes();
        relay.forwardMore(now, more, begins);
    }

    /** Bytes still to come of the frame that was taken last. */
    int rest() {
        return rest;
    }

    private void passOver() {
        ByteBuf piece = queue.poll();
        rest -= piece.readableBytes();
        piece.release();
    }

    /** Puts back what was taken last, or what is to go in its place: it waits again, before all others. */
    void putBack(ByteBuf frame) {
        rest = 0;
        reported = reportedOfTaken;
        queue.addFirst(frame);
    }

    /** Answers the command that waits, if any. To one that has no answer the error is told where its effect is missed. */
    void answerWith(SqlError error) {
        if (queue.isEmpty()) {
            return;
        }
        ByteBuf frame = take();
        answering(frame);
        int command = Wire.firstByte(frame);
        if (command == Command.STMT_SEND_LONG_DATA) {
            PreparedStatement statement = profile.prepared().find(frame);
            if (statement != null) {
                statement.failNextExecution(error);
            }
        }
        drop(frame);
        if (!(state instanceof SessionState.Closed) && !Command.isSilent(command)) {
            sendError(error);
        }
    }

    /** Answers the command that waits with one packet. */
    void answerWith(byte[] payload) {
        ByteBuf frame = take();
        answering(frame);
        frame.release();
        send(Wire.frame(alloc(), nextSequence(), payload));
    }

    /** Ends the statement that waits for a server, if one does: KILL QUERY. */
    void interrupt() {
        attaching.interrupt();
    }

    /** Ends the session for good, wherever it could go on: KILL. */
    void kill(String why) {
        ending.kill(why);
    }

    /** The account that the client is logged in by, as far as the accounts kept tell. */
    Optional<Account> account(AccountBook book) {
        return isLoggedIn() ? login.proof().account(book) : Optional.empty();
    }

    /** Passes over a command that won't be sent; one that goes on in further frames can't be told from the next. */
    void drop(ByteBuf frame) {
        boolean goesOn = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        frame.release();
        if (goesOn) {
            ending.now(SessionErrors.ended("a statement of more than 16 MB did not run"));
        }
    }

    /** The server has answered a command that counts as activity. */
    void realCommandEnded() {
        detaching.realCommandEnded();
    }

    /** The server has answered: the connection is given up if others wait for one, else the next command goes on it. */
    void answered() {
        if (compression != null) {
            compression.answered(queue.isEmpty());
        }
        if (queue.isEmpty() && instance.slotsWanted()) {
            park(reply -> {});
        }
        pump();
    }

    // ------------------------------------------------------------ the backend connection

    /**
     * Opens a backend connection as this session's client would: with TLS, if need be as {@code asked} for by its account. What was granted for it is given
     * back at its end.
     */
    BackendConnection open(
            Server server,
            Prover prover,
            HandshakeResponse agreed,
            String database,
            Optional<Tls> asked,
            BackendConnection.Entrance entrance) {
        BackendLogin how = new BackendLogin(
                server.takesProxyHeader() ? address.proxyHeader() : null,
                agreed.capabilities(),
                agreed.maxPacket(),
                agreed.collation(),
                agreed.user(),
                database,
                agreed.attributes(),
                prover,
                server.isGateway());
        BackendConnection connection =
                BackendConnection.open(channel.eventLoop(), server.address(), server.tls(asked), how, entrance, relay);
        connection.whenClosed(instance::release);
        return connection;
    }

    /** The present backend connection; null where there is none. */
    BackendConnection backend() {
        return switch (state) {
            case SessionState.Attached s -> s.backend();
            case SessionState.Running s -> s.backend();
            case SessionState.Asking s -> s.backend();
            case SessionState.Rebuilding s -> s.backend();
            case SessionState.Preparing s -> s.backend();
            case SessionState.LoggingIn s -> null;
            case SessionState.Held s -> null;
            case SessionState.Demanding s -> null;
            case SessionState.Doomed s -> null;
            case SessionState.Closed s -> null;
            case null -> null;
        };
    }

    /** Demands the server for the command that waits. */
    void demandFor(String why) {
        attaching.demandFor(why);
    }

    /** The next byte from the server is the first after a wake, if {@code woke}. */
    void awaitFirstResult(boolean woke) {
        relay.awaitFirstResult(woke);
    }

    /** See {@link Relay#clientSpokeLast}. */
    boolean clientSpokeLast() {
        return relay.clientSpokeLast();
    }

    /** See {@link Relay#addedPackets}. */
    int addedPackets() {
        return relay.addedPackets();
    }

    /** From now on with that backend connection, and nothing in flight. */
    void attach(BackendConnection backend) {
        backendId = backend.greeting().connectionId();
        profile.prepared().detached();
        state = new SessionState.Attached(backend);
    }

    /** From now on without a backend connection. */
    void hold() {
        state = new SessionState.Held();
        detaching.watchIdleness();
    }

    /** From now on without a backend connection, and nothing with it that the profile doesn't know. */
    void detached() {
        detaching.detached();
    }

    /** Forgets the backend connection; it is closed or closing. */
    void letGo() {
        backendId = -1;
    }

    /** The server closed the connection or died. */
    void backendLost() {
        SessionState before = state;
        letGo();
        switch (before) {
            case SessionState.Attached s when notices.toldEnd(s.backend()) -> ending.silently();
            case SessionState.Attached s -> detaching.loseOrHold(s.backend());
            case SessionState.Preparing s -> detaching.loseOrHold(s.backend());
            case SessionState.Asking s -> {
                detaching.loseOrHold(s.backend());
                s.answer().accept(new Reply.Parked());
            }
            case SessionState.Rebuilding s -> tryAgain("it ended while the session was being rebuilt");
            case SessionState.Running s -> ending.amidAnswer(s.backend(), "the " + peer() + " went away");
            case SessionState.Held s -> {}
            case SessionState.Demanding s -> {}
            case SessionState.Doomed s -> {}
            case SessionState.LoggingIn s -> {}
            case SessionState.Closed s -> {}
        }
    }

    /** What stands at the other end of the backend connection, in a word. */
    String peer() {
        return isBeforeGateway() ? "gateway" : "server";
    }

    /** A backend connection was lost between statements. */
    void lost(BackendConnection backend) {
        detaching.loseOrHold(backend);
    }

    /** A backend connection was lost before it was this session's; nothing was sent but what makes it so. */
    void tryAgain(String why) {
        attaching.tryAgain(why);
    }

    /** The connection was lost, and nothing with it that could not be had again. */
    void lostUnharmed() {
        attaching.lost();
    }

    /** Gives up whatever there is of a backend connection, or of the hope for one. */
    void leaveBackend() {
        if (state instanceof SessionState.Demanding now) {
            instance.withdraw(now.demand());
        }
        BackendConnection backend = backend();
        if (backend != null) {
            backend.quit();
        }
        letGo();
        notices.forget();
    }

    // ------------------------------------------------------------ the end

    Ending ending() {
        return ending;
    }

    /** Sends the last packet; nothing where the client is stuck in the TLS handshake. */
    void sendAndClose(ByteBuf packet) {
        if (tls != null && !tls.isSecured()) {
            packet.release();
            channel.pipeline().context(tls.handler()).close(); // the handler would wait for the handshake
            return;
        }
        channel.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
    }

    /** The client has gone. */
    private void finish() {
        if (state instanceof SessionState.LoggingIn now) {
            now.login().abandon();
        }
        detaching.endWatch();
        progressReports.end();
        if (state instanceof SessionState.Asking now) {
            now.answer().accept(new Reply.Parked());
        }
        leaveBackend();
        state = new SessionState.Closed();
        while (!queue.isEmpty()) {
            queue.poll().release();
        }
        instance.leave(this);
        if (guided != null) {
            guided.left();
        }
        setup.onClose().accept(this);
    }

    // ------------------------------------------------------------ as a participant of a drain

    @Override
    public void park(Consumer<Participant.Reply> answer) {
        if (!channel.eventLoop().inEventLoop()) {
            channel.eventLoop().execute(() -> park(answer));
            return;
        }
        detaching.park(answer);
    }

    @Override
    public void end(String why) {
        channel.eventLoop().execute(() -> ending.end(why));
    }

    @Override
    public Duration sinceLogin() {
        long then = loggedInNanos;
        return then == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - then);
    }

    @Override
    public OptionalLong backendId() {
        long present = backendId;
        return present < 0 ? OptionalLong.empty() : OptionalLong.of(present);
    }

    @Override
    public String describe() {
        return login.shownUser() + "@" + address.text() + " (session " + id + ")";
    }
}
