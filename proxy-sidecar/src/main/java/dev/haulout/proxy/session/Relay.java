package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;

/** Passes a session's commands to its backend connection, and the answers back. */
final class Relay implements BackendConnection.Owner {
    private final Session session;

    /** Whether the command that was passed on last goes on in the next frame. */
    private boolean commandContinues;

    private boolean awaitsFirstResult;

    Relay(Session session) {
        this.session = session;
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

    // ------------------------------------------------------------ to the server

    /** Passes on the client's next command. */
    void forward(BackendConnection backend) {
        ByteBuf frame = session.take();
        int command = Wire.firstByte(frame);
        session.answering(frame);
        if (command == Command.QUIT || command < 0) {
            frame.release();
            session.channel().close();
            return;
        }
        if (command == Command.CHANGE_USER) {
            frame.release();
            session.sendError(SessionErrors.unknownCommand());
            return;
        }
        RunningCommand running =
                RunningCommand.read(frame, session.instance().settings().keepAlives());
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
        session.keptAnswer().said(running, inTransaction);
        session.keptAnswer().asked(running);
        commandContinues = Wire.payloadLength(frame) == Wire.MAX_PAYLOAD;
        session.notices().sending(frame);
        backend.forward(command);
        backend.write(frame);
        backend.flush();
        if (backend.isReady() && !commandContinues) {
            session.profile().ran(running, false); // the server says nothing to it
            session.notices().forget();
        } else {
            session.become(new SessionState.Running(backend, running, real));
        }
    }

    /** The next frames of a command of more than 16 MB, or of a file that the server asked for. */
    void forwardMore(SessionState.Running now, ByteBuf frame) {
        int length = Wire.payloadLength(frame);
        if (commandContinues) {
            commandContinues = length == Wire.MAX_PAYLOAD;
        } else if (length == 0) {
            now.backend().tracker().fileSent();
        }
        now.backend().write(frame);
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
    public void relay(ByteBuf bytes) {
        session.notices().forget();
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
        session.profile().ran(done.command(), backend.tracker().failed());
        session.keptAnswer()
                .complete(
                        !backend.tracker().failed() && (backend.tracker().status() & ServerStatus.IN_TRANSACTION) == 0);
        session.become(new SessionState.Attached(backend));
        session.answered();
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
