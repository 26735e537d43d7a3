package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.AccountChoice;
import dev.haulout.proxy.account.AuthMethod;
import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.LoginDecision;
import dev.haulout.proxy.account.Outcome;
import dev.haulout.proxy.account.Proof;
import dev.haulout.proxy.account.Refusal;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.account.Tls;
import dev.haulout.proxy.account.TlsRequirement;
import dev.haulout.proxy.account.Verifier;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.tls.TlsSession;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** What a client that logs in has proved of itself, by the accounts kept, and what of it serves to log in again. */
final class ClientProof {
    private final Session session;
    private final HandshakeResponse response;
    private final byte[] scramble;

    private LoginDecision decision;
    private Optional<Credential> given = Optional.empty();
    private Optional<Credential> credential = Optional.empty();
    private Optional<AuthMethod> provenBy = Optional.empty();
    private Optional<Tls> askedTls = Optional.empty();
    private byte[] nativeScramble;

    /**
     * @param response what the client said
     * @param scramble what the answer in it is over
     * @param nativeScramble what a native proof of this connection was last over
     */
    ClientProof(Session session, HandshakeResponse response, byte[] scramble, byte[] nativeScramble) {
        this.session = session;
        this.response = response;
        this.scramble = scramble;
        this.nativeScramble = nativeScramble;
    }

    /**
     * By what the client has said so far.
     *
     * @param saysNative whether its response has an answer over the scramble, should it be for the native plugin
     */
    Outcome first(AccountBook book, boolean saysNative) {
        decision = new LoginDecision(book, asAccountsSeeIt(), Instant.now());
        boolean asks = account(book)
                .map(known -> !(known.tls() instanceof TlsRequirement.None))
                .orElse(true);
        askedTls = session.tls().map(TlsSession::asAccountsSeeIt).filter(tls -> asks);
        Outcome first = decision.start();
        if (given.isPresent()) {
            return byGiven(first, given.get());
        }
        if (response.plugin().equals(ClientPlugin.CLEAR_PASSWORD) && isSecure()) {
            return decision.answerAll(first, Proof.ClearPassword.of(response.authResponse()));
        }
        if (saysNative
                && first instanceof Outcome.TryNext next
                && next.plugin().equals(ClientPlugin.NATIVE_PASSWORD)
                && (response.plugin().isEmpty() || response.plugin().equals(ClientPlugin.NATIVE_PASSWORD))) {
            first = decision.answer(new Proof.Response(Secret.of(scramble), Secret.of(response.authResponse())));
        }
        return first;
    }

    private Outcome byGiven(Outcome first, Credential credential) {
        return switch (credential) {
            case Credential.EmptyPassword empty ->
                decision.answerAll(first, new Proof.ClearPassword(Secret.of(new byte[0])));
            case Credential.ClearPassword clear -> decision.answerAll(first, new Proof.ClearPassword(clear.password()));
            case Credential.HashedPassword hashed -> {
                byte[] answer = Verifier.nativeResponse(hashed.sha1(), scramble);
                yield decision.answerAll(first, new Proof.Response(Secret.of(scramble), Secret.of(answer)));
            }
            case Credential.Nothing nothing -> first;
        };
    }

    /** Somebody else gives what serves to log in: the client need not prove itself. */
    void give(Credential credential) {
        given = Optional.of(credential);
    }

    /** What was given for the client, see {@link #give}. */
    Optional<Credential> given() {
        return given;
    }

    /** By what it has answered now. */
    Outcome next(Proof answer) {
        return decision.answer(answer);
    }

    /** Whether nobody may come by this name, whatever the server says. */
    boolean isReserved() {
        return decision.isReserved();
    }

    /** Whether nobody can listen to what the client says. */
    boolean isSecure() {
        return session.tls().isPresent() || session.address().host().local();
    }

    /** Whether the account asks for something of the client that the server can't be shown in its place. */
    boolean asksTooMuch(Outcome.Accepted accepted) {
        return accepted.account().tls() instanceof TlsRequirement.Specified asked
                && (!asked.cipher().isEmpty()
                        || !session.instance().showsClientsNames() && !(asked.issuer() + asked.subject()).isEmpty());
    }

    /** Keeps what the client proved to us. */
    void take(Outcome.Accepted accepted) {
        provenBy = Optional.of(accepted.method());
        credential = accepted.canLogInAgain()
                ? Optional.of(accepted.credential())
                : session.instance().learned().doorCredential(accepted);
    }

    /** Keeps what the client proved to the server, not to us, as far as the accounts tell what it was. */
    void take(AccountBook book, Proof proof) {
        LoginDecision again = new LoginDecision(book, asAccountsSeeIt(), Instant.now());
        Outcome outcome = again.answerAll(again.start(), proof);
        if (outcome instanceof Outcome.Accepted accepted) {
            take(accepted);
        }
    }

    /** Keeps a password that the server took. */
    void take(Credential.ClearPassword password) {
        credential = Optional.of(password);
    }

    /** What was proved serves no more: the server wants another proof. */
    void forget() {
        credential = Optional.empty();
        provenBy = Optional.empty();
    }

    /** The method is the server's affair from now on; what was kept still serves. */
    void leaveToServer() {
        provenBy = Optional.empty();
    }

    /** Whether it is known by what the client proved itself. */
    boolean isKnown() {
        return provenBy.isPresent();
    }

    /** What was kept of the proof, to log in to the server again. */
    Optional<Credential> credential() {
        return given.or(() -> credential);
    }

    /** The client's TLS, where its account asks for any, or is not known and may. */
    Optional<Tls> askedTls() {
        return askedTls;
    }

    /** Whether the account lets its client come the way it does. */
    Optional<Refusal> transport(AccountBook book) {
        boolean passwordGiven = !(credential.orElse(null) instanceof Credential.EmptyPassword);
        return new LoginDecision(book, asAccountsSeeIt(), Instant.now()).transport(passwordGiven);
    }

    /** The client was asked for a native proof over another scramble. */
    void askedOver(byte[] data) {
        nativeScramble = Arrays.copyOf(data, scramble.length);
    }

    /** What the client's native proof is over. */
    byte[] nativeScramble() {
        return nativeScramble;
    }

    /** What binds the certificate that the client was shown to the password that both know; empty for nothing. */
    String binding() {
        return session.tls()
                .flatMap(tls -> provenBy.flatMap(AuthMethod::hash)
                        .map(hash -> Verifier.certificateBinding(
                                hash, nativeScramble, tls.certificate().fingerprint())))
                .orElse("");
    }

    /** The account that accepts this client, as far as the accounts kept tell. */
    Optional<Account> account(AccountBook book) {
        return book.find(response.user(), session.address().host()) instanceof AccountChoice.Chosen(Account chosen)
                ? Optional.of(chosen)
                : Optional.empty();
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
}
