package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.wake.Participant;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a session gives up its backend connection, or gets over its loss, and is held from then on: what only that connection
 * could have is never given up in silence.
 */
final class Detaching {
    private static final Logger log = LoggerFactory.getLogger(Detaching.class);
    private static final String ONLY_THE_CLIENT = "a login that only the client can repeat";

    private final Session session;
    private long lastRealEndNanos = System.nanoTime();

    // how long the client has said nothing
    private long lastHeardNanos = System.nanoTime();
    private ScheduledFuture<?> idleCheck;

    Detaching(Session session) {
        this.session = session;
    }

    /** A command that counts as activity has been answered. */
    void realCommandEnded() {
        lastRealEndNanos = System.nanoTime();
    }

    /** The client said something. */
    void heard() {
        lastHeardNanos = System.nanoTime();
    }

    // ------------------------------------------------------------ given up

    /** Lets go of the connection, if that can be: see {@link Participant#park}. On the event loop. */
    void park(Consumer<Participant.Reply> answer) {
        switch (session.state()) {
            case SessionState.Attached now -> ask(now.backend(), answer);
            case SessionState.Running now ->
                answer.accept(busy("runs " + now.command().kind()));
            case SessionState.Demanding now -> answer.accept(new Participant.Reply.Waiting("waits for the server"));
            case SessionState.Rebuilding now -> answer.accept(busy("is being rebuilt"));
            case SessionState.Preparing now -> answer.accept(busy("prepares a statement again"));
            case SessionState.Asking now -> answer.accept(busy("is being asked"));
            case SessionState.LoggingIn now -> answer.accept(loggingIn(now.login()));
            case SessionState.Held now -> answer.accept(new Participant.Reply.Parked());
            case SessionState.Doomed now -> answer.accept(new Participant.Reply.Parked());
            case SessionState.Closed now -> answer.accept(new Participant.Reply.Parked());
        }
    }

    private static Participant.Reply loggingIn(Login login) {
        if (!login.needsServer()) {
            return new Participant.Reply.Parked();
        }
        String why = "is logging in";
        return login.waitsForServer() ? new Participant.Reply.Waiting(why) : busy(why);
    }

    private static Participant.Reply busy(String why) {
        return new Participant.Reply.Busy(why, false, false, 0);
    }

    /** Asks the session about itself, and lets go of the connection if it holds nothing that can't be carried. */
    private void ask(BackendConnection backend, Consumer<Participant.Reply> answer) {
        String pinned = session.profile().heldByConnection(backend.tracker().status());
        if (pinned.isEmpty() && session.login().proof().credential().isEmpty()) {
            pinned = ONLY_THE_CLIENT;
        }
        if (!pinned.isEmpty()) {
            answer.accept(pinned(pinned, backend));
            return;
        }
        if (session.isBeforeGateway()) {
            // it is not asked: that could wake the server. What the gateway knows better than we, it has told
            pinned = session.profile().lostUnasked(backend.tracker().status());
            if (pinned.isEmpty()) {
                backend.quit();
                session.letGo();
                loseOrHold(backend);
            }
            answer.accept(pinned.isEmpty() ? new Participant.Reply.Parked() : pinned(pinned, backend));
            return;
        }
        session.become(new SessionState.Asking(backend, answer));
        session.keptDiagnostics()
                .ask(
                        backend,
                        () -> Questions.ask(
                                backend, session.profile().journal().pins(), told -> told(backend, told, answer)));
    }

    private void told(BackendConnection backend, Questions.Answer told, Consumer<Participant.Reply> answer) {
        switch (told) {
            case Questions.Answer.Carried carried -> {
                session.profile().carried(carried, account());
                backend.quit();
                session.letGo();
                session.hold();
                session.notices().tell(Notice.of(carried));
                answer.accept(new Participant.Reply.Parked());
            }
            case Questions.Answer.Pinned pinned -> {
                session.become(new SessionState.Attached(backend));
                answer.accept(pinned(pinned.why(), backend));
            }
            case Questions.Answer.Unknown unknown -> {
                session.become(new SessionState.Attached(backend));
                answer.accept(pinned(unknown.why(), backend));
            }
        }
        session.pump();
    }

    private Participant.Reply pinned(String why, BackendConnection backend) {
        boolean inTransaction = (backend.tracker().status() & ServerStatus.IN_TRANSACTION) != 0;
        return new Participant.Reply.Busy(why, true, inTransaction, System.nanoTime() - lastRealEndNanos);
    }

    /** The account the client has, as far as the accounts kept tell. */
    private Optional<Account> account() {
        return session.login().proof().account(session.instance().learned().accounts());
    }

    // ------------------------------------------------------------ lost

    /** Lost between statements: what is known for certain is kept, and what may be lost ends the session. */
    void loseOrHold(BackendConnection lost) {
        String gone = session.profile().lostUnasked(lost.tracker().status());
        if (gone.isEmpty() && session.login().proof().credential().isEmpty()) {
            gone = ONLY_THE_CLIENT;
        }
        if (!gone.isEmpty()) {
            session.ending().atNextCommand("the " + session.peer() + " ended, and with it " + gone);
            return;
        }
        session.lostUnharmed();
        detached();
        session.pump();
    }

    /** The connection has gone, and nothing with it that the profile doesn't know: from now on the session is held. */
    void detached() {
        session.profile().lost(account());
        session.keptAnswer().forget();
        session.hold();
    }

    // ------------------------------------------------------------ held

    /** The session's own timeout is the door's to watch from now on. */
    void watchIdleness() {
        endWatch();
        scheduleIdleCheck(session.profile().idleLimit().toNanos());
    }

    void endWatch() {
        if (idleCheck != null) {
            idleCheck.cancel(false);
        }
    }

    private void scheduleIdleCheck(long nanos) {
        idleCheck = session.loop().schedule(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
    }

    /** Ends a held session as the server would: without a word. */
    private void checkIdle() {
        if (!(session.state() instanceof SessionState.Held)) {
            return; // with a backend connection the server watches; the next watch starts anew
        }
        long left = session.profile().idleLimit().toNanos() - (System.nanoTime() - lastHeardNanos);
        if (left > 0) {
            scheduleIdleCheck(left);
        } else {
            session.event(log.atInfo()).log("{} is ended: idle for longer than its wait_timeout", session.describe());
            session.ending().silently();
        }
    }
}
