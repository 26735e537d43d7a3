package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.BackendLogin;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.PacketDecoder;
import dev.haulout.proxy.protocol.PacketTooLongException;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.wake.Demand;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Participant;
import dev.haulout.proxy.wake.Server;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One client's session, from greeting to quit. {@link SessionState} draws the states; this class drives them. Everything
 * runs on the client channel's event loop, the backend connection's too, so nothing here is locked.
 */
public final class Session extends ChannelInboundHandlerAdapter implements Participant {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private final Instance instance;
    private final SessionSetup setup;
    private final ClientAddress address;
    private final long id;
    private final PacketDecoder decoder;
    private final Deque<ByteBuf> queue = new ArrayDeque<>();

    /** How often a statement is held again because the server that was awake can't be reached after all. */
    private static final int MOST_REBUILDS = 20;

    /** How long a sidecar may take to close a connection that was given up. */
    private static final long HANDOVER_MILLIS = 1_000;

    private static final String ONLY_THE_CLIENT = "a login that only the client can repeat";

    private Channel channel;
    private SessionState state;
    private int sequence;

    // who logged in, once that is known
    private final Login login = new Login(this);
    private SessionProfile profile;
    private final KeptAnswer keptAnswer = new KeptAnswer();

    // where the client stands within what it sends
    private boolean commandContinues;
    private long lastRealEndNanos = System.nanoTime();
    private volatile long backendId = -1;
    private int rebuildFailures;
    private boolean awaitsFirstResult;
    private Server server;
    private Server lostFrom;

    /** Before a gateway: the command that it has not begun to answer; null where it went in several frames. */
    private ByteBuf unanswered;

    // how long the client has said nothing
    private long lastHeardNanos = System.nanoTime();
    private ScheduledFuture<?> idleCheck;

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

    Instance instance() {
        return instance;
    }

    ClientAddress address() {
        return address;
    }

    ByteBufAllocator alloc() {
        return channel.alloc();
    }

    /** Where the client comes from, as limits count it. */
    public String source() {
        return address.source();
    }

    /** Whether the login is complete. */
    public boolean isLoggedIn() {
        return profile != null;
    }

    SessionSetup setup() {
        return setup;
    }

    EventLoop loop() {
        return channel.eventLoop();
    }

    long id() {
        return id;
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
        login.greet();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = (ByteBuf) message;
        setup.meters().received(frame.readableBytes());
        lastHeardNanos = System.nanoTime();
        switch (state) {
            case SessionState.LoggingIn now -> {
                sequence = Wire.sequence(frame);
                try {
                    now.login().frame(frame);
                } finally {
                    frame.release();
                }
            }
            case SessionState.Closed closed -> frame.release();
            case SessionState.Running now when goesOn() -> forwardMore(now, frame);
            case SessionState.Running now -> enqueue(frame);
            case SessionState.Held now -> enqueue(frame);
            case SessionState.Demanding now -> enqueue(frame);
            case SessionState.Rebuilding now -> enqueue(frame);
            case SessionState.Attached now -> enqueue(frame);
            case SessionState.Asking now -> enqueue(frame);
            case SessionState.Doomed now -> enqueue(frame);
        }
    }

