package dev.haulout.proxy.session;

import dev.haulout.proxy.protocol.Command;
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
            case Command.STMT_CLOSE -> {
                session.take().release(); // no backend connection, no prepared statement
                return;
            }
            case Command.CHANGE_USER -> {
                session.take().release();
                session.sendError(SessionErrors.unknownCommand());
                return;
            }
            default -> {}
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
            session.drop(session.take());
            session.sendError(SessionErrors.ignoredUser(
                    session.login().shownUser(), session.instance().settings().name()));
        } else {
            session.demandFor(command.kind() + " by " + session.login().shownUser());
        }
    }
}
