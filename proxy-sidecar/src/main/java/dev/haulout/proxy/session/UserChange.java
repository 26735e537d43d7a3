package dev.haulout.proxy.session;

import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/**
 * COM_CHANGE_USER: a login anew on the same client connection, decided as any other is. Whatever the session was made of is
 * over with the first word of it, as with the server; where the change is refused, the session goes on as who it was before.
 */
final class UserChange {
    /** After so many refusals the server has had enough of the command. */
    private static final int MOST_REFUSALS = 3;

    /** How long the server lets a client wait that it refuses. */
    private static final long REFUSAL_MILLIS = 1_000;

    private static final int HIGHEST_COLLATION = 255;

    private final Session session;
    private int refusals;
    private boolean hadRole;

    UserChange(Session session) {
        this.session = session;
    }

    /** Begins with the command that waits. */
    void begin() {
        ByteBuf frame = session.take();
        session.answering(frame);
        HandshakeResponse asked;
        try {
            if (refusals >= MOST_REFUSALS || Wire.rest(frame) > 0) {
                throw new MalformedPacketException("not taken");
            }
            asked = HandshakeResponse.readChange(
                    frame.slice().skipBytes(Wire.HEADER),
                    session.login()
                            .response()
                            .withCapabilities(session.profile().capabilities()),
                    session.instance().learned().identity().collation());
        } catch (MalformedPacketException e) {
            session.drop(frame);
            session.sendError(SessionErrors.unknownCommand());
            return;
        }
        frame.release();
        if (asked.collation() > HIGHEST_COLLATION) {
            session.sendError(SessionErrors.unknownCollation(asked.collation()));
            return;
        }
        hadRole = session.profile().journal().setRole();
        session.leaveBackend();
        session.profile().startOver();
        session.keptDiagnostics().forget();
        Login next = new Login(session, session.login());
        session.become(new SessionState.LoggingIn(next));
        next.change(asked);
    }

    /**
     * The change is refused: the client is told, after {@code delayMillis} or what the server makes it wait, and goes on as
     * who it was.
     *
     * @param conversationBroken the client did not keep to the protocol, so that nothing it says can be understood any more
     */
    void refused(boolean conversationBroken, SqlError error, long delayMillis) {
        refusals++;
        if (conversationBroken) {
            session.ending().now(error);
            return;
        }
        SessionState refusedIn = session.state();
        session.loop()
                .schedule(
                        () -> {
                            if (session.state() == refusedIn) {
                                goOn(error);
                            }
                        },
                        Math.max(delayMillis, REFUSAL_MILLIS),
                        TimeUnit.MILLISECONDS);
    }

    private void goOn(SqlError error) {
        session.sendError(error);
        session.profile().changeRefused();
        session.detached();
        if (hadRole) {
            session.ending().atNextCommand("its role was lost when a change of the user was refused");
        } else {
            session.pump();
        }
    }
}
