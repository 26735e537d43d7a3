package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.BackendLogin;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.PacketDecoder;
import dev.haulout.proxy.protocol.PacketTooLongException;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.wake.Demand;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Participant;
import dev.haulout.proxy.wake.ServerIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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

    private static final String ONLY_THE_CLIENT = "a login that only the client can repeat";

    private Channel channel;
    private SessionState state;
    private int sequence;
    private ScheduledFuture<?> loginDeadline;

    // who logged in, once that is known
    private HandshakeResponse response;
    private Login login;
    private SessionProfile profile;
    private String user = "";
    private boolean loggedIn;

    // where the client stands within what it sends
    private boolean commandContinues;
    private long lastRealEndNanos = System.nanoTime();
    private volatile long backendId = -1;
    private boolean backendHeld;
    private Demand loginDemand;
    private BackendConnection loginBackend;
    private int rebuildFailures;
    private boolean awaitsFirstResult;

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
        this.id = setup.nextId();
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
        return address.host().text();
    }

    /** Whether the login is complete. */
    public boolean isLoggedIn() {
        return loggedIn;
    }

    /** Whether it has a backend connection, or waits for one. */
    public boolean isActive() {
        return backendId >= 0;
    }

    // ------------------------------------------------------------ the client's channel

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        instance.join(this);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        login = new Login(this);
        state = new SessionState.LoggingIn(login);
        ServerIdentity server = instance.learned().identity();
        Greeting greeting = login.greeting(server.version(), id, server.capabilities(), server.collation());
        armLoginDeadline();
        send(greeting.frame(alloc()));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = (ByteBuf) message;
        setup.meters().received(frame.readableBytes());
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
            case SessionState.Running now when goesOn(now) -> forwardMore(now, frame);
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
    private boolean goesOn(SessionState.Running now) {
        return commandContinues || now.backend().tracker().wantsFile();
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
            if (loggedIn) {
                endNow(new SqlError(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"));
            } else {
                refuseLogin("protocol", SessionErrors.handshake(root.getMessage()));
            }
        } else if (root instanceof IOException) {
            channel.close();
        } else {
            log.error("{}: a fault of ours in {}", instance.settings().name(), describe(), root);
            endNow(SessionErrors.ended("a fault in the proxy; its log says more"));
        }
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

    /** Whatever a stranger calls himself fits into a line of a log. */
    private static String printable(String name) {
        String shown = name.length() > 80 ? name.substring(0, 80) + "..." : name;
        return shown.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private void armLoginDeadline() {
        if (loginDeadline != null) {
            loginDeadline.cancel(false);
        }
        loginDeadline = channel.eventLoop()
                .schedule(
                        () -> refuseLogin("deadline", SessionErrors.handshake("no login within the deadline")),
                        setup.loginDeadline().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** What of the client's wishes the door and the server can both grant. */
    HandshakeResponse agree(HandshakeResponse asked) {
        long offered = instance.learned().identity().capabilities() | Capability.CONNECT_WITH_DB;
        long agreed = asked.capabilities() & offered & ~Capability.NOT_AT_THE_DOOR;
        response = new HandshakeResponse(
                agreed,
                asked.maxPacket(),
                asked.collation(),
                asked.user(),
                asked.authResponse(),
                asked.database(),
                asked.plugin(),
                asked.attributes());
        user = printable(asked.user());
        profile = new SessionProfile(instance, address, response);
        return response;
    }

    void refuseLogin(String reason, SqlError error) {
        if (loggedIn || state instanceof SessionState.Closed) {
            return;
        }
        setup.meters().loginRefused(reason);
        log.info("{}: login refused ({}): {} says {}", instance.settings().name(), reason, describe(), error);
        boolean guess = reason.equals("credentials") || reason.equals("unverifiable");
        long delay = guess ? setup.throttle().failed(address) : 0;
        withdraw();
        state = new SessionState.Closed();
        ByteBuf packet = error.frame(alloc(), nextSequence(), response != null);
        if (delay == 0) {
            sendAndClose(packet);
        } else {
            channel.eventLoop().schedule(() -> sendAndClose(packet), delay, TimeUnit.MILLISECONDS);
        }
    }

    private void sendAndClose(ByteBuf packet) {
        channel.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
    }

    /** Verified without the server: from now on the session is held. */
    void loggedInAsleep(Account account, Optional<String> defaultRole, String database) {
        Optional<byte[]> ok = profile.loginOk(account, defaultRole, database);
        if (ok.isEmpty()) {
            loginByServer(
                    "a login of " + user, new Prover.Kept(login.credential().orElseThrow()));
            return;
        }
        welcome();
        send(Wire.frame(alloc(), nextSequence(), ok.get()));
        state = new SessionState.Held();
        pump();
    }

    /** Lets the server decide; {@code why} is empty where it is awake anyway. */
    void loginByServer(String why, Prover prover) {
        if (!why.isEmpty()) {
            loginDeadline.cancel(false);
        }
        String reason = why.isEmpty() ? "a login of " + user : why;
        demand(reason, outcome -> {
            switch (outcome) {
                case Demand.Outcome.Denied denied ->
                    refuseLogin(
                            "wake", new SqlError(1040, "08004", denied.error().message()));
                case Demand.Outcome.Granted granted -> {
                    backendHeld = true;
                    armLoginDeadline();
                    loginBackend = open(granted, prover, new LoginEntrance());
                }
            }
        });
    }

    private void welcome() {
        loggedIn = true;
        loginDeadline.cancel(false);
        decoder.limit(Wire.MAX_PAYLOAD);
        setup.onLogin().accept(this);
        setup.meters().loggedIn();
        log.debug("{}: {} logged in", instance.settings().name(), describe());
    }

    /** Hears how the server decides a login. */
    private final class LoginEntrance implements BackendConnection.Entrance {
        @Override
        public void loggedIn(BackendConnection backend, ByteBuf ok) {
            loginBackend = null;
            backendId = backend.greeting().connectionId();
            welcome();
            byte[] payload = new byte[ok.readableBytes()];
            ok.readBytes(payload);
            send(Wire.frame(alloc(), nextSequence(), payload));
            keepWhatTheClientProved();
            state = new SessionState.Attached(backend);
            pump();
        }

        @Override
        public void refused(SqlError error) {
            letGo();
            refuseLogin("credentials", error);
        }

        @Override
        public void failed(IOException cause) {
            letGo();
            refuseLogin("backend", SessionErrors.lostDuringLogin(cause.getMessage()));
        }
    }

    private void keepWhatTheClientProved() {
        login.keepWhatTheClientProved(instance.learned().accounts());
        if (login.mayYetBeKept()) {
            // an account newer than what was kept: the server tells
            instance.refreshAccounts(
                    channel.eventLoop(),
                    () -> login.keepWhatTheClientProved(instance.learned().accounts()));
        }
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
                    if (!goesOn(now)) {
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
        RunningCommand command = RunningCommand.read(frame);
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
                if (instance.settings().ignoreUsers().contains(response.user()) && instance.isAsleep()) {
                    drop(queue.poll());
                    sendError(
                            SessionErrors.ignoredUser(user, instance.settings().name()));
                } else {
                    demandFor(command.kind() + " by " + user);
                }
            }
        }
    }

    private void sendError(SqlError error) {
        send(error.frame(alloc(), nextSequence(), true));
    }

    // ------------------------------------------------------------ demand and rebuilding

    private void demand(String why, Consumer<Demand.Outcome> then) {
        Demand[] made = new Demand[1];
        made[0] = instance.demand(why, channel.eventLoop(), outcome -> {
            boolean waits = state instanceof SessionState.Demanding d && d.demand() == made[0]
                    || state instanceof SessionState.LoggingIn;
            if (waits) {
                then.accept(outcome);
            } else if (outcome instanceof Demand.Outcome.Granted) {
                instance.release(); // the client had gone
            }
        });
        if (!(state instanceof SessionState.LoggingIn)) {
            state = new SessionState.Demanding(made[0]);
        } else {
            loginDemand = made[0];
        }
    }

    private void demandFor(String why) {
        demand(why, outcome -> {
            switch (outcome) {
                case Demand.Outcome.Denied denied -> notRun(denied.error());
                case Demand.Outcome.Granted granted -> {
                    backendHeld = true;
                    awaitsFirstResult = granted.woke();
                    Rebuild rebuild = new Rebuild(profile, this::rebuilt, this::rebuildFailed);
                    state = new SessionState.Rebuilding(
                            open(granted, new Prover.Kept(login.credential().orElseThrow()), rebuild));
                }
            }
        });
    }

    private BackendConnection open(Demand.Outcome.Granted granted, Prover prover, BackendConnection.Entrance entrance) {
        BackendLogin how = new BackendLogin(
                address.proxyHeader(),
                response.capabilities(),
                response.maxPacket(),
                response.collation(),
                response.user(),
                profile.database(),
                response.attributes(),
                prover);
        return BackendConnection.open(channel.eventLoop(), granted.server().address(), how, entrance, new Relay());
    }

    private void rebuilt(BackendConnection backend, List<SqlError> brokenPromises) {
        rebuildFailures = 0;
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
                instance.refreshAccounts(channel.eventLoop(), () -> {});
                log.warn(
                        "{}: the server refused {} after a wake: {}",
                        instance.settings().name(),
                        describe(),
                        refused.error());
                doomNow(refused.error());
            }
            case Rebuild.Failure.NotTheSame not ->
                doomNow(SessionErrors.ended("the session could not be rebuilt after the database slept: "
                        + not.error().message()));
        }
    }

    /** Nothing of the client's was sent: its command is as held as before. */
    private void tryAgain(String why) {
        letGo();
        state = new SessionState.Held();
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
        state = new SessionState.Held();
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
        RunningCommand running = RunningCommand.read(frame);
        boolean inTransaction = (backend.tracker().status() & ServerStatus.IN_TRANSACTION) != 0;
        boolean real = !running.keepAlive(inTransaction)
                && !instance.settings().ignoreUsers().contains(response.user());
        if (real) {
            instance.activity(running.kind(), this);
            setup.meters().statement();
        } else {
            setup.meters().keepAliveForwarded();
        }
        commandContinues = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        backend.forward(command);
        backend.write(frame);
        backend.flush();
        if (backend.isReady() && !commandContinues) {
            profile.ran(running, false); // the server says nothing to it
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
        if (!commandContinues && now.backend().isReady()) {
            answerComplete(now); // a command that the server says nothing to
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
    }

    private void relayToClient(ByteBuf bytes) {
        setup.meters().sent(bytes.readableBytes());
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
            answerComplete(now);
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
            case SessionState.LoggingIn s -> loginBackend;
            case SessionState.Held s -> null;
            case SessionState.Demanding s -> null;
            case SessionState.Doomed s -> null;
            case SessionState.Closed s -> null;
            case null -> null;
        };
    }

    /** Gives the backend connection back; it is closed or closing. */
    private void letGo() {
        backendId = -1;
        loginBackend = null;
        if (backendHeld) {
            backendHeld = false;
            instance.release();
        }
    }

    /** The server closed the connection or died. */
    private void backendLost() {
        SessionState before = state;
        BackendConnection backend = backend();
        letGo();
        switch (before) {
            case SessionState.Attached s -> loseOrHold(s.backend());
            case SessionState.Asking s -> {
                loseOrHold(s.backend());
                s.answer().accept(new Reply.Parked());
            }
            case SessionState.Rebuilding s -> tryAgain("it ended while the session was being rebuilt");
            case SessionState.Running s -> {
                if (backend.tracker().untouched() || backend.tracker().atPacketBoundary()) {
                    sequence = backend.tracker().untouched()
                            ? sequence
                            : backend.tracker().nextSequence() - 1;
                    endNow(SessionErrors.unknownOutcome());
                } else {
                    endSilently();
                }
            }
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
            state = new SessionState.Held();
            pump();
        } else {
            doom("the server ended, and with it " + gone);
        }
    }

    /** The account the client has, as far as the accounts kept tell. */
    private Optional<Account> account() {
        return login.account(instance.learned().accounts());
    }

    private void doom(String why) {
        state = new SessionState.Doomed(SessionErrors.ended(why));
        log.info("{}: {} is ended: {}", instance.settings().name(), describe(), why);
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

    private void endSilently() {
        leaveBackend();
        state = new SessionState.Closed();
        channel.close();
    }

    private void leaveBackend() {
        withdraw();
        BackendConnection backend = backend();
        if (backend != null) {
            backend.quit();
        }
        letGo();
    }

    private void withdraw() {
        if (state instanceof SessionState.Demanding now) {
            instance.withdraw(now.demand());
        } else if (state instanceof SessionState.LoggingIn && loginDemand != null) {
            instance.withdraw(loginDemand);
        }
    }

    /** The client has gone. */
    private void finish() {
        if (loginDeadline != null) {
            loginDeadline.cancel(false);
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
                answer.accept(loginBackend == null && loginDemand == null ? new Reply.Parked() : busy("is logging in"));
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
        state = new SessionState.Asking(backend, answer);
        Questions.ask(backend, profile.journal().pins(), told -> told(backend, told, answer));
    }

    private void told(BackendConnection backend, Questions.Answer told, Consumer<Participant.Reply> answer) {
        switch (told) {
            case Questions.Answer.Carried carried -> {
                profile.carried(carried, account());
                backend.quit();
                letGo();
                state = new SessionState.Held();
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
            if (state instanceof SessionState.Closed || !loggedIn) {
                channel.close();
                return;
            }
            if (state instanceof SessionState.Running || state instanceof SessionState.Demanding) {
                endNow(SessionErrors.ended(why));
                return;
            }
            leaveBackend();
            doom(why);
        });
    }

    @Override
    public OptionalLong backendId() {
        long present = backendId;
        return present < 0 ? OptionalLong.empty() : OptionalLong.of(present);
    }

    @Override
    public String describe() {
        return (user.isEmpty() ? "someone" : user) + "@" + address.text() + " (session " + id + ")";
    }
}
