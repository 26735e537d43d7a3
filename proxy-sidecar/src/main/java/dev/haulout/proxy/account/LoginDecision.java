package dev.haulout.proxy.account;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides one login as the server would, from what was kept of it. {@link #start} first; each {@link Outcome.TryNext}
 * takes the client's {@link #answer}, until another outcome comes. For one thread.
 *
 * <p>An unknown user goes the same way as a wrong password, with another account as a stand-in that lets nobody in.
 */
public final class LoginDecision {
    /**
     * Haulout's own accounts on its servers, which a server may know by our certificate alone. Nobody logs in by them
     * through a door.
     */
    private static final Set<String> RESERVED_USERS = Set.of("haulout", "haulout_gateway");

    /** What the error text says of the password; the server's PASSWORD_USED_*. */
    private enum PasswordUse {
        NO,
        YES,
        NO_MENTION
    }

    /** A response is checked against it, in vain, where there is no hash: to take the same time. */
    private static final Secret NO_HASH = Secret.of(new byte[20]);

    private final AccountBook book;
    private final Login login;
    private final Instant now;
    private final AccountChoice choice;
    private final List<AuthMethod> methods;
    private int current = -1;
    private PasswordUse passwordUse = PasswordUse.NO;
    private boolean badHandshake;
    private Optional<String> unverifiable = Optional.empty();

    /**
     * @param book the accounts of the door's server
     * @param login who wants in
     * @param now for passwords that expire
     */
    public LoginDecision(AccountBook book, Login login, Instant now) {
        this.book = book;
        this.login = login;
        this.now = now;
        this.choice = isReserved() ? new AccountChoice.NoAccount() : book.find(login.user(), login.host());
        // Looked up for known users too, which then take as long as unknown ones.
        List<AuthMethod> standIn =
                book.standIn(login.user()).map(Account::methods).orElse(List.of());
        this.methods = switch (choice) {
            case AccountChoice.Chosen(Account account) -> account.methods();
            case AccountChoice.NeedsName _ -> List.of();
            case AccountChoice.NoAccount _ -> standIn;
        };
    }

    /** Whether nobody may log in by this name, whatever the server says. */
    public boolean isReserved() {
        return RESERVED_USERS.contains(login.user());
    }

    /** Decides what needs nothing of the client, and says which plugin to ask it for first. */
    public Outcome start() {
        if (!book.allowsHost(login.host())) {
            return new Outcome.Refused(Refusal.hostNotAllowed(login.host()));
        }
        if (lacksSecureTransport() && book.settings().isSince(11, 4)) {
            return new Outcome.Refused(Refusal.insecureTransport());
        }
        if (choice instanceof AccountChoice.NeedsName(Account account)) {
            return new Outcome.Unverifiable(
                    account, "the host of account " + account + " is a name, and names are resolved by the server");
        }
        if (!login.pluginAuth()
                && !methods.isEmpty()
                && !methods.get(0).plugin().equals(ClientPlugin.NATIVE_PASSWORD)) {
            return new Outcome.Refused(Refusal.clientTooOld());
        }
        return tryNext();
    }

    /**
     * Decides by the client's answer to the plugin asked for last.
     *
     * @throws IllegalStateException when none was asked for
     */
    public Outcome answer(Proof proof) {
        if (current < 0 || current >= methods.size()) {
            throw new IllegalStateException("a proof came that no plugin was asked for");
        }
        AuthMethod method = methods.get(current);
        Optional<Credential> credential = check(method, proof);
        if (credential.isEmpty()) {
            return tryNext();
        }
        return proven(method, credential.get());
    }

    /** Decides by one proof for every plugin that is asked for, from {@code outcome} on. */
    public Outcome answerAll(Outcome outcome, Proof proof) {
        Outcome next = outcome;
        while (next instanceof Outcome.TryNext) {
            next = answer(proof);
        }
        return next;
    }

    private Outcome tryNext() {
        while (++current < methods.size()) {
            AuthMethod method = methods.get(current);
            switch (method) {
                case AuthMethod.NativePassword _, AuthMethod.KnownPassword _ -> {
                    return new Outcome.TryNext(ClientPlugin.NATIVE_PASSWORD);
                }
                case AuthMethod.Ed25519 _ -> {
                    return new Outcome.TryNext(ClientPlugin.ED25519);
                }
                case AuthMethod.Unusable unusable -> {
                    return new Outcome.TryNext(
                            unusable.plugin().equals(ClientPlugin.NATIVE_PASSWORD)
                                    ? ClientPlugin.NATIVE_PASSWORD
                                    : ClientPlugin.ED25519);
                }
                case AuthMethod.UnixSocket(String asUser) -> {
                    badHandshake = false;
                    passwordUse = PasswordUse.NO_MENTION;
                    String wanted = asUser.isEmpty() ? login.user() : asUser;
                    if (login.host().local()
                            && login.osUser().filter(wanted::equals).isPresent()) {
                        return proven(method, new Credential.Nothing());
                    }
                }
                case AuthMethod.Unverifiable(String plugin) -> unverifiable = Optional.of(plugin);
            }
        }
        // An alternative that can't be judged here only counts when all others have failed: most logins need no wake.
        if (choice instanceof AccountChoice.Chosen(Account account) && unverifiable.isPresent()) {
            return new Outcome.Unverifiable(
                    account,
                    "account " + account + " logs in by plugin " + unverifiable.get() + ", which only the server"
                            + " can check");
        }
        return refused();
    }

    private Optional<Credential> check(AuthMethod method, Proof proof) {
        badHandshake = false;
        return switch (method) {
            case AuthMethod.NativePassword(Secret sha1sha1) -> checkNative(sha1sha1, proof);
            case AuthMethod.KnownPassword(Secret password) ->
                checkNative(Verifier.nativeHash(password.bytes()), proof)
                        .map(credential ->
                                password.length() == 0 ? credential : new Credential.ClearPassword(password));
            case AuthMethod.Ed25519(Secret publicKey) -> checkEd25519(publicKey, proof);
            case AuthMethod.Unusable(String plugin) -> {
                if (plugin.equals(ClientPlugin.NATIVE_PASSWORD)) {
                    noteNative(proof);
                    checkResponse(NO_HASH, proof);
                } else {
                    passwordUse = PasswordUse.YES;
                }
                yield Optional.empty();
            }
            case AuthMethod.UnixSocket _, AuthMethod.Unverifiable _ ->
                throw new IllegalStateException("no client is ever asked to prove itself by " + method.plugin());
        };
    }

    private Optional<Credential> checkNative(Secret sha1sha1, Proof proof) {
        noteNative(proof);
        boolean given = isGiven(proof);
        if (sha1sha1.length() == 0) {
            if (given) {
                checkResponse(NO_HASH, proof);
                return Optional.empty();
            }
            return Optional.of(new Credential.EmptyPassword());
        }
        return given ? checkResponse(sha1sha1, proof) : Optional.empty();
    }

    private static Optional<Credential> checkResponse(Secret sha1sha1, Proof proof) {
        return switch (proof) {
            case Proof.Response(Secret scramble, Secret response) ->
                Verifier.nativePassword(sha1sha1, scramble.bytes(), response.bytes())
                        .map(Credential.HashedPassword::new);
            case Proof.ClearPassword(Secret password) ->
                Verifier.clearPassword(sha1sha1, password.bytes()).map(_ -> new Credential.ClearPassword(password));
        };
    }

    private Optional<Credential> checkEd25519(Secret publicKey, Proof proof) {
        passwordUse = PasswordUse.YES;
        return switch (proof) {
            case Proof.Response(Secret nonce, Secret signature) ->
                Verifier.ed25519(publicKey, nonce.bytes(), signature.bytes())
                        ? Optional.of(new Credential.Nothing())
                        : Optional.empty();
            case Proof.ClearPassword(Secret password) ->
                Verifier.clearPasswordOfEd25519(publicKey, password.bytes())
                        ? Optional.of(new Credential.ClearPassword(password))
                        : Optional.empty();
        };
    }

    /** The native plugin says "using password" only when there was something in the response. */
    private void noteNative(Proof proof) {
        if (isGiven(proof)) {
            passwordUse = PasswordUse.YES;
            badHandshake =
                    proof instanceof Proof.Response reply && reply.response().length() != 20;
        }
    }

    private static boolean isGiven(Proof proof) {
        return switch (proof) {
            case Proof.Response reply -> reply.response().length() > 0;
            case Proof.ClearPassword(Secret password) -> password.length() > 0;
        };
    }

    /** In the server's order: TLS, lock, expiry. */
    private Outcome proven(AuthMethod method, Credential credential) {
        if (!(choice instanceof AccountChoice.Chosen(Account account))) {
            return refused();
        }
        if (!comesSecurely(account)) {
            return refused();
        }
        if (account.locked()) {
            return new Outcome.Refused(Refusal.accountLocked());
        }
        boolean expired = passwordUse != PasswordUse.NO_MENTION
                && account.passwordExpired(now, book.settings().defaultPasswordLifetime());
        if (expired && book.settings().disconnectOnExpiredPassword() && !login.handlesExpiredPasswords()) {
            return new Outcome.Refused(Refusal.passwordExpired());
        }
        return new Outcome.Accepted(account, method, credential, expired, book.defaultRole(account, login.host()));
    }

    /**
     * What speaks against the way the client came, once the server has accepted its proof: the server sees our connection,
     * which may have TLS and a certificate where the client's has not.
     *
     * @param passwordGiven what the error says of the password
     */
    public Optional<Refusal> transport(boolean passwordGiven) {
        if (lacksSecureTransport() && book.settings().isSince(11, 4)) {
            return Optional.of(Refusal.insecureTransport());
        }
        return choice instanceof AccountChoice.Chosen(Account account) && !comesSecurely(account)
                ? Optional.of(Refusal.accessDenied(login.user(), login.host(), passwordGiven))
                : Optional.empty();
    }

    /** Servers before 11.4 check the transport only of accounts that ask nothing themselves. */
    private boolean comesSecurely(Account account) {
        return account.tls().isMetBy(login.tls())
                && !(account.tls() instanceof TlsRequirement.None && lacksSecureTransport());
    }

    private boolean lacksSecureTransport() {
        return book.settings().requireSecureTransport()
                && login.tls().isEmpty()
                && !login.host().local();
    }

    private Outcome refused() {
        if (badHandshake) {
            return new Outcome.Refused(Refusal.badHandshake());
        }
        return new Outcome.Refused(
                switch (passwordUse) {
                    case NO -> Refusal.accessDenied(login.user(), login.host(), false);
                    case YES -> Refusal.accessDenied(login.user(), login.host(), true);
                    case NO_MENTION -> Refusal.accessDeniedWithoutPassword(login.user(), login.host());
                });
    }
}
