package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a sidecar knows: one account, and one database of it. */
class OneAccountTest {
    private static final byte[] SCRAMBLE = "01234567890123456789".getBytes(StandardCharsets.US_ASCII);
    private static final AccountBook BOOK =
            AccountBook.ofOne("app", Secret.of("secret".getBytes(StandardCharsets.UTF_8)), Optional.of("my_shop"));
    private static final ClientHost HOST = ClientHost.ofUnixSocket();

    private static Outcome logIn(String user, String password) {
        LoginDecision decision = new LoginDecision(
                BOOK, new Login(user, HOST, Optional.empty(), Optional.empty(), true, true), Instant.now());
        Outcome first = decision.start();
        if (!(first instanceof Outcome.TryNext)) {
            return first;
        }
        Secret sha1 = Verifier.clearPassword(
                        Verifier.nativeHash(password.getBytes(StandardCharsets.UTF_8)),
                        password.getBytes(StandardCharsets.UTF_8))
                .orElseThrow();
        return decision.answer(
                new Proof.Response(Secret.of(SCRAMBLE), Secret.of(Verifier.nativeResponse(sha1, SCRAMBLE))));
    }

    @Test
    void itsPasswordIsJudgedHere() {
        assertThat(logIn("app", "secret")).isInstanceOf(Outcome.Accepted.class);
        assertThat(logIn("app", "guess")).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void everybodyElseIsForTheServerToJudge() {
        assertThat(logIn("other", "secret")).isInstanceOf(Outcome.Unverifiable.class);
        assertThat(logIn("", "guess")).isInstanceOf(Outcome.Unverifiable.class);
        assertThat(logIn("haulout", "guess")).as("Haulout's own").isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void onlyItsOwnDatabaseIsCertain() {
        Account app = ((AccountChoice.Chosen) BOOK.find("app", HOST)).account();

        assertThat(BOOK.mayUse(app, HOST, Optional.empty(), "my_shop")).isEqualTo(new DatabaseUse.Allowed("my_shop"));
        assertThat(BOOK.mayUse(app, HOST, Optional.empty(), "myxshop")).isInstanceOf(DatabaseUse.Unknown.class);
        assertThat(BOOK.mayUse(app, HOST, Optional.empty(), "mysql")).isInstanceOf(DatabaseUse.Unknown.class);
    }
}
