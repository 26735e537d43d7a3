package dev.haulout.proxy.account;

import java.util.Optional;

/** Where a login stands. */
public sealed interface Outcome {

    /**
     * The client is who it says. The session may be held; what the backend says to the same login still counts.
     *
     * @param account the account it has; {@code CURRENT_USER()}
     * @param method how it was proven
     * @param credential what to log in to the backend with
     * @param expired whether the password must be changed first: every statement but that gets error 1820
     * @param defaultRole the role that is now active
     */
    record Accepted(
            Account account, AuthMethod method, Credential credential, boolean expired, Optional<String> defaultRole)
            implements Outcome {

        /**
         * Whether the door can log in to the backend by itself, now and later (class A), so that the session can be held
         * through sleep. Otherwise (class B) the client must prove itself to the backend again.
         */
        public boolean canLogInAgain() {
            return switch (credential) {
                case Credential.EmptyPassword _, Credential.HashedPassword _, Credential.ClearPassword _ -> true;
                case Credential.Nothing _ -> false;
            };
        }
    }

    /**
     * The client is to prove itself by this plugin. When its last answer was by another, or it's the second try of the
     * same, it takes an AuthSwitchRequest.
     *
     * @param plugin one of {@link ClientPlugin}
     */
    record TryNext(String plugin) implements Outcome {}

    /** The login fails, with this error. */
    record Refused(Refusal refusal) implements Outcome {}

    /**
     * Only the server can decide (class C).
     *
     * @param account the account it's about
     * @param reason half a sentence for logs: what can't be checked
     */
    record Unverifiable(Account account, String reason) implements Outcome {}
}
