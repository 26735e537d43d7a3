package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.wake.Demand;
import dev.haulout.proxy.wake.Server;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A held session's way to a backend connection: the server is demanded, and the session rebuilt on a connection to it. */
final class Attaching {
    private static final Logger log = LoggerFactory.getLogger(Attaching.class);

    /** How often a statement is held again because the server that was awake can't be reached after all. */
    private static final int MOST_REBUILDS = 20;

    private final Session session;
    private int rebuildFailures;
    private Server server;
    private Server lostFrom;

    Attaching(Session session) {
        this.session = session;
    }

    /** The login itself was on a connection to that server. */
    void attachedTo(Server decidedBy) {
        server = decidedBy;
    }

    /** The connection was lost without a word from the server, and the session can do without it. */
    void lost() {
        lostFrom = server.isGateway() ? null : server; // gateways share an address, and one of them ended
    }

    boolean isBeforeGateway() {
        return server != null && server.isGateway();
    }

    /** Demands the server for the command that waits. */
    void demandFor(String why) {
        Demand[] made = new Demand[1];
        made[0] = session.instance().demand(why, session.loop(), outcome -> {
            boolean waits = session.state() instanceof SessionState.Demanding now && now.demand() == made[0];
            switch (outcome) {
                case Demand.Outcome.Denied denied when waits -> notRun(denied.error());
                case Demand.Outcome.Granted granted when waits -> rebuild(granted);
                case Demand.Outcome.Denied denied -> {}
                case Demand.Outcome.Granted granted -> session.instance().release(); // the client had gone
            }
        });
        session.become(new SessionState.Demanding(made[0]));
        session.progressReports().begin();
    }

    /** The command that waits for a server is to wait no more. */
    void interrupt() {
        if (session.state() instanceof SessionState.Demanding now) {
            session.instance().withdraw(now.demand());
            notRun(SessionErrors.interrupted());
        }
    }

    private void rebuild(Demand.Outcome.Granted granted) {
        session.awaitFirstResult(granted.woke());
        server = granted.server();
        Rebuild rebuild = new Rebuild(session.profile(), this::rebuilt, this::rebuildFailed);
        Prover prover = new Prover.Kept(session.login().proof().credential().orElseThrow());
        session.become(new SessionState.Rebuilding(session.open(
                granted.server(),
                prover,
                session.login().response().withCapabilities(session.profile().capabilities()),
                Rebuild.databaseAtLogin(session.profile()),
                session.login().proof().askedTls(),
                rebuild)));
    }

    private void rebuilt(BackendConnection backend, List<SqlError> brokenPromises) {
        rebuildFailures = 0;
        if (server == lostFrom) {
            // the same server let us in again, so it had not ended: it closed that one connection on purpose
            session.ending().atNextCommand(SessionErrors.ended("it was killed, or idle for longer than wait_timeout"));
            return;
        }
        lostFrom = null;
        session.attach(backend);
        for (SqlError error : brokenPromises) {
            // the client was told OK in good faith: it gets the error in place of its next statement's answer
            session.answerWith(error);
        }
        session.pump();
    }

    private void rebuildFailed(Rebuild.Failure failure) {
        switch (failure) {
            case Rebuild.Failure.Unreachable unreachable -> tryAgain(unreachable.why());
            case Rebuild.Failure.Refused refused -> {
                session.letGo();
                session.instance().accounts().anew(session.loop(), book -> {});
                session.event(log.atWarn())
                        .log("the server refused {} after a wake: {}", session.describe(), refused.error());
                session.ending().atNextCommand(refused.error());
            }
            case Rebuild.Failure.NotTheSame not ->
                session.ending()
                        .atNextCommand(SessionErrors.ended("the session could not be rebuilt after the database slept: "
                                + not.error().message()));
        }
    }

    /** Nothing of the client's was sent: its command is as held as before. */
    void tryAgain(String why) {
        server.notReached();
        session.letGo();
        session.hold();
        rebuildFailures++;
        if (rebuildFailures <= MOST_REBUILDS) {
            session.loop().schedule(session::pump, 50L * rebuildFailures, TimeUnit.MILLISECONDS);
        } else {
            rebuildFailures = 0;
            notRun(SessionErrors.unreachable(session.instance().settings().name(), why));
        }
    }

    /** The command that waited certainly did not run; the session goes on. */
    private void notRun(SqlError error) {
        session.hold();
        session.answerWith(error);
        session.pump();
    }
}
