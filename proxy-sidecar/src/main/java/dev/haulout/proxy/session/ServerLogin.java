package dev.haulout.proxy.session;

import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.Outcome;
import dev.haulout.proxy.account.Proof;
import dev.haulout.proxy.account.Refusal;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.AuthSwitch;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.wake.Demand;
import dev.haulout.proxy.wake.Server;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A login that the server decides: by the proof the door can give for the client where that was verified, else by asking
 * the client again with the server's own scramble. The server is woken for it if need be.
 */
final class ServerLogin {
    private static final Logger log = LoggerFactory.getLogger(ServerLogin.class);
    private static final int TOO_MANY_CONNECTIONS = 1040;
    private static final int ACCESS_DENIED = 1045;
    private static final int PLUGIN_NOT_LOADED = 1524;
    private static final int MOST_TIMES_FULL = 20;

    /** With longer and longer pauses this makes 10 s, as for a statement. */
    private static final int MOST_TIMES_AWAY = 20;

    private static final int SCRAMBLE = 20;

    private final Session session;
    private final Login login;
    private final ClientProof proof;

    private RelayedProof relayed;
    private Demand demand;
    private BackendConnection backend;
    private Server server;
    private boolean woke;
    private int timesFull;
    private int timesAway;
    private Optional<SqlError> foreseen = Optional.empty();

    ServerLogin(Session session, Login login, ClientProof proof) {
        this.session = session;
        this.login = login;
        this.proof = proof;
    }

    /** Whether it has been asked, or is to be. */
    boolean isUnderWay() {
        return demand != null || backend != null;
    }

    /** Whether the server has yet to be told of it. */
    boolean waitsForServer() {
        return demand != null && backend == null;
    }

    /** The client has gone, or is refused. */
    void abandon() {
        if (demand != null) {
            session.instance().withdraw(demand);
        }
        if (backend != null) {
            backend.quit();
            backend = null;
        }
    }