    /** Whether what the client sends now belongs to the command that is already on its way. */
    private boolean goesOn() {
        BackendConnection backend = backend();
        return commandContinues || (backend != null && backend.tracker().fileOutstanding());
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
                endNow(SessionErrors.packetTooLong());
            } else {
                login.refuse("protocol", SessionErrors.handshake(root.getMessage()));
            }
        } else if (root instanceof IOException) {
            channel.close();
        } else {
            event(log.atError()).setCause(root).log("a fault of ours in {}", describe());
            endNow(SessionErrors.ended("a fault in the proxy; its log says more"));
        }
    }

    /** An event of this session for the log: whose it is stands in fields of its own. */
    LoggingEventBuilder event(LoggingEventBuilder event) {
        return event.addKeyValue("instance", instance.settings().name())
                .addKeyValue("session", id)
                .addKeyValue("client", address.text())
                .addKeyValue("user", login.shownUser());
    }

    /** The sequence number of the next packet to the client. */
    int nextSequence() {
        return ++sequence;
    }

    void send(ByteBuf frame) {
        setup.meters().sent(frame.readableBytes());
        channel.writeAndFlush(frame, channel.voidPromise());
    }

    // ------------------------------------------------------------ login

    /** The login is accepted: limits on strangers no longer count this connection. */
    void noStranger() {
        setup.onLogin().accept(this);
    }

    /** The login is complete. Where a server decided it, {@code backend} is the connection it did so on; else both are null. */
    void loggedIn(SessionProfile known, BackendConnection backend, Server decidedBy) {
        profile = known;
        server = decidedBy;
        decoder.limit(Wire.MAX_PAYLOAD);
        setup.meters().loggedIn();
        event(log.atDebug()).log("{} logged in", describe());
        if (!instance.learned().identity().globals().isEmpty()) {
            tell(Notice.of(instance.learned().identity()));
        }
        if (backend == null) {
            hold();
        } else {
            backendId = backend.greeting().connectionId();
            state = new SessionState.Attached(backend);
        }
        pump();
    }

    /** Tells the client, if it is a sidecar; to be called between answers. Returns whether it will hear it. */
    private boolean tell(Notice notice) {
        Optional<ByteBuf> frame = login.isSidecar() ? notice.frame(alloc()) : Optional.empty();
        frame.ifPresent(this::send);
        return frame.isPresent();
    }

    /** The login failed: the client is told, after {@code delayMillis}, and the connection ends. */
    void refused(SqlError error, long delayMillis) {
        state = new SessionState.Closed();
        ByteBuf packet = error.frame(alloc(), nextSequence(), login.response() != null);
        if (delayMillis == 0) {
            sendAndClose(packet);
        } else {
            channel.eventLoop().schedule(() -> sendAndClose(packet), delayMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void sendAndClose(ByteBuf packet) {
        channel.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
    }

    // ------------------------------------------------------------ commands

    /** Takes the client's commands one by one, as far as the state allows. */
    private void pump() {
        while (!queue.isEmpty()) {
            switch (state) {
                case SessionState.Held now -> answerOrDemand();
                case SessionState.Attached now -> forward(now.backend());
                case SessionState.Doomed now -> {
                    sequence = Wire.sequence(queue.peek());
                    endNow(now.error());
                }
                case SessionState.Closed now -> queue.poll().release();
                case SessionState.LoggingIn now -> throw new IllegalStateException("a command before login");
                case SessionState.Demanding now -> {
                    return;
                }
                case SessionState.Rebuilding now -> {
                    return;
                }
                case SessionState.Running now -> {
                    if (!goesOn()) {
                        return;
                    }
                    forwardMore(now, queue.poll());
                }
                case SessionState.Asking now -> {
                    return;
                }
            }
        }
        channel.config().setAutoRead(true);
    }

    private void answerOrDemand() {
        ByteBuf frame = queue.peek();
        RunningCommand command = RunningCommand.read(frame, instance.settings().keepAlives());
        sequence = Wire.sequence(frame);
        switch (command.command()) {
            case Command.QUIT -> {
                queue.poll().release();
                channel.close();
                return;
            }
            case Command.STMT_CLOSE -> {
                queue.poll().release(); // no backend connection, no prepared statement
                return;
            }
            case Command.CHANGE_USER -> {
                queue.poll().release();
                sendError(SessionErrors.unknownCommand());
                return;
            }
            default -> {}
        }
        keptAnswer.said(command, profile.inTransaction());
        switch (profile.reply(command)) {
            case SessionProfile.Reply.Packets packets -> {
                queue.poll().release();
                setup.meters().answeredAsleep(packets.keepAlive());
                for (byte[] payload : packets.payloads()) {
                    ByteBuf packet = Wire.frame(alloc(), nextSequence(), payload);
                    setup.meters().sent(packet.readableBytes());
                    channel.write(packet, channel.voidPromise());
                }
                channel.flush();
            }
            case SessionProfile.Reply.Refused refused -> {
                queue.poll().release();
                sendError(refused.error());
            }
            case SessionProfile.Reply.NeedsServer needed -> {
                Optional<byte[]> kept = keptAnswer.to(command, sequence, instance);
                if (kept.isPresent()) {
                    queue.poll().release();
                    setup.meters().answeredAsleep(true);
                    send(Unpooled.wrappedBuffer(kept.get()));
                } else if (instance.settings()
                                .ignoreUsers()
                                .contains(login.response().user())
                        && instance.isAsleep()) {
                    drop(queue.poll());
                    sendError(SessionErrors.ignoredUser(
                            login.shownUser(), instance.settings().name()));
                } else {
                    demandFor(command.kind() + " by " + login.shownUser());
                }
            }
        }
    }

    private void sendError(SqlError error) {
        send(error.frame(alloc(), nextSequence(), true));
    }

    // ------------------------------------------------------------ demand and rebuilding

    private void demandFor(String why) {
        Demand[] made = new Demand[1];
        made[0] = instance.demand(why, channel.eventLoop(), outcome -> {
            boolean waits = state instanceof SessionState.Demanding now && now.demand() == made[0];
            switch (outcome) {
                case Demand.Outcome.Denied denied when waits -> notRun(denied.error());
                case Demand.Outcome.Granted granted when waits -> rebuild(granted);
                case Demand.Outcome.Denied denied -> {}
                case Demand.Outcome.Granted granted -> instance.release(); // the client had gone
            }
        });
        state = new SessionState.Demanding(made[0]);
    }

    private void rebuild(Demand.Outcome.Granted granted) {
        awaitsFirstResult = granted.woke();
        server = granted.server();
        Rebuild rebuild = new Rebuild(profile, this::rebuilt, this::rebuildFailed);
        state = new SessionState.Rebuilding(
                open(granted.server(), new Prover.Kept(login.credential().orElseThrow()), profile.database(), rebuild));
    }

    /** Opens a backend connection as this session's client would. What was granted for it is given back at its end. */
    BackendConnection open(Server server, Prover prover, String database, BackendConnection.Entrance entrance) {
        HandshakeResponse agreed = login.response();
        BackendLogin how = new BackendLogin(
                server.isGateway() ? null : address.proxyHeader(),
                agreed.capabilities(),
                agreed.maxPacket(),
                agreed.collation(),
                agreed.user(),
                database,
                agreed.attributes(),
                prover,
                server.isGateway());
        BackendConnection connection =
                BackendConnection.open(channel.eventLoop(), server.address(), server.tls(), how, entrance, new Relay());
        connection.whenClosed(instance::release);
        return connection;
    }

    private void rebuilt(BackendConnection backend, List<SqlError> brokenPromises) {
        rebuildFailures = 0;
        if (server == lostFrom) {
            // the same server let us in again, so it had not ended: it closed that one connection on purpose
            doomNow(SessionErrors.ended("it was killed, or idle for longer than wait_timeout"));
            return;
        }
        lostFrom = null;
        backendId = backend.greeting().connectionId();
        state = new SessionState.Attached(backend);
        for (SqlError error : brokenPromises) {
            // the client was told OK in good faith: it gets the error in place of its next statement's answer
            if (!queue.isEmpty()) {
                answerWith(error);
            }
        }
        pump();
    }

    private void rebuildFailed(Rebuild.Failure failure) {
        switch (failure) {
            case Rebuild.Failure.Unreachable unreachable -> tryAgain(unreachable.why());
            case Rebuild.Failure.Refused refused -> {
                letGo();
                instance.refreshAccounts(channel.eventLoop(), book -> {});
                event(log.atWarn()).log("the server refused {} after a wake: {}", describe(), refused.error());
                doomNow(refused.error());
            }
            case Rebuild.Failure.NotTheSame not ->
                doomNow(SessionErrors.ended("the session could not be rebuilt after the database slept: "
                        + not.error().message()));
        }
    }

    /** Nothing of the client's was sent: its command is as held as before. */
    private void tryAgain(String why) {
        server.notReached();
        letGo();
        hold();
        rebuildFailures++;
        if (rebuildFailures <= MOST_REBUILDS) {
            channel.eventLoop().schedule(this::pump, 50L * rebuildFailures, TimeUnit.MILLISECONDS);
        } else {
            rebuildFailures = 0;
            notRun(SessionErrors.unreachable(instance.settings().name(), why));
        }
    }

    /** The command that waited certainly did not run; the session goes on. */
    private void notRun(SqlError error) {
        hold();
        answerWith(error);
        pump();
    }

    /** Answers the command at the head of the queue. */
    private void answerWith(SqlError error) {
        ByteBuf frame = queue.poll();
        if (frame != null) {
            sequence = Wire.sequence(frame);
            drop(frame);
            if (!(state instanceof SessionState.Closed)) {
                sendError(error);
            }
        }
    }

    /** Passes over a command that won't be sent; one that goes on in further frames can't be told from the next. */
    private void drop(ByteBuf frame) {
        boolean goesOn = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        frame.release();
        if (goesOn) {
            endNow(SessionErrors.ended("a statement of more than 16 MB did not run"));
        }
    }

    // ------------------------------------------------------------ relaying

    private void forward(BackendConnection backend) {
        ByteBuf frame = queue.poll();
        int command = Wire.firstByte(frame);
        sequence = Wire.sequence(frame);
        if (command == Command.QUIT || command < 0) {
            frame.release();
            channel.close();
            return;
        }
        if (command == Command.CHANGE_USER) {
            frame.release();
            sendError(SessionErrors.unknownCommand());
            return;
        }
        RunningCommand running = RunningCommand.read(frame, instance.settings().keepAlives());
        boolean inTransaction = (backend.tracker().status() & ServerStatus.IN_TRANSACTION) != 0;
        boolean real = !running.keepAlive(inTransaction)
                && !instance.settings().ignoreUsers().contains(login.response().user());
        if (real) {
            instance.activity(running.kind(), this);
            setup.meters().statement();
        } else {
            setup.meters().keepAliveForwarded();
        }
        keptAnswer.said(running, inTransaction);
        keptAnswer.asked(running);
        commandContinues = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        if (server.isGateway() && !commandContinues) {
            unanswered = frame.retainedDuplicate();
        }
        backend.forward(command);
        backend.write(frame);
        backend.flush();
        if (backend.isReady() && !commandContinues) {
            profile.ran(running, false); // the server says nothing to it
            forgetUnanswered();
        } else {
            state = new SessionState.Running(backend, running, real);
        }
    }

    /** The next frames of a command of more than 16 MB, or of a file that the server asked for. */
    private void forwardMore(SessionState.Running now, ByteBuf frame) {
        int length = Wire.payloadLength(frame);
        if (commandContinues) {
            commandContinues = length == Wire.MAX_PAYLOAD;
        } else if (length == 0) {
            now.backend().tracker().fileSent();
        }
        now.backend().write(frame);
        if (!now.backend().isWritable()) {
            now.backend().flush();
            channel.config().setAutoRead(false);
        }
        if (!goesOn() && now.backend().isReady()) {
            answerComplete(now); // a command that the server says nothing to, or had enough of early
        }
    }

    /** Hears of the backend connection after its login. */
    private final class Relay implements BackendConnection.Owner {
        @Override
        public void relay(ByteBuf bytes) {
            relayToClient(bytes);
        }

        @Override
        public void relayed() {
            channel.flush();
        }

        @Override
        public void writabilityChanged() {
            BackendConnection backend = backend();
            channel.config().setAutoRead(queue.isEmpty() && (backend == null || backend.isWritable()));
        }

        @Override
        public void closed() {
            backendLost();
        }

        @Override
        public void noticed(byte[] payload) {
            try {
                Session.this.noticed(Notice.read(payload));
            } catch (IOException e) {
                event(log.atWarn()).log("the gateway says what is not understood: {}", e.getMessage());
            }
        }
    }

    private void relayToClient(ByteBuf bytes) {
        forgetUnanswered();
        setup.meters().sent(bytes.readableBytes());
        keptAnswer.passed(bytes);
        channel.write(bytes, channel.voidPromise());
        if (awaitsFirstResult) {
            awaitsFirstResult = false;
            channel.flush();
            instance.firstResult();
        }
        if (!channel.isWritable()) {
            channel.flush();
            BackendConnection backend = backend();
            if (!channel.isWritable() && backend != null) {
                backend.autoRead(false);
            }
        }
        if (state instanceof SessionState.Running now && now.backend().isReady()) {
            channel.flush();
            if (!goesOn()) {
                answerComplete(now);
            } // else the server had enough before the client has said all: the rest is no command
        } else if (state instanceof SessionState.Running now
                && now.backend().tracker().wantsFile()) {
            channel.flush();
            pump();
        }
    }

    private void answerComplete(SessionState.Running done) {
        BackendConnection backend = done.backend();
        if (done.real()) {
            lastRealEndNanos = System.nanoTime();
            instance.activity(done.command().kind(), this);
        }
        profile.ran(done.command(), backend.tracker().failed());
        keptAnswer.complete(
                !backend.tracker().failed() && (backend.tracker().status() & ServerStatus.IN_TRANSACTION) == 0);
        state = new SessionState.Attached(backend);
        if (queue.isEmpty() && instance.slotsWanted()) {
            park(reply -> {});
        }
        pump();
    }

    // ------------------------------------------------------------ losing and leaving the backend

    private BackendConnection backend() {
        return switch (state) {
            case SessionState.Attached s -> s.backend();
            case SessionState.Running s -> s.backend();
            case SessionState.Asking s -> s.backend();
            case SessionState.Rebuilding s -> s.backend();
            case SessionState.LoggingIn s -> null;
            case SessionState.Held s -> null;
            case SessionState.Demanding s -> null;
            case SessionState.Doomed s -> null;
            case SessionState.Closed s -> null;
            case null -> null;
        };
    }

    /** Forgets the backend connection; it is closed or closing. */
    private void letGo() {
        backendId = -1;
    }

    /** The server closed the connection or died. */
    private void backendLost() {
        SessionState before = state;
        letGo();
        switch (before) {
            case SessionState.Attached s when server.isGateway() && hasEndedIt(s.backend()) -> endSilently();
            case SessionState.Attached s -> loseOrHold(s.backend());
            case SessionState.Asking s -> {
                loseOrHold(s.backend());
                s.answer().accept(new Reply.Parked());
            }
            case SessionState.Rebuilding s -> tryAgain("it ended while the session was being rebuilt");
            case SessionState.Running s -> endRunning(s.backend(), "the " + peer() + " went away");
            case SessionState.Held s -> {}
            case SessionState.Demanding s -> {}
            case SessionState.Doomed s -> {}
            case SessionState.LoggingIn s -> {}
            case SessionState.Closed s -> {}
        }
    }

    /** Between statements: what is known for certain is kept, and what may be lost ends the session. */
    private void loseOrHold(BackendConnection lost) {
        String gone = profile.lostUnasked(lost.tracker().status());
        if (gone.isEmpty() && login.credential().isEmpty()) {
            gone = ONLY_THE_CLIENT;
        }
        if (gone.isEmpty()) {
            profile.lost(account());
            keptAnswer.forget();
            lostFrom = server.isGateway() ? null : server;
            hold();
            pump();
        } else {
            doom("the " + peer() + " ended, and with it " + gone);
        }
    }

    private String peer() {
        return server.isGateway() ? "gateway" : "server";
    }

    /** Whether the gateway has told the client already that the session is over. */
    private static boolean hasEndedIt(BackendConnection lost) {
        return lost.tracker().failed()
                && SessionErrors.ENDING.contains(lost.tracker().errorCode());
    }

    // ------------------------------------------------------------ before a gateway

    private void noticed(Notice notice) {
        if (notice.server() != null) {
            instance.learned().told(notice.server());
        }
        if (notice.session() != null) {
            profile.told(
                    notice.session().database(),
                    notice.session().statements(),
                    notice.session().variables());
        }
        if (notice.leaving()) {
            gatewayLeaves();
        }
    }

    /** It has answered all that it ran: what it was sent since did not run, and goes to another. */
    private void gatewayLeaves() {
        BackendConnection left = backend();
        SessionState before = state;
        if (left != null) {
            left.quit();
            letGo();
        }
        switch (before) {
            case SessionState.Attached s -> loseOrHold(s.backend());
            case SessionState.Running s
            when unanswered != null -> {
                queue.addFirst(unanswered);
                unanswered = null;
                loseOrHold(s.backend());
            }
            case SessionState.Running s ->
                endNow(SessionErrors.ended("the gateway ended, and a statement of more than" + " 16 MB did not run"));
            case SessionState.Rebuilding s -> tryAgain("the gateway is ending");
            case SessionState.Asking s -> {}
            case SessionState.LoggingIn s -> {}
            case SessionState.Held s -> {}
            case SessionState.Demanding s -> {}
            case SessionState.Doomed s -> {}
            case SessionState.Closed s -> {}
        }
    }

    private void forgetUnanswered() {
        if (unanswered != null) {
            unanswered.release();
            unanswered = null;
        }
    }

    /** From now on without a backend connection; the session's own timeout is the door's to watch. */
    private void hold() {
        state = new SessionState.Held();
        if (idleCheck != null) {
            idleCheck.cancel(false);
        }
        scheduleIdleCheck(profile.idleLimit().toNanos());
    }

    private void scheduleIdleCheck(long nanos) {
        idleCheck = channel.eventLoop().schedule(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
    }

    /** Ends a held session as the server would: without a word. */
    private void checkIdle() {
        if (!(state instanceof SessionState.Held)) {
            return; // with a backend connection the server watches; the next hold() starts anew
        }
        long left = profile.idleLimit().toNanos() - (System.nanoTime() - lastHeardNanos);
        if (left > 0) {
            scheduleIdleCheck(left);
        } else {
            event(log.atInfo()).log("{} is ended: idle for longer than its wait_timeout", describe());
            endSilently();
        }
    }

    /** The account the client has, as far as the accounts kept tell. */
    private Optional<Account> account() {
        return login.account(instance.learned().accounts());
    }

    private void doom(String why) {
        state = new SessionState.Doomed(SessionErrors.ended(why));
        event(log.atInfo()).log("{} is ended: {}", describe(), why);
        pump();
    }

    /** Ends the session with the answer to the command that waits, or to the next one. */
    private void doomNow(SqlError error) {
        leaveBackend();
        state = new SessionState.Doomed(error);
        pump();
    }

    private void endNow(SqlError error) {
        if (!(state instanceof SessionState.Closed)) {
            leaveBackend();
            state = new SessionState.Closed();
            sendAndClose(error.frame(alloc(), nextSequence(), true));
        }
    }

    /** Ends it amid an answer, and says why where the client can still be told. */
    private void endRunning(BackendConnection backend, String why) {
        if (!backend.tracker().untouched()) {
            if (!backend.tracker().atPacketBoundary()) {
                endSilently();
                return;
            }
            sequence = backend.tracker().nextSequence() - 1;
        }
        endNow(SessionErrors.unknownOutcome(why));
    }

    private void endSilently() {
        leaveBackend();
        state = new SessionState.Closed();
        channel.close();
    }

    private void leaveBackend() {
        if (state instanceof SessionState.Demanding now) {
            instance.withdraw(now.demand());
        }
        BackendConnection backend = backend();
        if (backend != null) {
            backend.quit();
        }
        letGo();
        forgetUnanswered();
    }

    /** The client has gone. */
    private void finish() {
        login.abandon();
        if (idleCheck != null) {
            idleCheck.cancel(false);
        }
        if (state instanceof SessionState.Asking now) {
            now.answer().accept(new Reply.Parked());
        }
        leaveBackend();
        state = new SessionState.Closed();
        while (!queue.isEmpty()) {
            queue.poll().release();
        }
        instance.leave(this);
        setup.onClose().accept(this);
    }

    // ------------------------------------------------------------ as a participant of a drain

    @Override
    public void park(Consumer<Participant.Reply> answer) {
        if (!channel.eventLoop().inEventLoop()) {
            channel.eventLoop().execute(() -> park(answer));
            return;
        }
        switch (state) {
            case SessionState.Attached now -> ask(now.backend(), answer);
            case SessionState.Running now ->
                answer.accept(busy("runs " + now.command().kind()));
            case SessionState.Demanding now -> answer.accept(busy("waits for the server"));
            case SessionState.Rebuilding now -> answer.accept(busy("is being rebuilt"));
            case SessionState.Asking now -> answer.accept(busy("is being asked"));
            case SessionState.LoggingIn now ->
                answer.accept(now.login().needsServer() ? busy("is logging in") : new Reply.Parked());
            case SessionState.Held now -> answer.accept(new Reply.Parked());
            case SessionState.Doomed now -> answer.accept(new Reply.Parked());
            case SessionState.Closed now -> answer.accept(new Reply.Parked());
        }
    }

    private static Participant.Reply busy(String why) {
        return new Participant.Reply.Busy(why, false, 0);
    }

    private void ask(BackendConnection backend, Consumer<Participant.Reply> answer) {
        String pinned = profile.heldByConnection(backend.tracker().status());
        if (pinned.isEmpty() && login.credential().isEmpty()) {
            pinned = ONLY_THE_CLIENT;
        }
        if (!pinned.isEmpty()) {
            answer.accept(pinned(pinned));
            return;
        }
        if (server.isGateway()) {
            // it is not asked: that could wake the server. What it knows better than we it has told
            pinned = profile.lostUnasked(backend.tracker().status());
            if (pinned.isEmpty()) {
                profile.lost(account());
                backend.quit();
                letGo();
                hold();
            }
            answer.accept(pinned.isEmpty() ? new Reply.Parked() : pinned(pinned));
            return;
        }
        state = new SessionState.Asking(backend, answer);
        Questions.ask(backend, profile.journal().pins(), told -> told(backend, told, answer));
    }

    private void told(BackendConnection backend, Questions.Answer told, Consumer<Participant.Reply> answer) {
        switch (told) {
            case Questions.Answer.Carried carried -> {
                profile.carried(carried, account());
                backend.quit();
                letGo();
                hold();
                tell(Notice.of(carried));
                answer.accept(new Participant.Reply.Parked());
            }
            case Questions.Answer.Pinned pinned -> {
                state = new SessionState.Attached(backend);
                answer.accept(pinned(pinned.why()));
            }
            case Questions.Answer.Unknown unknown -> {
                state = new SessionState.Attached(backend);
                answer.accept(pinned(unknown.why()));
            }
        }
        pump();
    }

    private Participant.Reply pinned(String why) {
        return new Participant.Reply.Busy(why, true, System.nanoTime() - lastRealEndNanos);
    }

    @Override
    public void end(String why) {
        channel.eventLoop().execute(() -> {
            switch (state) {
                case SessionState.Running now -> endRunning(now.backend(), why);
                case SessionState.Demanding now when handOver() -> {}
                case SessionState.Rebuilding now when handOver() -> {}
                case SessionState.Held now when handOver() -> {}
                case SessionState.Attached now
                when profile.lostUnasked(now.backend().tracker().status()).isEmpty() && handOver() -> {}
                case SessionState.Demanding now -> endNow(SessionErrors.ended(why));
                case SessionState.Rebuilding now -> endAtNextCommand(why);
                case SessionState.Attached now -> endAtNextCommand(why);
                case SessionState.Held now -> endAtNextCommand(why);
                case SessionState.Asking now -> {
                    endAtNextCommand(why);
                    now.answer().accept(new Reply.Parked());
                }
                case SessionState.Doomed now -> {}
                case SessionState.LoggingIn now -> channel.close();
                case SessionState.Closed now -> channel.close();
            }
        });
    }

    /** Leaves it to a sidecar to go on elsewhere. Returns whether the client is one. */
    private boolean handOver() {
        if (!tell(Notice.LEAVING)) {
            return false;
        }
        leaveBackend();
        state = new SessionState.Closed(); // what comes now is not run; the sidecar knows, and closes
        while (!queue.isEmpty()) {
            queue.poll().release();
        }
        channel.eventLoop().schedule(() -> channel.close(), HANDOVER_MILLIS, TimeUnit.MILLISECONDS);
        return true;
    }

    private void endAtNextCommand(String why) {
        leaveBackend();
        doom(why);
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
