package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a gateway and a sidecar have to say to each other about a session, so that it can go on at another gateway: a
 * gateway tells what it has learnt of the session, and that it gives it up; a sidecar keeps the command that is not
 * answered yet until one or the other is certain. To other clients, and of other servers, nothing is said.
 */
final class Notices {
    private static final Logger log = LoggerFactory.getLogger(Notices.class);

    /** How long a sidecar may take to close a connection that was given up. */
    private static final long HANDOVER_MILLIS = 1_000;

    private final Session session;

    /** The frame of the command that the gateway has not begun to answer, in pieces; empty where there are several frames. */
    private final Deque<ByteBuf> unanswered = new ArrayDeque<>(1);

    Notices(Session session) {
        this.session = session;
    }

    // ------------------------------------------------------------ of a gateway

    /** Tells the client, if it is a sidecar; to be called between answers. Returns whether it will hear it. */
    boolean tell(Notice notice) {
        Optional<ByteBuf> frame = session.login().isSidecar() ? notice.frame(session.alloc()) : Optional.empty();
        frame.ifPresent(session::send);
        return frame.isPresent();
    }

    /** Leaves it to a sidecar to go on elsewhere: what comes from now on is not run. Returns whether the client is one. */
    boolean handOver() {
        if (!tell(Notice.LEAVING)) {
            return false;
        }
        session.leaveBackend();
        session.become(new SessionState.Closed());
        session.pump(); // what waits goes with it
        session.loop().schedule(() -> session.channel().close(), HANDOVER_MILLIS, TimeUnit.MILLISECONDS);
        return true;
    }

    // ------------------------------------------------------------ of a sidecar

    /** A command's first frame, or its first piece, is about to go to the gateway. */
    void sending(ByteBuf frame) {
        forget();
        if (session.isBeforeGateway() && Wire.payloadLength(frame) < Wire.MAX_PAYLOAD) {
            // in the frame itself the client's id of a statement is about to give way to the gateway's
            unanswered.add(Command.isOnStatement(Wire.firstByte(frame)) ? frame.copy() : frame.retainedDuplicate());
        }
    }

    /** The next piece of that frame is about to. */
    void sendingMore(ByteBuf piece) {
        if (!unanswered.isEmpty()) {
            unanswered.add(piece.retainedDuplicate());
        }
    }

    /** The answer begins, or there will be none: the command has run, or may have. */
    void forget() {
        while (!unanswered.isEmpty()) {
            unanswered.poll().release();
        }
    }

    /** The gateway says something. */
    void heard(byte[] payload) {
        try {
            Notice notice = Notice.read(payload);
            if (notice.server() != null) {
                session.instance().learned().told(notice.server());
            }
            if (notice.session() != null) {
                session.profile().told(notice.session());
            }
            if (notice.leaving()) {
                gatewayLeaves();
            }
        } catch (IOException e) {
            session.event(log.atWarn()).log("the gateway says what is not understood: {}", e.getMessage());
        }
    }

    /** It has answered all that it ran: what it was sent since did not run, and goes to another. */
    private void gatewayLeaves() {
        BackendConnection left = session.backend();
        SessionState before = session.state();
        if (!(before instanceof SessionState.Running)) {
            forget();
        }
        if (left != null) {
            left.quit();
            session.letGo();
        }
        switch (before) {
            case SessionState.Attached s -> session.lost(s.backend());
            case SessionState.Preparing s -> session.lost(s.backend());
            case SessionState.Running s
            when !unanswered.isEmpty() -> {
                while (!unanswered.isEmpty()) {
                    session.putBack(unanswered.pollLast());
                }
                session.lost(s.backend());
            }
            case SessionState.Running s ->
                session.ending()
                        .now(SessionErrors.ended("the gateway ended, and a statement of more than 16 MB did not run"));
            case SessionState.Rebuilding s -> session.tryAgain("the gateway is ending");
            case SessionState.Asking s -> {}
            case SessionState.LoggingIn s -> {}
            case SessionState.Held s -> {}
            case SessionState.Demanding s -> {}
            case SessionState.Doomed s -> {}
            case SessionState.Closed s -> {}
        }
    }

    /** Whether a gateway that closed the connection has told the client before that the session is over. */
    boolean toldEnd(BackendConnection lost) {
        return session.isBeforeGateway()
                && lost.tracker().failed()
                && SessionErrors.ENDING.contains(lost.tracker().errorCode());
    }
}
