package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.AnswerEdit;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.ResponseTracker;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;

/**
 * Passes a session's commands to its backend connection, and the answers back. Commands on prepared statements get the
 * connection's id in place of the client's, four bytes written over in place.
 */
final class Relay implements BackendConnection.Owner {
    private final Session session;
    private final StatementCommands statementCommands;

    /** Whether the command that was passed on last goes on, in further pieces of its frame or in the next frame. */
    private boolean commandContinues;

    private boolean clientSpokeLast;

    /** Whether the frame at hand is followed by another of the same command or file. */
    private boolean frameFollows;

    /** The number of the packet that the server got last, or sent last where that was later. */
    private int lastNumber;

    private boolean awaitsFirstResult;

    // of the command that was passed on last
    private PreparedStatement present;
    private AnswerEdit edit;

    Relay(Session session) {
        this.session = session;
        this.statementCommands = new StatementCommands(session);
    }

    /** The next byte from the server is the first after a wake, if {@code woke}. */
    void awaitFirstResult(boolean woke) {
        awaitsFirstResult = woke;
    }

    /** Whether what the client sends now belongs to the command that is already on its way. */
    boolean goesOn() {
        BackendConnection backend = session.backend();
        return commandContinues || (backend != null && backend.tracker().fileOutstanding());
    }

    /** Whether more of a command, or of a file, has passed since the server said something. */
    boolean clientSpokeLast() {
        return clientSpokeLast;
    }

    // ------------------------------------------------------------ to the server

    /** Passes on the client's next command. */
    void forward(BackendConnection backend) {
        int command = Wire.firstByte(session.peek());
        if (command == Command.QUIT || command < 0) {
            session.take().release();
            session.channel().close();
            return;
        }
        if (command == Command.CHANGE_USER) {
            session.userChange().begin();
            return;
        }
        PreparedStatement statement = null;
        if (Command.isOnStatement(command)) {
            statement = statementCommands.ready(backend);
            if (statement == null) {
                return;
            }
        }
        RunningCommand running = read(command, statement);
        if (session.profile().changesReading(running) && !statementCommands.allPrepared(backend)) {
            return;
        }
        if (Kills.isOne(running) && !session.kills().ready(running, backend)) {
            return;
        }
        if (session.keptDiagnostics().settled(running)) {
            return;
        }
        ByteBuf frame = session.take();
        session.answering(frame);
        session.notices().sending(frame);
        present = statement;
        if (statement != null) {
            statement.address(frame);
            backend.tracker().cursorWanted(StatementCommands.opensCursor(frame));
        }
        edit = edit(command, statement);
        int reported = session.reportedOfTaken();
        if (reported > 0) {
            edit = new AnswerEdit.Later(reported, edit);
        }
        boolean inTransaction = (backend.tracker().status() & ServerStatus.IN_TRANSACTION) != 0;
        boolean real = running.isUse(inTransaction) && !session.isOfIgnoredUser();
        if (real) {
            session.instance().activity(running.kind(), session);
        }
        if (running.keepAlive(inTransaction) || session.isOfIgnoredUser()) {
            session.setup().meters().keepAliveForwarded();
        } else {
            session.setup().meters().statement();
        }
        session.keptDiagnostics().said(running, inTransaction);
        session.keptAnswer().said(running, inTransaction);
        if (reported == 0) {
            session.keptAnswer().asked(running);
        }
        frameFollows = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        commandContinues = frameFollows || session.rest() > 0;
        lastNumber = 0;
        if (session.isCompressed()) {
            Wire.sequence(frame, 0); // see forwardMore
        }
        backend.forward(command);
        backend.write(frame);
        backend.flush();
        if (backend.isReady() && !commandContinues) {
            ran(running, backend.tracker()); // the server says nothing to it
            session.notices().forget();
        } else {
            session.become(new SessionState.Running(backend, running, real));
        }
    }

    private RunningCommand read(int command, PreparedStatement statement) {
        ByteBuf frame = session.peek();
        return switch (command) {
            case Command.STMT_PREPARE -> {
                boolean whole = Wire.rest(frame) == 0 && Wire.payloadLength(frame) < Wire.MAX_PAYLOAD;
                yield RunningCommand.readPrepare(
                        frame, whole ? session.profile().prepared().room() : 0);
            }
            case Command.STMT_EXECUTE, Command.STMT_BULK_EXECUTE -> statement.execution();
            default -> RunningCommand.read(frame, session.instance().settings().keepAlives());
        };
    }

