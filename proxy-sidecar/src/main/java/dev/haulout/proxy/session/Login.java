package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.AccountChoice;
import dev.haulout.proxy.account.AuthMethod;
import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.DatabaseUse;
import dev.haulout.proxy.account.LoginDecision;
import dev.haulout.proxy.account.Outcome;
import dev.haulout.proxy.account.Proof;
import dev.haulout.proxy.account.Refusal;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.account.Tls;
import dev.haulout.proxy.account.TlsRequirement;
import dev.haulout.proxy.account.Verifier;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.BackendLogin;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.AuthSwitch;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.ConnectionAttributes;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.LoginOk;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.tls.TlsSession;
import dev.haulout.proxy.wake.Demand;
import dev.haulout.proxy.wake.Power;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServerIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.SocketException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A login's conversation with the client. While the server sleeps it is decided from the accounts kept; while it is awake
 * the server decides, by the proof the door can give for the client where that was verified, else by asking the client
 * again with the server's own scramble.
 */
final class Login {
    private static final Logger log = LoggerFactory.getLogger(Login.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SCRAMBLE = 20;
    private static final int NONCE = 32;
    private static final int TOO_MANY_CONNECTIONS = 1040;
    private static final int ACCESS_DENIED = 1045;
    private static final int PLUGIN_NOT_LOADED = 1524;
    private static final int MOST_TIMES_FULL = 20;

    /** With longer and longer pauses this makes 10 s, as for a statement. */
    private static final int MOST_TIMES_AWAY = 20;

    private static final int LONGEST_SHOWN = 80;

    private final Session session;
    private final byte[] scramble;

    /** Whether the client has logged in before, and now changes who it is. */
    private final boolean changes;

    /** Whether client and door agreed on compression; the server knows nothing of it. */
    private boolean compresses;

    private HandshakeResponse response;
    private LoginDecision decision;
    private byte[] challenge;
    private Consumer<byte[]> awaited;
    private RelayedProof relayed;
    private Optional<Credential> credential = Optional.empty();
    private Optional<AuthMethod> provenBy = Optional.empty();
    private Optional<Tls> askedTls = Optional.empty();
    private byte[] nativeScramble;
    private SessionProfile profile;
    private Demand demand;
    private BackendConnection backend;
    private Server server;
    private boolean woke;
    private ScheduledFuture<?> deadline;
    private boolean over;
    private int timesFull;
    private int timesAway;
    private Optional<SqlError> foreseen = Optional.empty();

    Login(Session session) {
        this.session = session;
        this.scramble = scramble();
        this.nativeScramble = scramble;
        this.changes = false;
    }

    /** A login by COM_CHANGE_USER. @param before the login before, whose scramble stays in use, as with the server */
    Login(Session session, Login before) {
        this.session = session;
        this.scramble = before.scramble;
        this.nativeScramble = before.nativeScramble;
        this.changes = true;
    }

    private static byte[] scramble() {
        byte[] bytes = new byte[SCRAMBLE];
        RANDOM.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            // printable, and neither NUL nor '$', as the server makes its own
            bytes[i] = (byte) ('%' + Math.floorMod(bytes[i], '~' - '%'));
        }
        return bytes;
    }

    /** Says the door's greeting; from now on the deadline runs. */
    void greet() {
        armDeadline();
        ServerIdentity server = session.instance().learned().identity();
        Greeting greeting = new Greeting(
                server.version(),
                session.id(),
                scramble,
                server.capabilities() & ~Capability.NOT_AT_THE_DOOR
                        | server.capabilities() & Capability.COMPRESS
                        | (session.setup().offersTls() ? Capability.SSL : 0),
                server.collation(),
                ServerStatus.AUTOCOMMIT,
                ClientPlugin.NATIVE_PASSWORD);
        session.send(greeting.frame(session.alloc()));
    }

    /** Begins a login by COM_CHANGE_USER; a client that can be asked again for its proof always is, as by the server. */
    void change(HandshakeResponse asked) {
        armDeadline();
        answered(asked);
    }

    private void answered(HandshakeResponse agreed) {
        response = agreed;
        profile = new SessionProfile(session.instance(), session.address(), response);
        session.instance().accounts(session.loop(), this::decide);
    }

