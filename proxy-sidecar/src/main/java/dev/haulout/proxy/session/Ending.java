package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.wake.Participant;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ways a session ends before its client ends it: with an error wherever the client can be told one. */
final class Ending {
    private static final Logger log = LoggerFactory.getLogger(Ending.class);

    private final Session session;

    Ending(Session session) {
        this.session = session;
    }

    /** Somebody else wants it to end: see {@link Participant#end}. */
    void end(String why) {
        end(why, session.notices()::handOver);
    }

    /** It is killed: whoever could go on with it elsewhere is not to. */
    void kill(String why) {
        end(why, () -> false);
    }

    private void end(String why, BooleanSupplier handOver) {
        switch (session.state()) {
            case SessionState.Running now -> amidAnswer(now.backend(), why);
            case SessionState.Demanding now when handOver.getAsBoolean() -> {}
            case SessionState.Demanding now -> now(SessionErrors.ended(why));
            case SessionState.Rebuilding now when handOver.getAsBoolean() -> {}
            case SessionState.Rebuilding now -> atNextCommand(why);
            case SessionState.Preparing now -> atNextCommand(why);
            case SessionState.Attached now when isAllKnown(now.backend()) && handOver.getAsBoolean() -> {}
            case SessionState.Attached now -> atNextCommand(why);
            case SessionState.Held now when handOver.getAsBoolean() -> {}
            case SessionState.Held now -> atNextCommand(why);
            case SessionState.Asking now -> {
                atNextCommand(why);
                now.answer().accept(new Participant.Reply.Parked());
            }
            case SessionState.Doomed now -> {}
            case SessionState.LoggingIn now -> session.channel().close();
            case SessionState.Closed now -> session.channel().close();
        }
    }

    private boolean isAllKnown(BackendConnection backend) {
        return session.profile().lostUnasked(backend.tracker().status()).isEmpty();
    }

    /** With the answer to the command that waits, or to the next one. */
    void atNextCommand(String why) {
        session.event(log.atInfo()).log("{} is ended: {}", session.describe(), why);
        atNextCommand(SessionErrors.ended(why));
    }

    /** The same with an error that says it all. */
    void atNextCommand(SqlError error) {
        session.leaveBackend();
        session.become(new SessionState.Doomed(error));
        session.pump();
    }

    /** With an answer to what the client said last. */
    void now(SqlError error) {
        if (!(session.state() instanceof SessionState.Closed)) {
            session.leaveBackend();
            session.become(new SessionState.Closed());
            session.sendAndClose(error.frame(session.alloc(), session.nextSequence(), true));
        }
    }

    /** While the server answers; the client is told why where a packet of ours can still be told from the answer. */
    void amidAnswer(BackendConnection backend, String why) {
        if (!backend.tracker().untouched()) {
            if (!backend.tracker().errorMayFollow()) {
                silently();
                return;
            }
            if (!session.clientSpokeLast()) {
                session.continueAfter(backend.tracker().nextSequence() - 1 + session.addedPackets());
            }
        }
        now(SessionErrors.unknownOutcome(why));
    }

    /** Without a word. */
    void silently() {
        session.leaveBackend();
        session.become(new SessionState.Closed());
        session.channel().close();
    }
}