    /** Decides, with what the accounts kept foresee of it. */
    void decide(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            foreseen = Optional.of(SessionProfile.error(refused.refusal()));
        }
        if (outcome instanceof Outcome.Accepted accepted) {
            if (proof.asksTooMuch(accepted)) {
                login.refuse("credentials", SessionErrors.notShownToServer(login.shownUser()));
                return;
            }
            proof.take(accepted);
        }
        if (proof.credential().isPresent()) {
            byKept("");
        } else {
            byRelay("");
        }
    }

    /** By what was kept of the proof; {@code why} is empty where the server is awake anyway. */
    void byKept(String why) {
        relayed = relayedProof();
        if (proof.given().isPresent()) {
            byServer(why, new Prover.Kept(proof.given().get()));
            return;
        }
        byServer(why, new KeptProof(new Prover.Kept(proof.credential().orElseThrow()), relayed, () -> {
            proof.forget();
            login.armDeadline();
        }));
    }

    private void byServer(String why, Prover prover) {
        if (!why.isEmpty() || needsNoClient(prover)) {
            login.disarmDeadline(); // the client has done its part, and the demand has a deadline of its own
        }
        String reason = why.isEmpty() ? "a login of " + login.shownUser() : why;
        demand = session.instance().demand(reason, session.loop(), outcome -> {
            demand = null;
            switch (outcome) {
                case Demand.Outcome.Denied denied ->
                    login.refuse(
                            "wake",
                            SessionErrors.notWokenForLogin(denied.error().message()));
                case Demand.Outcome.Granted granted
                when login.isOver() -> session.instance().release();
                case Demand.Outcome.Granted granted -> {
                    login.armDeadline();
                    server = granted.server();
                    woke = granted.woke();
                    backend = session.open(
                            granted.server(),
                            prover,
                            login.response(),
                            login.response().database(),
                            proof.askedTls(),
                            new Entrance(why, prover));
                }
            }
        });
    }

    /** Hears how the server decides. */
    private final class Entrance implements BackendConnection.Entrance {
        private final String why;
        private final Prover prover;

        Entrance(String why, Prover prover) {
            this.why = why;
            this.prover = prover;
        }

        @Override
        public void loggedIn(BackendConnection connection, ByteBuf ok) {
            if (woke) {
                session.instance().firstResult();
            }
            byte[] payload = new byte[ok.readableBytes()];
            ok.readBytes(payload);
            if (server.tls().isPresent()) {
                // to the server we came securely, whether the client did or not
                session.instance().accounts().recent(session.loop(), book -> judgeTransport(book, connection, payload));
            } else {
                session.instance().accounts().kept(session.loop(), book -> judgeTransport(book, connection, payload));
            }
        }

        private void judgeTransport(AccountBook book, BackendConnection connection, byte[] payload) {
            if (login.isOver()) {
                return;
            }
            Optional<Refusal> insecure = proof.transport(book);
            if (insecure.isPresent()) {
                login.refuse("credentials", SessionProfile.error(insecure.get()));
                return;
            }
            keepWhatTheClientProved();
            if (relayed.proof().orElse(null) instanceof Proof.ClearPassword clear) {
                proof.take(new Credential.ClearPassword(clear.password()));
                accepted(connection, payload);
            } else if (proof.isKnown() || relayed.proof().isEmpty()) {
                accepted(connection, payload);
            } else if (session.tls().isEmpty()) {
                session.instance().accounts().anew(session.loop(), anew -> keep(anew));
                accepted(connection, payload);
            } else {
                // an account newer than those kept: only with it can be told by what the client knows us
                session.instance().accounts().anew(session.loop(), anew -> {
                    keep(anew);
                    if (!login.isOver()) {
                        accepted(connection, payload);
                    }
                });
            }
        }

        private void accepted(BackendConnection connection, byte[] ok) {
            backend = null;
            if (connection.isReady()) {
                login.welcome(ok, connection, server);
            } else {
                login.refuse("backend", SessionErrors.lostDuringLogin("it closed the connection"));
            }
        }

        @Override
        public void refused(SqlError error) {
            backend = null;
            if (error.code() == TOO_MANY_CONNECTIONS && ++timesFull <= MOST_TIMES_FULL) {
                // said in place of a greeting, so the client was asked nothing yet: connections made round the proxy,
                // or ones that the server has closed and not yet struck off
                again(timesFull);
            } else if (error.code() == ACCESS_DENIED
                    && session.tls().isPresent()
                    && proof.askedTls().isEmpty()) {
                onceMoreIfItAsksForTls(error);
            } else {
                login.refuse(error.code() == TOO_MANY_CONNECTIONS ? "wake" : "credentials", inOrdinaryWords(error));
            }
        }

        /** An account may have come to ask for TLS since it was read. */
        private void onceMoreIfItAsksForTls(SqlError error) {
            session.instance().accounts().anew(session.loop(), anew -> {
                if (login.isOver()) {
                    return;
                }
                Outcome first = login.firstOutcome(anew);
                if (proof.askedTls().isPresent()) {
                    decide(first);
                } else {
                    login.refuse("credentials", inOrdinaryWords(error));
                }
            });
        }

        @Override
        public void failed(IOException cause) {
            backend = null;
            server.notReached();
            boolean nobodyThere = cause.getCause() instanceof SocketException;
            if (!session.instance().keepsAccounts()) {
                session.event(log.atWarn()).log("{} can't be led: {}", session.describe(), cause.getMessage());
                if (!login.leadsOn()) {
                    login.refuse("backend", SessionErrors.noNode());
                }
                return;
            }
            if (nobodyThere && needsNoClient(prover) && ++timesAway <= MOST_TIMES_AWAY) {
                // it has just ended, which is not known here yet: the next one is waited for
                login.disarmDeadline();
                again(timesAway);
            } else {
                login.refuse("backend", SessionErrors.lostDuringLogin(cause.getMessage()));
            }
        }

        private void again(int time) {
            session.loop()
                    .schedule(
                            () -> {
                                if (!login.isOver()) {
                                    byServer(why, prover);
                                }
                            },
                            50L * time,
                            TimeUnit.MILLISECONDS);
        }
    }

    /** A server told not to let anyone in by unix_socket says so, even to those who never asked for it. */
    private SqlError inOrdinaryWords(SqlError error) {
        return error.code() == PLUGIN_NOT_LOADED ? foreseen.orElse(error) : error;
    }

    private static boolean needsNoClient(Prover prover) {
        return prover instanceof Prover.Kept || prover instanceof KeptProof kept && kept.serves();
    }

    /** By asking the client; {@code why} as for the other. */
    void byRelay(String why) {
        proof.leaveToServer();
        relayed = relayedProof();
        byServer(why, relayed);
    }

    private RelayedProof relayedProof() {
        return new RelayedProof(new RelayedProof.Client() {
            @Override
            public void switchTo(AuthSwitch request, Consumer<byte[]> reply) {
                if (request.plugin().equals(ClientPlugin.CLEAR_PASSWORD) && !proof.isSecure()) {
                    login.refuse("credentials", SessionErrors.clearPassword(login.shownUser()));
                    return;
                }
                login.await(reply);
                if (request.plugin().equals(ClientPlugin.NATIVE_PASSWORD) && request.data().length >= SCRAMBLE) {
                    proof.askedOver(request.data());
                }
                session.send(request.frame(session.alloc(), session.nextSequence()));
            }

            @Override
            public void more(byte[] data, Consumer<byte[]> reply) {
                login.await(reply);
                byte[] payload = new byte[data.length + 1];
                payload[0] = 1;
                System.arraycopy(data, 0, payload, 1, data.length);
                session.send(Wire.frame(session.alloc(), session.nextSequence(), payload));
            }
        });
    }

    /** What the client proved to the server, not to us, is told by the accounts kept. */
    private void keepWhatTheClientProved() {
        if (!proof.isKnown() && relayed.proof().isPresent()) {
            keep(session.instance().learned().accounts());
        }
    }

    private void keep(AccountBook book) {
        proof.take(book, relayed.proof().orElseThrow());
    }
}
