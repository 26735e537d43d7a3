package dev.haulout.proxy.session;

import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/** What a held session does with its client's commands: answers those whose answer is certain, and has the rest wait. */
final class HeldCommands {
    private final Session session;

    HeldCommands(Session session) {
        this.session = session;
    }

    /** Answers the client's next command, or demands a server for it. */
    void answerOrDemand() {
        ByteBuf frame = session.peek();
        RunningCommand command =
                RunningCommand.read(frame, session.instance().settings().keepAlives());
        session.answering(frame);
        switch (command.command()) {
            case Command.QUIT -> {
                session.take().release();
                session.channel().close();
                return;
            }
            case Command.CHANGE_USER -> {
                session.userChange().begin();
                return;
            }
            default -> {}
        }
        if (session.keptDiagnostics().settled(command)) {
            return;
        }
        session.keptDiagnostics().said(command, session.profile().inTransaction());
        if (Command.isOnStatement(command.command()) && settled(frame)) {
            return;
        }
        if (Kills.isOne(command) && session.kills().settled(command)) {
            return;
        }
        session.keptAnswer().said(command, session.profile().inTransaction());
        switch (session.profile().reply(command)) {
            case SessionProfile.Reply.Packets packets -> answer(packets);
            case SessionProfile.Reply.Refused refused -> {
                session.take().release();
                session.sendError(refused.error());
            }
            case SessionProfile.Reply.NeedsServer needed -> askServer(command);
        }
    }

    /** Settles a command on a prepared statement where no server is needed for that. */
    private boolean settled(ByteBuf frame) {
        PreparedStatements statements = session.profile().prepared();
        Optional<SqlError> refusal = statements.refusal(frame);
        if (refusal.isPresent()) {
            session.answerWith(refusal.get());
            return true;
        }
        PreparedStatement statement = statements.find(frame);
        switch (Wire.firstByte(frame)) {
            case Command.STMT_CLOSE -> {
                statements.close(statement);
                session.take().release();
                return true;
            }
            case Command.STMT_RESET -> statement.reset();
            default -> {}
        }
        return false;
    }

    private void answer(SessionProfile.Reply.Packets packets) {
        session.take().release();
        session.setup().meters().answeredAsleep(packets.keepAlive());
        for (byte[] payload : packets.payloads()) {
            ByteBuf packet = Wire.frame(session.alloc(), session.nextSequence(), payload);
            session.setup().meters().sent(packet.readableBytes());
            session.channel().write(packet, session.channel().voidPromise());
        }
        session.channel().flush();
    }

    private void askServer(RunningCommand command) {
        Optional<byte[]> kept = session.keptAnswer().to(command, session.sequence(), session.instance());
        if (kept.isPresent()) {
            session.take().release();
            session.setup().meters().answeredAsleep(true);
            session.send(Unpooled.wrappedBuffer(kept.get()));
        } else if (session.isOfIgnoredUser() && session.instance().isAsleep()) {
            session.answerWith(SessionErrors.ignoredUser(
                    session.login().shownUser(), session.instance().settings().name()));
        } else {
            session.demandFor(command.kind() + " by " + session.login().shownUser());
        }
    }
}