    /** What is to be changed in the answer; null for nothing. */
    private AnswerEdit edit(int command, PreparedStatement statement) {
        return switch (command) {
            case Command.STMT_PREPARE ->
                new AnswerEdit.StatementId(session.profile().prepared().nextId());
            case Command.STMT_EXECUTE, Command.STMT_BULK_EXECUTE -> statement.missingInAnswer();
            default -> null;
        };
    }

    /**
     * What follows of a long command, or of a file that the server asked for.
     *
     * @param more the next frame, or a piece of the present one; see {@link dev.haulout.proxy.protocol.PacketDecoder}
     * @param begins whether a frame begins with it
     */
    void forwardMore(SessionState.Running now, ByteBuf more, boolean begins) {
        int length = begins ? Wire.payloadLength(more) : -1;
        if (begins && (session.isCompressed() || edit != null)) {
            // a client that compresses numbers the frames around the packets: in these there may be any number. Another
            // goes on from the numbers that it was told, which may not be the server's
            lastNumber = lastNumber + 1 & 0xff;
            Wire.sequence(more, lastNumber);
        }
        if (begins) {
            session.answering(more);
            clientSpokeLast = true;
        }
        if (commandContinues) {
            session.notices().sendingMore(more);
            if (begins) {
                frameFollows = length == Wire.MAX_PAYLOAD;
            }
            commandContinues = frameFollows || session.rest() > 0;
        } else if (length == 0) {
            now.backend().tracker().fileSent();
        }
        now.backend().write(more);
        if (!now.backend().isWritable()) {
            now.backend().flush();
            session.channel().config().setAutoRead(false);
        }
        if (!goesOn() && now.backend().isReady()) {
            answerComplete(now); // a command that the server says nothing to, or had enough of early
        }
    }

    // ------------------------------------------------------------ to the client

    @Override
    public void relay(ByteBuf answer) {
        session.notices().forget();
        clientSpokeLast = false;
        ByteBuf bytes = edit == null ? answer : edit.apply(answer, session.alloc());
        session.setup().meters().sent(bytes.readableBytes());
        session.keptAnswer().passed(bytes);
        session.channel().write(bytes, session.channel().voidPromise());
        if (awaitsFirstResult) {
            awaitsFirstResult = false;
            session.channel().flush();
            session.instance().firstResult();
        }
        if (!session.channel().isWritable()) {
            session.channel().flush();
            BackendConnection backend = session.backend();
            if (!session.channel().isWritable() && backend != null) {
                backend.autoRead(false);
            }
        }
        if (session.state() instanceof SessionState.Running now && now.backend().isReady()) {
            session.channel().flush();
            if (!goesOn()) {
                answerComplete(now);
            } // else the server had enough before the client has said all: the rest is no command
        } else if (session.state() instanceof SessionState.Running now
                && now.backend().tracker().wantsFile()) {
            lastNumber = now.backend().tracker().nextSequence() - 1;
            session.channel().flush();
            session.pump();
        }
    }

    private void answerComplete(SessionState.Running done) {
        BackendConnection backend = done.backend();
        if (done.real()) {
            session.realCommandEnded();
            session.instance().activity(done.command().kind(), session);
        }
        ran(done.command(), backend.tracker());
        session.keptAnswer()
                .complete(
                        !backend.tracker().failed() && (backend.tracker().status() & ServerStatus.IN_TRANSACTION) == 0);
        session.become(new SessionState.Attached(backend));
        session.answered();
    }

    private void ran(RunningCommand command, ResponseTracker answer) {
        session.profile().ran(command, answer.failed());
        PreparedStatements statements = session.profile().prepared();
        switch (command.command()) {
            case Command.STMT_PREPARE -> {
                if (answer.failed()) {
                    statements.notPrepared();
                } else {
                    statements.add(
                            command,
                            answer.statementId(),
                            answer.parameters(),
                            session.profile().certainDatabase());
                }
            }
            case Command.STMT_EXECUTE -> present.executed(answer.cursorOpened());
            case Command.STMT_FETCH -> {
                if (answer.failed() || (answer.status() & ServerStatus.LAST_ROW_SENT) != 0) {
                    present.cursorEnded();
                }
            }
            case Command.STMT_RESET -> present.reset();
            case Command.STMT_SEND_LONG_DATA -> present.gotLongData();
            default -> {}
        }
        edit = null;
        present = null;
    }

    /** By how much sequence numbers in the answer that passes now are higher for the client than the server's. */
    int addedPackets() {
        return edit == null ? 0 : edit.addedPackets();
    }

    @Override
    public void relayed() {
        session.channel().flush();
    }

    @Override
    public void writabilityChanged() {
        session.readAsServerTakes();
    }

    @Override
    public void closed() {
        session.backendLost();
    }

    @Override
    public void noticed(byte[] notice) {
        session.notices().heard(notice);
    }
}
