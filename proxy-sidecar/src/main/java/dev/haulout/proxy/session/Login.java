package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.AccountChoice;
import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.DatabaseUse;
import dev.haulout.proxy.account.LoginDecision;
import dev.haulout.proxy.account.Outcome;
import dev.haulout.proxy.account.Proof;
import dev.haulout.proxy.account.Refusal;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.AuthSwitch;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.wake.Power;
import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A login's conversation with the client. While the server sleeps it is decided from the accounts kept; while it is awake
 * the server decides, by the proof the door can give for the client where that was verified, else by asking the client
 * again with the server's own scramble.
 */
final class Login {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SCRAMBLE = 20;
    private static final int NONCE = 32;

    private final Session session;
    private final byte[] scramble = scramble();

    private HandshakeResponse response;
    private LoginDecision decision;
    private byte[] challenge;
    private Consumer<byte[]> awaited;
    private RelayedProof relayed;
    private Optional<Credential> credential = Optional.empty();
    private boolean asleep;

    Login(Session session) {
        this.session = session;
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

    /** The door's greeting. */
    Greeting greeting(String version, long connectionId, long capabilities, int collation) {
        return new Greeting(
                version,
                connectionId,
                scramble,
                capabilities & ~Capability.NOT_AT_THE_DOOR,
                collation,
                2,
                ClientPlugin.NATIVE_PASSWORD);
    }

    /** What the client answered to the greeting; null before that. */
    HandshakeResponse response() {
        return response;
    }

    /** What was kept of the proof, to log in to the server again. */
    Optional<Credential> credential() {
        return credential;
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
            session.refuseLogin("protocol", SessionErrors.handshake("a packet that nobody asked for"));
            return;
        }
        try {
            response = HandshakeResponse.read(payload);
        } catch (MalformedPacketException e) {
            session.refuseLogin("protocol", SessionErrors.handshake(e.getMessage()));
            return;
        }
        if (Capability.has(response.capabilities(), Capability.SSL)) {
            session.refuseLogin("protocol", SessionErrors.handshake("this door speaks no TLS; connect without it"));
            return;
        }
        response = session.agree(response);
        asleep = !(session.instance().power() instanceof Power.Awake);
        AccountBook book = session.instance().learned().accounts();
        decision = new LoginDecision(book, asAccountsSeeIt(), Instant.now());
        Outcome first = decision.start();
        if (first instanceof Outcome.TryNext next
                && next.plugin().equals(ClientPlugin.NATIVE_PASSWORD)
                && (response.plugin().isEmpty() || response.plugin().equals(ClientPlugin.NATIVE_PASSWORD))) {
            first = decision.answer(new Proof.Response(Secret.of(scramble), Secret.of(response.authResponse())));
        }
        if (asleep) {
            decided(first);
        } else {
            decidedByServer(first);
        }
    }

    private dev.haulout.proxy.account.Login asAccountsSeeIt() {
        return new dev.haulout.proxy.account.Login(
                response.user(),
                session.address().host(),
                session.address().osUser(),
                Optional.empty(),
                Capability.has(response.capabilities(), Capability.PLUGIN_AUTH),
                Capability.has(response.capabilities(), Capability.CAN_HANDLE_EXPIRED_PASSWORDS));
    }

    // ------------------------------------------------------------ asleep

    private void decided(Outcome outcome) {
        switch (outcome) {
            case Outcome.TryNext next -> ask(next.plugin());
            case Outcome.Refused refused -> session.refuseLogin("credentials", error(refused.refusal()));
            case Outcome.Unverifiable only -> {
                if (session.instance().settings().wakeUnverified()) {
                    byRelay("a login of " + response.user() + " that only the server can verify");
                } else {
                    session.refuseLogin(
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
            challenge = scramble();
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

    private void accepted(Outcome.Accepted accepted) {
        credential = accepted.canLogInAgain()
                ? Optional.of(accepted.credential())
                : session.instance().learned().doorCredential(accepted);
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
                    session.refuseLogin("database", error(none.refusal()));
                    return;
                }
                case DatabaseUse.AccessDenied denied -> {
                    session.refuseLogin("database", error(denied.refusal()));
                    return;
                }
                case DatabaseUse.Unknown unknown -> {
                    byKept("a login of " + response.user() + " to the database " + database);
                    return;
                }
            }
        }
        session.loggedInAsleep(accepted.account(), accepted.defaultRole(), database);
    }

    // ------------------------------------------------------------ by the server

    private void decidedByServer(Outcome outcome) {
        if (outcome instanceof Outcome.Accepted accepted) {
            credential = accepted.canLogInAgain()
                    ? Optional.of(accepted.credential())
                    : session.instance().learned().doorCredential(accepted);
        }
        if (credential.isPresent()) {
            byKept("");
        } else {
            byRelay("");
        }
    }

    /** {@code why} is empty where the server is awake anyway. */
    private void byKept(String why) {
        session.loginByServer(why, new Prover.Kept(credential.orElseThrow()));
    }

    private void byRelay(String why) {
        relayed = new RelayedProof(new RelayedProof.Client() {
            @Override
            public void switchTo(AuthSwitch request, Consumer<byte[]> reply) {
                awaited = reply;
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
        session.loginByServer(why, relayed);
    }

    /** The server accepted: what the client proved to it may serve to log in again later. */
    void keepWhatTheClientProved(AccountBook book) {
        if (credential.isPresent() || relayed == null || relayed.scramble().isEmpty()) {
            return;
        }
        LoginDecision again = new LoginDecision(book, asAccountsSeeIt(), Instant.now());
        if (!(again.start() instanceof Outcome.TryNext next) || !next.plugin().equals(ClientPlugin.NATIVE_PASSWORD)) {
            return;
        }
        if (again.answer(new Proof.Response(relayed.scramble().get(), relayed.response()))
                        instanceof Outcome.Accepted accepted
                && accepted.canLogInAgain()) {
            credential = Optional.of(accepted.credential());
        }
    }

    /** The account that accepts this client, as far as the accounts kept tell. */
    Optional<Account> account(AccountBook book) {
        return book.find(response.user(), session.address().host()) instanceof AccountChoice.Chosen(Account chosen)
                ? Optional.of(chosen)
                : Optional.empty();
    }

    /** Whether the client proved itself to the server and nothing of it is kept yet. */
    boolean mayYetBeKept() {
        return credential.isEmpty() && relayed != null && relayed.scramble().isPresent();
    }

    private static SqlError error(Refusal refusal) {
        return new SqlError(refusal.code(), refusal.sqlState(), refusal.message());
    }
}
