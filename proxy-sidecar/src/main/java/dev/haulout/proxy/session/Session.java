package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.DatabaseUse;
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
import dev.haulout.proxy.sql.Answer;
import dev.haulout.proxy.sql.AsleepAnswer;
import dev.haulout.proxy.sql.SessionView;
import dev.haulout.proxy.sql.Statement;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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

    /** Statement texts longer than this are only looked at by their beginning. */
    private static final int READ_WHOLE = 4096;

    private final Instance instance;
    private final SessionSetup setup;
    private final ClientAddress address;
    private final long id;
    private final PacketDecoder decoder;
    private final Deque<ByteBuf> queue = new ArrayDeque<>();
    private final Journal journal = new Journal();

    private Channel channel;
    private SessionState state;
    private int sequence;
    private ScheduledFuture<?> loginDeadline;

    // who logged in, once that is known
    private HandshakeResponse response;
    private Login login;
    private Account account;
    private Optional<String> role = Optional.empty();
    private String database = "";
    private SessionView view;
    private String user = "";
    private boolean loggedIn;

    // where the client stands within what it sends
    private boolean commandContinues;
    private int preparedStatements;
    private long lastRealEndNanos = System.nanoTime();
    private volatile long backendId = -1;
    private boolean backendHeld;
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
        loginDeadline = channel.eventLoop()
                .schedule(
                        () -> refuseLogin("deadline", SessionErrors.handshake("no login within the deadline")),
                        setup.loginDeadline().toMillis(),
                        TimeUnit.MILLISECONDS);
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
        user = asked.user();
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
    void loggedInAsleep(Account verified, Optional<String> defaultRole, String currentDatabase) {
        account = verified;
        role = defaultRole;
        database = currentDatabase;
        view = fresh();
        Answer answer = AsleepAnswer.loginOk(view);
        switch (answer) {
            case Answer.Packets packets -> {
                welcome();
                send(Wire.frame(alloc(), nextSequence(), packets.payloads().getFirst()));
                state = new SessionState.Held();
                pump();
            }
            case Answer.Wake wake ->
                loginByServer(
                        "a login of " + user + " (" + wake.reason() + ")",
                        new Prover.Kept(login.credential().orElseThrow()));
        }
    }

    private SessionView fresh() {
        return SessionView.fresh(
                response.capabilities(),
                response.collation(),
                database.isEmpty() ? null : database,
                instance.learned().identity().globals());
    }

    /** Lets the server decide; {@code why} is empty where it is awake anyway. */
    void loginByServer(String why, Prover prover) {
        if (!why.isEmpty()) {
            loginDeadline.cancel(false);
        }
        String reason = why.isEmpty() ? "a login of " + user : why;
        database = response.database();
        demand(reason, outcome -> {
            switch (outcome) {
                case Demand.Outcome.Denied denied ->
                    refuseLogin(
                            "wake", new SqlError(1040, "08004", denied.error().message()));
                case Demand.Outcome.Granted granted -> {
                    backendHeld = true;
                    openBackend(granted, prover, new LoginOwner());
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

    /** Hears of a backend connection while the server decides a login. */
    private final class LoginOwner extends Owner {
        @Override
        public void loggedIn(ByteBuf ok) {
            BackendConnection backend = backend();
            noteStatus(backend, ok);
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
            refuseLogin(
                    "backend",
                    new SqlError(1040, "08004", "The server went away during the login: " + cause.getMessage()));
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
        int command = Wire.firstByte(frame);
        sequence = Wire.sequence(frame);
        if (command == Command.QUIT) {
            queue.poll().release();
            channel.close();
            return;
        }
        if (command == Command.STMT_CLOSE) {
            queue.poll().release(); // no backend connection, no prepared statement
            return;
        }
        if (command == Command.CHANGE_USER) {
            queue.poll().release();
            send(SessionErrors.unknownCommand().frame(alloc(), nextSequence(), true));
            return;
        }
        String why = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD || view == null
                ? "a statement"
                : answered(command, body(frame));
        if (why.isEmpty()) {
            queue.poll().release();
            return;
        }
        if (instance.settings().ignoreUsers().contains(user) && instance.isAsleep()) {
            queue.poll().release();
            send(SessionErrors.ignoredUser(user, instance.settings().name()).frame(alloc(), nextSequence(), true));
            return;
        }
        demandFor(why + " by " + user);
    }

    private static byte[] body(ByteBuf frame) {
        int length = frame.readableBytes() - Wire.HEADER - 1;
        byte[] body = new byte[Math.max(0, Math.min(length, READ_WHOLE + 1))];
        frame.getBytes(frame.readerIndex() + Wire.HEADER + 1, body);
        return body;
    }

    /** Answers without the server where the answer is certain: returns "" then, else what needs the server. */
    private String answered(int command, byte[] body) {
        Map<String, String> globals = instance.learned().identity().globals();
        if (view.globals() != globals) {
            view = new SessionView(
                    view.capabilities(),
                    view.handshakeCollation(),
                    view.resultsCollation(),
                    view.database(),
                    view.inTransaction(),
                    view.changed(),
                    globals);
        }
        Statement statement = null;
        Answer answer;
        switch (command) {
            case Command.PING -> answer = AsleepAnswer.ping(view);
            case Command.INIT_DB -> {
                if (refusedDatabase(new String(body, StandardCharsets.UTF_8))) {
                    return "";
                }
                answer = AsleepAnswer.initDb(view, body, this::mayUse);
            }
            case Command.QUERY -> {
                if (body.length > READ_WHOLE) {
                    return Statement.readPrefix(body).keyword();
                }
                statement = Statement.read(body);
                if (statement instanceof Statement.Use use && refusedDatabase(use.database())) {
                    return "";
                }
                answer = AsleepAnswer.query(view, statement, this::mayUse);
            }
            case Command.RESET_CONNECTION -> {
                if (journal.mayHoldRole()) {
                    return "COM_RESET_CONNECTION";
                }
                answer = AsleepAnswer.resetConnection(view);
            }
            default -> {
                return "command " + command;
            }
        }
        return switch (answer) {
            case Answer.Wake wake -> words(statement, command);
            case Answer.Packets packets -> {
                note(command, body, statement, packets);
                setup.meters().answeredAsleep(keepAlive(command, statement, view.inTransaction()));
                view = packets.newView();
                database = view.database() == null ? "" : view.database();
                for (byte[] payload : packets.payloads()) {
                    ByteBuf packet = Wire.frame(alloc(), nextSequence(), payload);
                    setup.meters().sent(packet.readableBytes());
                    channel.write(packet, channel.voidPromise());
                }
                channel.flush();
                yield "";
            }
        };
    }

    private void note(int command, byte[] body, Statement statement, Answer.Packets packets) {
        if (command == Command.RESET_CONNECTION) {
            journal.clear();
        } else if (statement instanceof Statement.Commit || statement instanceof Statement.Rollback) {
            journal.forgetBegin();
        } else if (statement instanceof Statement.Begin) {
            journal.promiseBegin(body);
        } else if (packets.replay() && statement != null && !(statement instanceof Statement.Use)) {
            journal.promise(body, statement);
        }
    }

    private boolean mayUse(String name) {
        return account != null && use(name) instanceof DatabaseUse.Allowed;
    }

    private DatabaseUse use(String name) {
        return instance.learned().accounts().mayUse(account, address.host(), role, name);
    }

    /** Says the server's own error where it is certain that it would. */
    private boolean refusedDatabase(String name) {
        if (account == null || journal.mayHoldRole()) {
            return false;
        }
        var refusal = switch (use(name)) {
            case DatabaseUse.NoSuchDatabase none -> none.refusal();
            case DatabaseUse.AccessDenied denied -> denied.refusal();
            case DatabaseUse.Allowed allowed -> null;
            case DatabaseUse.Unknown unknown -> null;
        };
        if (refusal == null) {
            return false;
        }
        send(new SqlError(refusal.code(), refusal.sqlState(), refusal.message()).frame(alloc(), nextSequence(), true));
        return true;
    }

    private static String words(Statement statement, int command) {
        return switch (statement) {
            case null -> "command " + command;
            case Statement.Other other -> other.keyword().isEmpty() ? "a statement" : other.keyword();
            case Statement.Select select -> "SELECT";
            case Statement.Do dummy -> "DO";
            case Statement.SetVariables set -> "SET";
            case Statement.Use use -> "USE";
            case Statement.Begin begin -> "BEGIN";
            case Statement.Commit commit -> "COMMIT";
            case Statement.Rollback rollback -> "ROLLBACK";
        };
    }

    /** Whether a command only keeps the connection alive: it neither wakes nor counts. */
    private static boolean keepAlive(int command, Statement statement, boolean inTransaction) {
        return switch (command) {
            case Command.PING, Command.STMT_CLOSE, Command.QUIT -> true;
            case Command.RESET_CONNECTION -> !inTransaction;
            case Command.QUERY -> statement != null && statement.keepAlive(inTransaction);
            default -> false;
        };
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

    private Demand loginDemand;

    private void demandFor(String why) {
        demand(why, outcome -> {
            switch (outcome) {
                case Demand.Outcome.Denied denied -> {
                    // the statement certainly did not run; the session goes on
                    ByteBuf frame = queue.poll();
                    sequence = Wire.sequence(frame);
                    state = new SessionState.Held();
                    dropCommand(frame);
                    send(denied.error().frame(alloc(), nextSequence(), true));
                    pump();
                }
                case Demand.Outcome.Granted granted -> {
                    backendHeld = true;
                    awaitsFirstResult = granted.woke();
                    openBackend(granted, new Prover.Kept(login.credential().orElseThrow()), new RebuildOwner());
                }
            }
        });
    }

    /** Passes over a command that won't be sent, with the frames that continue it. */
    private void dropCommand(ByteBuf frame) {
        boolean continues = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        frame.release();
        if (continues) {
            endNow(SessionErrors.ended("a statement of more than 16 MB was interrupted"));
        }
    }

    private void openBackend(Demand.Outcome.Granted granted, Prover prover, Owner owner) {
        BackendLogin how = new BackendLogin(
                address.proxyHeader(),
                response.capabilities(),
                response.maxPacket(),
                response.collation(),
                response.user(),
                database,
                response.attributes(),
                prover);
        BackendConnection backend =
                BackendConnection.open(channel.eventLoop(), granted.server().address(), how, owner);
        owner.backend = backend;
        if (state instanceof SessionState.LoggingIn) {
            loginBackend = backend;
        } else {
            state = new SessionState.Rebuilding(backend);
        }
    }

    private BackendConnection loginBackend;

    /** What all owners of a backend connection do alike. */
    private abstract class Owner implements BackendConnection.Owner {
        BackendConnection backend;

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
            channel.config().setAutoRead(backend.isWritable() && queue.isEmpty());
        }

        @Override
        public void closed() {
            backendLost();
        }
    }

    /** Hears of a backend connection that is to carry on a held session. */
    private final class RebuildOwner extends Owner {
        @Override
        public void loggedIn(ByteBuf ok) {
            noteStatus(backend, ok);
            replay(backend, List.copyOf(journal.entries()), 0);
        }

        @Override
        public void refused(SqlError error) {
            if (error.code() == 1040 || error.code() == 1203) {
                failed(new IOException(error.message())); // full, by connections round the proxy: try again
                return;
            }
            letGo();
            instance.refreshAccounts(channel.eventLoop(), () -> {});
            log.warn(
                    "{}: the server refused {} after a wake: {}",
                    instance.settings().name(),
                    describe(),
                    error);
            sequence = Wire.sequence(queue.peek());
            endNow(error);
        }

        @Override
        public void failed(IOException cause) {
            // nothing was sent: the command is as held as before
            letGo();
            state = new SessionState.Held();
            if (++rebuildFailures > 20) {
                ByteBuf frame = queue.poll();
                sequence = Wire.sequence(frame);
                rebuildFailures = 0;
                dropCommand(frame);
                send(new SqlError(
                                1429,
                                "HY000",
                                "The database " + instance.settings().name()
                                        + " could not be reached: " + cause.getMessage()
                                        + ". The statement did not run; try again")
                        .frame(alloc(), nextSequence(), true));
                pump();
            } else {
                channel.eventLoop().schedule(Session.this::pump, 50L * rebuildFailures, TimeUnit.MILLISECONDS);
            }
        }
    }

    private int rebuildFailures;

    private void replay(BackendConnection backend, List<Journal.Entry> entries, int at) {
        if (at == entries.size()) {
            journal.kept();
            rebuildFailures = 0;
            state = new SessionState.Attached(backend);
            pump();
            return;
        }
        Journal.Entry entry = entries.get(at);
        backend.query(entry.sql(), result -> {
            if (result.error() == null) {
                replay(backend, entries, at + 1);
            } else if (entry.promised()) {
                refusePromise(backend, entries, at, result.error());
            } else {
                sequence = queue.isEmpty() ? 0 : Wire.sequence(queue.peek());
                endNow(SessionErrors.ended("the session could not be rebuilt after the database slept: "
                        + result.error().message()));
            }
        });
    }

    /** The client was told OK in good faith; it gets the error in place of its next statement's answer. */
    private void refusePromise(BackendConnection backend, List<Journal.Entry> entries, int at, SqlError error) {
        journal.drop(entries.get(at));
        ByteBuf frame = queue.poll();
        sequence = Wire.sequence(frame);
        dropCommand(frame);
        if (state instanceof SessionState.Closed) {
            return;
        }
        send(error.frame(alloc(), nextSequence(), true));
        replay(backend, entries, at + 1);
    }

    private void noteStatus(BackendConnection backend, ByteBuf ok) {
        ByteBuf payload = ok.slice();
        payload.skipBytes(1);
        Wire.readLengthEncoded(payload);
        Wire.readLengthEncoded(payload);
        backend.tracker().status(payload.readUnsignedShortLE());
        backendId = backend.greeting().connectionId();
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
            send(SessionErrors.unknownCommand().frame(alloc(), nextSequence(), true));
            return;
        }
        RunningCommand running = look(backend, command, frame);
        if (running.real()) {
            instance.activity(words(running.statement(), command), this);
            setup.meters().statement();
        } else {
            setup.meters().keepAliveForwarded();
        }
        commandContinues = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        backend.forward(command);
        backend.write(frame);
        backend.flush();
        if (backend.isReady()) {
            silentCommand(command);
        } else {
            state = new SessionState.Running(backend, running);
        }
    }

    private RunningCommand look(BackendConnection backend, int command, ByteBuf frame) {
        boolean inTransaction = (backend.tracker().status() & ServerStatus.IN_TRANSACTION) != 0;
        byte[] text = null;
        Statement statement = null;
        if (command == Command.QUERY) {
            text = body(frame);
            statement = text.length > READ_WHOLE ? Statement.readPrefix(text) : Statement.read(text);
        } else if (command == Command.INIT_DB) {
            text = body(frame);
        }
        boolean real = !keepAlive(command, statement, inTransaction)
                && !instance.settings().ignoreUsers().contains(user);
        return new RunningCommand(command, text, statement, real);
    }

    private void silentCommand(int command) {
        if (command == Command.STMT_CLOSE) {
            preparedStatements = Math.max(0, preparedStatements - 1);
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
        RunningCommand running = done.running();
        BackendConnection backend = done.backend();
        boolean failed = backend.tracker().failed();
        if (running.real()) {
            lastRealEndNanos = System.nanoTime();
            instance.activity(words(running.statement(), running.command()), this);
        }
        switch (running.command()) {
            case Command.QUERY -> ran(running, failed);
            case Command.INIT_DB -> {
                if (!failed) {
                    database = new String(running.text(), StandardCharsets.UTF_8);
                }
            }
            case Command.STMT_PREPARE -> {
                if (!failed) {
                    preparedStatements++;
                }
            }
            case Command.STMT_EXECUTE, Command.STMT_BULK_EXECUTE, Command.SET_OPTION -> journal.becameOpaque();
            case Command.RESET_CONNECTION -> {
                if (!failed) {
                    preparedStatements = 0;
                    boolean role = journal.mayHoldRole();
                    journal.clear();
                    if (role) {
                        journal.becameOpaque(); // a reset keeps the role
                    }
                }
            }
            default -> {}
        }
        state = new SessionState.Attached(backend);
        if (queue.isEmpty() && instance.slotsWanted()) {
            park(answer -> {});
        }
        pump();
    }

    private void ran(RunningCommand running, boolean failed) {
        if (failed) {
            // what a failed statement did to the session before it failed shows in no text
            if (!(running.statement() instanceof Statement.Other other && other.neutral())) {
                journal.becameOpaque();
            }
        } else if (running.statement() instanceof Statement.Use use) {
            database = use.database();
        } else {
            journal.ran(running.text(), running.statement());
        }
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
            case SessionState.Rebuilding s -> {
                // only statements of ours were said, and all of them are said again
                state = new SessionState.Held();
                pump();
            }
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
        String lostState = "";
        if ((lost.tracker().status() & ServerStatus.IN_TRANSACTION) != 0) {
            lostState = "an open transaction";
        } else if (preparedStatements > 0) {
            lostState = "prepared statements";
        } else if (journal.isOpaque() || !journal.pins().isEmpty()) {
            lostState = "state that only the server knew";
        } else if (login.credential().isEmpty()) {
            lostState = "a login that only the client can repeat";
        }
        if (lostState.isEmpty()) {
            hold();
        } else {
            doom("the server ended, and with it " + lostState);
        }
    }

    /** From now on without a backend connection; what is known of the session comes from its journal. */
    private void hold() {
        view = account == null ? null : reviewed();
        state = new SessionState.Held();
        pump();
    }

    /** The session as its journal's statements make it. */
    private SessionView reviewed() {
        SessionView now = fresh();
        for (Journal.Entry entry : journal.entries()) {
            Answer answer = AsleepAnswer.query(now, Statement.read(entry.sql()), name -> true);
            if (!(answer instanceof Answer.Packets packets)) {
                return null;
            }
            now = packets.newView();
        }
        return now;
    }

    private void doom(String why) {
        state = new SessionState.Doomed(SessionErrors.ended(why));
        log.info("{}: {} is ended: {}", instance.settings().name(), describe(), why);
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
                answer.accept(busy(
                        "runs " + words(now.running().statement(), now.running().command()), false, 0));
            case SessionState.Demanding now -> answer.accept(busy("waits for the server", false, 0));
            case SessionState.Rebuilding now -> answer.accept(busy("is being rebuilt", false, 0));
            case SessionState.Asking now -> answer.accept(busy("is being asked", false, 0));
            case SessionState.LoggingIn now ->
                answer.accept(
                        loginBackend == null && loginDemand == null
                                ? new Reply.Parked()
                                : busy("is logging in", false, 0));
            case SessionState.Held now -> answer.accept(new Reply.Parked());
            case SessionState.Doomed now -> answer.accept(new Reply.Parked());
            case SessionState.Closed now -> answer.accept(new Reply.Parked());
        }
    }

    private Participant.Reply busy(String why, boolean pinned, long idleNanos) {
        return new Participant.Reply.Busy(why, pinned, idleNanos);
    }

    private void ask(BackendConnection backend, Consumer<Participant.Reply> answer) {
        String pinned = "";
        if ((backend.tracker().status() & ServerStatus.IN_TRANSACTION) != 0) {
            pinned = "an open transaction";
        } else if (preparedStatements > 0) {
            pinned = preparedStatements + " prepared statements";
        } else if (login.credential().isEmpty()) {
            pinned = "a login that only the client can repeat";
        }
        if (!pinned.isEmpty()) {
            answer.accept(busy(pinned, true, System.nanoTime() - lastRealEndNanos));
            return;
        }
        state = new SessionState.Asking(backend, answer);
        Questions.ask(backend, Set.copyOf(journal.pins()), told -> told(backend, told, answer));
    }

    private void told(BackendConnection backend, Questions.Answer told, Consumer<Participant.Reply> answer) {
        switch (told) {
            case Questions.Answer.Carried carried -> {
                database = carried.database();
                journal.replaceWith(carried.statements());
                account = currentAccount();
                view = account == null || !queue.isEmpty() ? null : carriedView(carried);
                backend.quit();
                letGo();
                state = new SessionState.Held();
                answer.accept(new Reply.Parked());
            }
            case Questions.Answer.Pinned pinned -> {
                state = new SessionState.Attached(backend);
                answer.accept(busy(pinned.why(), true, System.nanoTime() - lastRealEndNanos));
            }
            case Questions.Answer.Unknown unknown -> {
                state = new SessionState.Attached(backend);
                answer.accept(busy(unknown.why(), true, System.nanoTime() - lastRealEndNanos));
            }
        }
        pump();
    }

    private SessionView carriedView(Questions.Answer.Carried carried) {
        return new SessionView(
                response.capabilities(),
                response.collation(),
                -1,
                database.isEmpty() ? null : database,
                false,
                carried.variables(),
                instance.learned().identity().globals());
    }

    /** The account the client has, as far as it can be told without asking who it is. */
    private Account currentAccount() {
        return login.account(instance.learned().accounts()).orElse(null);
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
