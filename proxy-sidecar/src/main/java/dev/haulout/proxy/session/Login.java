package dev.haulout.proxy.session;

import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.account.DatabaseUse;
import dev.haulout.proxy.account.Outcome;
import dev.haulout.proxy.account.Proof;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.BackendLogin;
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
import dev.haulout.proxy.wake.Power;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServerIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
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
    private static final int LONGEST_SHOWN = 80;

    private final Session session;
    private final byte[] scramble;

    /** What a native proof of this connection was last over. */
    private final byte[] nativeScramble;

    /** Whether the client has logged in before, and now changes who it is. */
    private final boolean changes;

    /** Whether client and door agreed on compression; the server knows nothing of it. */
    private boolean compresses;

    private HandshakeResponse response;
    private ClientProof proof;
    private ServerLogin atServer;
    private byte[] challenge;
    private Consumer<byte[]> awaited;
    private SessionProfile profile;
    private ScheduledFuture<?> deadline;
    private boolean over;

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
        this.nativeScramble = before.proof.nativeScramble();
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
        proof = new ClientProof(session, response, scramble, nativeScramble);
        atServer = new ServerLogin(session, this, proof);
        profile = new SessionProfile(session.instance(), session.address(), response);
        if (changes) {
            profile.prepared().countOnFrom(session.profile().prepared());
        }
        session.instance().accounts().kept(session.loop(), this::decide);
    }

    void armDeadline() {
        disarmDeadline();
        deadline = session.loop()
                .schedule(
                        () -> refuse("deadline", SessionErrors.handshake("no login within the deadline")),
                        session.setup().loginDeadline().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    void disarmDeadline() {
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
        return atServer != null && atServer.isUnderWay();
    }

    /** Whether it has yet to be said to the server, and the session has no connection from before. */
    boolean waitsForServer() {
        return atServer != null && atServer.waitsForServer() && !changes;
    }

    /** The client has gone. */
    void abandon() {
        over = true;
        disarmDeadline();
        if (atServer != null) {
            atServer.abandon();
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

    /** What the client has proved; null before it answered the greeting. */
    ClientProof proof() {
        return proof;
    }

    /** Whether it has been decided, or the client has gone. */
    boolean isOver() {
        return over;
    }

    /** Has the client's next frame taken by {@code receiver}. */
    void await(Consumer<byte[]> receiver) {
        awaited = receiver;
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
        if (!isServerAwake(session.instance().power()) || proof.isReserved()) {
            decided(first);
        } else if (session.tls().isPresent() && !saysEnough(first)) {
            // whom the server would ask again over a scramble of its own: some clients then take us for somebody
            // between
            session.instance().accounts().anew(session.loop(), anew -> {
                if (!over) {
                    atServer.decide(firstOutcome(anew));
                }
            });
        } else {
            atServer.decide(first);
        }
    }

    private static boolean saysEnough(Outcome first) {
        return first instanceof Outcome.Accepted
                || first instanceof Outcome.TryNext next && next.plugin().equals(ClientPlugin.ED25519);
    }

    /** By what the client has said so far. */
    Outcome firstOutcome(AccountBook book) {
        return proof.first(book, !changes || !Capability.has(response.capabilities(), Capability.PLUGIN_AUTH));
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
                    atServer.byRelay("a login of " + response.user() + " that only the server can verify");
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
            byte[] given = plugin.equals(ClientPlugin.NATIVE_PASSWORD) ? withoutNul(answer) : answer;
            decided(proof.next(new Proof.Response(Secret.of(challenge), Secret.of(given))));
        };
        session.send(request.frame(session.alloc(), session.nextSequence()));
    }

    /** Some clients end an empty proof with a NUL. */
    private static byte[] withoutNul(byte[] answer) {
        return answer.length == 1 && answer[0] == 0 ? new byte[0] : answer;
    }

    private void accepted(Outcome.Accepted accepted) {
        if (proof.asksTooMuch(accepted)) {
            refuse("credentials", SessionErrors.notShownToServer(shownUser()));
            return;
        }
        proof.take(accepted);
        if (proof.credential().isEmpty()) {
            atServer.byRelay(
                    "a login of " + response.user() + " by " + accepted.method().plugin());
            return;
        }
        if (accepted.expired()) {
            // only the server knows what an expired account may still say
            atServer.byKept("a login of " + response.user() + ", whose password has expired");
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
                    atServer.byKept("a login of " + response.user() + " to the database " + database);
                    return;
                }
            }
        }
        Optional<byte[]> ok = profile.loginOk(accepted.account(), accepted.defaultRole(), database);
        if (ok.isEmpty()) {
            atServer.byKept("a login of " + response.user());
            return;
        }
        welcome(ok.get(), null, null);
    }

    /** Lets the client in; {@code connection} to {@code server} is null for a session that begins held. */
    void welcome(byte[] ok, BackendConnection connection, Server server) {
        over = true;
        disarmDeadline();
        if (!changes) {
            session.noStranger(); // before the client knows: it may come again at once
        }
        session.send(Wire.frame(session.alloc(), session.nextSequence(), LoginOk.bind(ok, proof.binding())));
        if (compresses) {
            session.compress();
        }
        session.loggedIn(this, profile, connection, server);
    }
}