    private void armDeadline() {
        disarmDeadline();
        deadline = session.loop()
                .schedule(
                        () -> refuse("deadline", SessionErrors.handshake("no login within the deadline")),
                        session.setup().loginDeadline().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void disarmDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    /** What client and door agreed on; null before the client answered the greeting. */
    HandshakeResponse response() {
        return response;
    }

    /** Who the client says it is, fit for a line of a log whatever a stranger calls himself. */
    String shownUser() {
        if (response == null) {
            return "someone";
        }
        String name = response.user();
        String shown = name.length() > LONGEST_SHOWN ? name.substring(0, LONGEST_SHOWN) + "..." : name;
        return shown.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Whether the server is deciding it, or is to. */
    boolean needsServer() {
        return demand != null || backend != null;
    }

    /** Whether it has yet to be said to the server, and the session has no connection from before. */
    boolean waitsForServer() {
        return demand != null && backend == null && !changes;
    }

    /** The client has gone. */
    void abandon() {
        over = true;
        disarmDeadline();
        if (demand != null) {
            session.instance().withdraw(demand);
        }
        if (backend != null) {
            backend.quit();
            backend = null;
        }
    }

    /** Ends the login with an error, for a reason that is counted. */
    void refuse(String reason, SqlError error) {
        if (over) {
            return;
        }
        session.setup().meters().loginRefused(reason);
        session.event(log.atInfo())
                .addKeyValue("reason", reason)
                .log("login refused ({}): {} says {}", reason, session.describe(), error);
        boolean guess = reason.equals("credentials") || reason.equals("unverifiable");
        long delay = guess ? session.setup().throttle().failed(session.address()) : 0;
        abandon();
        if (changes) {
            session.userChange().refused(reason.equals("deadline") || reason.equals("protocol"), error, delay);
        } else {
            session.refused(error, delay);
        }
    }

    /** Whether the client is a sidecar, which wants to be told what others need not know. */
    boolean isSidecar() {
        return ConnectionAttributes.say(response.attributes(), ConnectionAttributes.SIDECAR, BackendLogin.NOTICES);
    }

    /** What was kept of the proof, to log in to the server again. */
    Optional<Credential> credential() {
        return credential;
    }

    /** The client's TLS, where its account asks for any, or is not known and may. */
    Optional<Tls> askedTls() {
        return askedTls;
    }

    /** One frame from the client. */
    void frame(ByteBuf frame) {
        ByteBuf payload = frame.slice(frame.readerIndex() + Wire.HEADER, frame.readableBytes() - Wire.HEADER);
        if (awaited != null) {
            byte[] answer = new byte[payload.readableBytes()];
            payload.readBytes(answer);
            Consumer<byte[]> receiver = awaited;
            awaited = null;
            receiver.accept(answer);
            return;
        }
        if (response != null) {
            refuse("protocol", SessionErrors.handshake("a packet that nobody asked for"));
            return;
        }
        HandshakeResponse asked;
        try {
            asked = HandshakeResponse.read(payload);
        } catch (MalformedPacketException e) {
            refuse("protocol", SessionErrors.handshake(e.getMessage()));
            return;
        }
        if (Capability.has(asked.capabilities(), Capability.SSL)
                && session.tls().isEmpty()) {
            refuse(
                    "protocol",
                    SessionErrors.handshake(
                            session.setup().offersTls()
                                    ? "TLS was asked for by a packet that says more than that"
                                    : "this door speaks no TLS; connect without it"));
            return;
        }
        if (session.tls().isPresent()) {
            try {
                session.tls().get().judge();
            } catch (CertificateException e) {
                refuse(
                        "tls",
                        SessionErrors.handshake(
                                "the client's certificate is not one that spec.tls.clientCa vouches for ("
                                        + e.getMessage() + ")"));
                return;
            }
        }
        long offered = session.instance().learned().identity().capabilities() | Capability.CONNECT_WITH_DB;
        compresses = Capability.has(asked.capabilities() & offered, Capability.COMPRESS);
        answered(asked.withCapabilities(asked.capabilities() & offered & ~Capability.NOT_AT_THE_DOOR));
    }

    private void decide(AccountBook book) {
        if (over) {
            return;
        }
        if (book.isEmpty() && !(session.instance().power() instanceof Power.Awake)) {
            refuse(
                    "unlearned",
                    SessionErrors.unlearned(
                            session.instance().settings().name(),
                            session.instance().obstacle()));
            return;
        }
        Outcome first = firstOutcome(book);
        if (!isServerAwake(session.instance().power()) || decision.isReserved()) {
            decided(first);
        } else if (session.tls().isPresent() && !saysEnough(first)) {
            // whom the server would ask again over a scramble of its own: some clients then take us for somebody
            // between
            session.instance().refreshAccounts(session.loop(), anew -> {
                if (!over) {
                    decidedByServer(firstOutcome(anew));
                }
            });
        } else {
            decidedByServer(first);
        }
    }

    /** Whether nobody can listen to what the client says. */
    private boolean isSecure() {
        return session.tls().isPresent() || session.address().host().local();
    }

    private static boolean saysEnough(Outcome first) {
        return first instanceof Outcome.Accepted
                || first instanceof Outcome.TryNext next && next.plugin().equals(ClientPlugin.ED25519);
    }

    /** By what the client has said so far. */
    private Outcome firstOutcome(AccountBook book) {
        decision = new LoginDecision(book, asAccountsSeeIt(), Instant.now());
        boolean asks = account(book)
                .map(known -> !(known.tls() instanceof TlsRequirement.None))
                .orElse(true);
        askedTls = session.tls().map(TlsSession::asAccountsSeeIt).filter(tls -> asks);
        Outcome first = decision.start();
        if (response.plugin().equals(ClientPlugin.CLEAR_PASSWORD) && isSecure()) {
            return decision.answerAll(first, Proof.ClearPassword.of(response.authResponse()));
        }
        if ((!changes || !Capability.has(response.capabilities(), Capability.PLUGIN_AUTH))
                && first instanceof Outcome.TryNext next
                && next.plugin().equals(ClientPlugin.NATIVE_PASSWORD)
                && (response.plugin().isEmpty() || response.plugin().equals(ClientPlugin.NATIVE_PASSWORD))) {
            first = decision.answer(new Proof.Response(Secret.of(scramble), Secret.of(response.authResponse())));
        }
        return first;
    }

    private dev.haulout.proxy.account.Login asAccountsSeeIt() {
        return new dev.haulout.proxy.account.Login(
                response.user(),
                session.address().host(),
                session.address().osUser(),
                session.tls().map(TlsSession::asAccountsSeeIt),
                Capability.has(response.capabilities(), Capability.PLUGIN_AUTH),
                Capability.has(response.capabilities(), Capability.CAN_HANDLE_EXPIRED_PASSWORDS));
    }

    /** A gateway lets in who shows the proof; whether that is right it decides when it is first needed. */
    private static boolean isServerAwake(Power power) {
        return power instanceof Power.Awake awake && !awake.server().isGateway();
    }

    // ------------------------------------------------------------ asleep

    private void decided(Outcome outcome) {
        switch (outcome) {
            case Outcome.TryNext next -> ask(next.plugin());
            case Outcome.Refused refused -> refuse("credentials", SessionProfile.error(refused.refusal()));
            case Outcome.Unverifiable only -> {
                if (session.instance().settings().wakeUnverified()) {
                    byRelay("a login of " + response.user() + " that only the server can verify");
                } else {
                    refuse(
                            "unverifiable",
                            SessionErrors.unverifiable(
                                    response.user(),
                                    only.reason(),
                                    session.instance().settings().name()));
                }
            }
            case Outcome.Accepted accepted -> accepted(accepted);
        }
    }

    private void ask(String plugin) {
        AuthSwitch request;
        if (plugin.equals(ClientPlugin.NATIVE_PASSWORD)) {
            challenge = scramble; // the server, too, asks over the same again
            request = AuthSwitch.nativePassword(challenge);
        } else {
            challenge = new byte[NONCE];
            RANDOM.nextBytes(challenge);
            request = new AuthSwitch(plugin, challenge);
        }
        awaited = answer -> {
            byte[] proof = plugin.equals(ClientPlugin.NATIVE_PASSWORD) ? withoutNul(answer) : answer;
            decided(decision.answer(new Proof.Response(Secret.of(challenge), Secret.of(proof))));
        };
        session.send(request.frame(session.alloc(), session.nextSequence()));
    }

    /** Some clients end an empty proof with a NUL. */
    private static byte[] withoutNul(byte[] answer) {
        return answer.length == 1 && answer[0] == 0 ? new byte[0] : answer;
    }

    /** Whether the account asks for something of the client that the server can't be shown in its place. */
    private boolean asksTooMuch(Outcome.Accepted accepted) {
        return accepted.account().tls() instanceof TlsRequirement.Specified asked
                && (!asked.cipher().isEmpty()
                        || !session.instance().showsClientsNames() && !(asked.issuer() + asked.subject()).isEmpty());
    }

    private void accepted(Outcome.Accepted accepted) {
        if (asksTooMuch(accepted)) {
            refuse("credentials", SessionErrors.notShownToServer(shownUser()));
            return;
        }
        takeProof(accepted);
        if (credential.isEmpty()) {
            byRelay("a login of " + response.user() + " by " + accepted.method().plugin());
            return;
        }
        if (accepted.expired()) {
            // only the server knows what an expired account may still say
            byKept("a login of " + response.user() + ", whose password has expired");
            return;
        }
        String database = response.database();
        if (!database.isEmpty()) {
            DatabaseUse use = session.instance()
                    .learned()
                    .accounts()
                    .mayUse(accepted.account(), session.address().host(), accepted.defaultRole(), database);
            switch (use) {
                case DatabaseUse.Allowed allowed -> database = allowed.name();
                case DatabaseUse.NoSuchDatabase none -> {
                    refuse("database", SessionProfile.error(none.refusal()));
                    return;
                }
                case DatabaseUse.AccessDenied denied -> {
                    refuse("database", SessionProfile.error(denied.refusal()));
                    return;
                }
                case DatabaseUse.Unknown unknown -> {
                    byKept("a login of " + response.user() + " to the database " + database);
                    return;
                }
            }
        }
        Optional<byte[]> ok = profile.loginOk(accepted.account(), accepted.defaultRole(), database);
        if (ok.isEmpty()) {
            byKept("a login of " + response.user());
            return;
        }
        welcome(ok.get(), null);
    }

    /** What the client proved to us, and what of it serves to log in again. */
    private void takeProof(Outcome.Accepted accepted) {
        provenBy = Optional.of(accepted.method());
        credential = accepted.canLogInAgain()
                ? Optional.of(accepted.credential())
                : session.instance().learned().doorCredential(accepted);
    }

    private void welcome(byte[] ok, BackendConnection connection) {
        over = true;
        disarmDeadline();
        if (!changes) {
            session.noStranger(); // before the client knows: it may come again at once
        }
        session.send(Wire.frame(session.alloc(), session.nextSequence(), LoginOk.bind(ok, binding())));
        if (compresses) {
            session.compress();
        }
        session.loggedIn(this, profile, connection, connection == null ? null : server);
    }

    /** What binds the certificate that the client was shown to the password that both know; empty for nothing. */
    private String binding() {
        return session.tls()
                .flatMap(tls -> provenBy.flatMap(AuthMethod::hash)
                        .map(hash -> Verifier.certificateBinding(
                                hash, nativeScramble, tls.certificate().fingerprint())))
                .orElse("");
    }

    // ------------------------------------------------------------ by the server

    private void decidedByServer(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            foreseen = Optional.of(SessionProfile.error(refused.refusal()));
        }
        if (outcome instanceof Outcome.Accepted accepted) {
            if (asksTooMuch(accepted)) {
                refuse("credentials", SessionErrors.notShownToServer(shownUser()));
                return;
            }
            takeProof(accepted);
        }
        if (credential.isPresent()) {
            byKept("");
        } else {
            byRelay("");
        }
    }

    /** {@code why} is empty where the server is awake anyway. */
    private void byKept(String why) {
        relayed = relayedProof();
        byServer(why, new KeptProof(new Prover.Kept(credential.orElseThrow()), relayed, () -> {
            credential = Optional.empty();
            provenBy = Optional.empty();
            armDeadline();
        }));
    }

    private void byServer(String why, Prover prover) {
        if (!why.isEmpty() || needsNoClient(prover)) {
            disarmDeadline(); // the client has done its part, and the demand has a deadline of its own
        }
        String reason = why.isEmpty() ? "a login of " + shownUser() : why;
        demand = session.instance().demand(reason, session.loop(), outcome -> {
            demand = null;
            switch (outcome) {
                case Demand.Outcome.Denied denied ->
                    refuse("wake", SessionErrors.notWokenForLogin(denied.error().message()));
                case Demand.Outcome.Granted granted
                when over -> session.instance().release();
                case Demand.Outcome.Granted granted -> {
                    armDeadline();
                    server = granted.server();
                    woke = granted.woke();
                    backend = session.open(
                            granted.server(),
                            prover,
                            response,
                            response.database(),
                            askedTls,
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
                session.instance().recentAccounts(session.loop(), book -> judgeTransport(book, connection, payload));
            } else {
                session.instance().accounts(session.loop(), book -> judgeTransport(book, connection, payload));
            }
        }

        private void judgeTransport(AccountBook book, BackendConnection connection, byte[] payload) {
            if (over) {
                return;
            }
            boolean passwordGiven = !(credential.orElse(null) instanceof Credential.EmptyPassword);
            Optional<Refusal> insecure =
                    new LoginDecision(book, asAccountsSeeIt(), Instant.now()).transport(passwordGiven);
            if (insecure.isPresent()) {
                refuse("credentials", SessionProfile.error(insecure.get()));
                return;
            }
            keepWhatTheClientProved();
            if (relayed.proof().orElse(null) instanceof Proof.ClearPassword clear) {
                credential = Optional.of(new Credential.ClearPassword(clear.password()));
                accepted(connection, payload);
            } else if (provenBy.isPresent() || relayed.proof().isEmpty()) {
                accepted(connection, payload);
            } else if (session.tls().isEmpty()) {
                session.instance().refreshAccounts(session.loop(), Login.this::keep);
                accepted(connection, payload);
            } else {
                // an account newer than those kept: only with it can be told by what the client knows us
                session.instance().refreshAccounts(session.loop(), anew -> {
                    keep(anew);
                    if (!over) {
                        accepted(connection, payload);
                    }
                });
            }
        }

        private void accepted(BackendConnection connection, byte[] ok) {
            backend = null;
            if (connection.isReady()) {
                welcome(ok, connection);
            } else {
                refuse("backend", SessionErrors.lostDuringLogin("it closed the connection"));
            }
        }

        @Override
        public void refused(SqlError error) {
            backend = null;
            if (error.code() == TOO_MANY_CONNECTIONS && ++timesFull <= MOST_TIMES_FULL) {
                // said in place of a greeting, so the client was asked nothing yet: connections made round the proxy,
                // or ones that the server has closed and not yet struck off
                again(timesFull);
            } else if (error.code() == ACCESS_DENIED && session.tls().isPresent() && askedTls.isEmpty()) {
                onceMoreIfItAsksForTls(error);
            } else {
                refuse(error.code() == TOO_MANY_CONNECTIONS ? "wake" : "credentials", inOrdinaryWords(error));
            }
        }

        /** An account may have come to ask for TLS since it was read. */
        private void onceMoreIfItAsksForTls(SqlError error) {
            session.instance().refreshAccounts(session.loop(), anew -> {
                if (over) {
                    return;
                }
                Outcome first = firstOutcome(anew);
                if (askedTls.isPresent()) {
                    decidedByServer(first);
                } else {
                    refuse("credentials", inOrdinaryWords(error));
                }
            });
        }

        @Override
        public void failed(IOException cause) {
            backend = null;
            server.notReached();
            boolean nobodyThere = cause.getCause() instanceof SocketException;
            if (nobodyThere && needsNoClient(prover) && ++timesAway <= MOST_TIMES_AWAY) {
                // it has just ended, which is not known here yet: the next one is waited for
                disarmDeadline();
                again(timesAway);
            } else {
                refuse("backend", SessionErrors.lostDuringLogin(cause.getMessage()));
            }
        }

        private void again(int time) {
            session.loop()
                    .schedule(
                            () -> {
                                if (!over) {
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
        return prover instanceof KeptProof kept && kept.serves();
    }

    private void byRelay(String why) {
        provenBy = Optional.empty();
        relayed = relayedProof();
        byServer(why, relayed);
    }

    private RelayedProof relayedProof() {
        return new RelayedProof(new RelayedProof.Client() {
            @Override
            public void switchTo(AuthSwitch request, Consumer<byte[]> reply) {
                if (request.plugin().equals(ClientPlugin.CLEAR_PASSWORD) && !isSecure()) {
                    refuse("credentials", SessionErrors.clearPassword(shownUser()));
                    return;
                }
                awaited = reply;
                if (request.plugin().equals(ClientPlugin.NATIVE_PASSWORD) && request.data().length >= SCRAMBLE) {
                    nativeScramble = Arrays.copyOf(request.data(), SCRAMBLE);
                }
                session.send(request.frame(session.alloc(), session.nextSequence()));
            }

            @Override
            public void more(byte[] data, Consumer<byte[]> reply) {
                awaited = reply;
                byte[] payload = new byte[data.length + 1];
                payload[0] = 1;
                System.arraycopy(data, 0, payload, 1, data.length);
                session.send(Wire.frame(session.alloc(), session.nextSequence(), payload));
            }
        });
    }

    /** What the client proved to the server, not to us, is told by the accounts kept. */
    private void keepWhatTheClientProved() {
        if (provenBy.isEmpty() && relayed.proof().isPresent()) {
            keep(session.instance().learned().accounts());
        }
    }

    private void keep(AccountBook book) {
        Proof proof = relayed.proof().orElseThrow();
        LoginDecision again = new LoginDecision(book, asAccountsSeeIt(), Instant.now());
        Outcome outcome = again.answerAll(again.start(), proof);
        if (outcome instanceof Outcome.Accepted accepted) {
            takeProof(accepted);
        }
    }

    /** The account that accepts this client, as far as the accounts kept tell. */
    Optional<Account> account(AccountBook book) {
        return book.find(response.user(), session.address().host()) instanceof AccountChoice.Chosen(Account chosen)
                ? Optional.of(chosen)
                : Optional.empty();
    }
}
