package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;

/** What no server can be asked to compare with. */
class LoginDecisionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ClientHost REMOTE = new ClientHost("10.1.2.3", false);

    @Test
    void nobodyLogsInAsHauloutsOwnAccount() throws IOException {
        // given
        AccountBook book = Books.with()
                .account("haulout", "%", Books.NATIVE)
                .account("app", "%", Books.NATIVE)
                .read();

        // when
        Outcome outcome = clear(book, login("haulout"), "password");
        Outcome quoted = clear(book, login("'haulout'"), "password");

        // then
        assertThat(refusal(outcome).message())
                .isEqualTo("Access denied for user 'haulout'@'10.1.2.3' (using password: YES)");
        assertThat(quoted).isEqualTo(outcome);
    }

    @Test
    void nativePasswordLeavesItsHashForTheBackend() throws IOException {
        Outcome outcome = respond(Books.with().account("app", "%", Books.NATIVE).read(), login("app"), "password");

        Outcome.Accepted accepted = (Outcome.Accepted) outcome;
        Secret sha1 = VerifierTest.hex("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8");
        assertThat(accepted.credential()).isEqualTo(new Credential.HashedPassword(sha1));
        assertThat(accepted.canLogInAgain()).isTrue();
    }

    @Test
    void signatureLeavesNothingForTheBackend() throws IOException {
        Outcome outcome =
                respond(Books.with().account("app", "%", Books.ED25519).read(), login("app"), "secret");

        Outcome.Accepted accepted = (Outcome.Accepted) outcome;
        assertThat(accepted.credential()).isEqualTo(new Credential.Nothing());
        assertThat(accepted.canLogInAgain()).isFalse();
    }

    @Test
    void clearPasswordFitsEveryPluginAndIsKept() throws IOException {
        AccountBook book = Books.with()
                .account("native", "%", Books.NATIVE)
                .account("ed", "%", Books.ED25519)
                .account("open", "%", "")
                .read();

        assertThat(((Outcome.Accepted) clear(book, login("native"), "password")).credential())
                .isEqualTo(new Credential.ClearPassword(secret("password")));
        assertThat(((Outcome.Accepted) clear(book, login("ed"), "secret")).canLogInAgain())
                .isTrue();
        assertThat(((Outcome.Accepted) clear(book, login("open"), "")).credential())
                .isEqualTo(new Credential.EmptyPassword());
        assertThat(clear(book, login("native"), "wrong")).isInstanceOf(Outcome.Refused.class);
        assertThat(clear(book, login("native"), "")).isInstanceOf(Outcome.Refused.class);
        assertThat(clear(book, login("ed"), "wrong")).isInstanceOf(Outcome.Refused.class);
        assertThat(clear(book, login("open"), "any")).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void pluginThatOnlyTheServerKnowsIsUnverifiable() throws IOException {
        AccountBook book = Books.with()
                .account("app", "%", "\"plugin\":\"pam\",\"authentication_string\":\"mariadb\"")
                .read();

        Outcome outcome = new LoginDecision(book, login("app"), NOW).start();

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Unverifiable.class,
                        unverifiable -> assertThat(unverifiable.reason()).contains("'app'@'%'", "pam"));
    }

    @Test
    void alternativeThatCanBeVerifiedIsEnough() throws IOException {
        // given
        AccountBook book = Books.with()
                .account("app", "%", Books.NATIVE + ",\"auth_or\":[{\"plugin\":\"pam\"},{}]")
                .read();

        // then
        assertThat(respond(book, login("app"), "password")).isInstanceOf(Outcome.Accepted.class);
        assertThat(respond(book, login("app"), "wrong")).isInstanceOf(Outcome.Unverifiable.class);
    }

    @Test
    void unknownUserNeverIsUnverifiable() throws IOException {
        AccountBook book =
                Books.with().account("app", "%", "\"plugin\":\"pam\"").read();

        Outcome outcome = new LoginDecision(book, login("nobody"), NOW).start();

        assertThat(refusal(outcome).code()).isEqualTo(1045);
    }

    @Test
    void rowThatCannotBeReadLetsNobodyIn() throws IOException {
        AccountBook book = Books.with().account("app", "%", "\"plugin\":").read();

        assertThat(new LoginDecision(book, login("app"), NOW).start()).isInstanceOf(Outcome.Unverifiable.class);
    }

    @Test
    void osUserNamedByTheAccountCountsFrom116On() throws IOException {
        // given
        String keys = "\"plugin\":\"unix_socket\",\"authentication_string\":\"alice\"";
        AccountBook old = Books.with().account("app", "%", keys).read();
        AccountBook since = Books.with()
                .settings("1,0,0,0,0,11.8.6-MariaDB")
                .account("app", "%", keys)
                .read();

        // then
        assertThat(new LoginDecision(old, socketLogin("app", "alice"), NOW).start())
                .isInstanceOf(Outcome.Refused.class);
        assertThat(new LoginDecision(old, socketLogin("app", "app"), NOW).start())
                .isInstanceOf(Outcome.Accepted.class);
        assertThat(new LoginDecision(since, socketLogin("app", "alice"), NOW).start())
                .isInstanceOf(Outcome.Accepted.class);
        assertThat(new LoginDecision(since, socketLogin("app", "app"), NOW).start())
                .isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void osUserOverTcpProvesNothing() throws IOException {
        AccountBook book =
                Books.with().account("app", "%", "\"plugin\":\"unix_socket\"").read();
        Login login = new Login("app", REMOTE, Optional.of("app"), Optional.empty(), true, true);

        assertThat(refusal(new LoginDecision(book, login, NOW).start()))
                .isEqualTo(new Refusal(1698, "28000", "Access denied for user 'app'@'10.1.2.3'"));
    }

    @Test
    void certificateMustBeTheOneTheAccountAsksFor() throws IOException {
        // given
        AccountBook book = Books.with()
                .account("any", "%", "\"ssl_type\":2")
                .account("one", "%", "\"ssl_type\":3,\"x509_issuer\":\"/CN=ca\",\"x509_subject\":\"/CN=app\"")
                .read();
        Optional<Tls> none = Optional.of(new Tls("C", Optional.empty()));
        Optional<Tls> right = Optional.of(new Tls(
                "C", Optional.of(new Tls.Certificate(new X500Principal("CN=ca"), new X500Principal("CN=app")))));
        Optional<Tls> other = Optional.of(
                new Tls("C", Optional.of(new Tls.Certificate(new X500Principal("CN=ca"), new X500Principal("CN=x")))));

        // then
        assertThat(clear(book, tlsLogin("any", none), "")).isInstanceOf(Outcome.Refused.class);
        assertThat(clear(book, tlsLogin("any", other), "")).isInstanceOf(Outcome.Accepted.class);
        assertThat(clear(book, tlsLogin("one", none), "")).isInstanceOf(Outcome.Refused.class);
        assertThat(clear(book, tlsLogin("one", other), "")).isInstanceOf(Outcome.Refused.class);
        assertThat(clear(book, tlsLogin("one", right), "")).isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void hostNameIsTheServersToResolve() throws IOException {
        // given
        AccountBook resolving = Books.with()
                .settings("0,0,0,0,0,10.11.19-MariaDB")
                .account("app", "db1.example.com", Books.NATIVE)
                .account("app", "10.1.2.3", Books.NATIVE)
                .account("web", "10.%", Books.NATIVE)
                .account("web", "web%.example.com", Books.NATIVE)
                .read();

        // then
        assertThat(resolving.find("app", REMOTE)).isInstanceOf(AccountChoice.NeedsName.class);
        assertThat(resolving.find("web", REMOTE)).isInstanceOf(AccountChoice.NeedsName.class);
        assertThat(resolving.find("app", ClientHost.ofUnixSocket())).isEqualTo(new AccountChoice.NoAccount());
        assertThat(new LoginDecision(resolving, login("app"), NOW).start()).isInstanceOf(Outcome.Unverifiable.class);
    }

    @Test
    void hostNameCountsForNothingWhereNamesAreNotResolved() throws IOException {
        AccountBook book = Books.with()
                .account("app", "db1.example.com", Books.NATIVE)
                .account("app", "10.%", Books.NATIVE)
                .read();

        assertThat(book.accounts()).hasSize(1);
        assertThat(book.find("app", REMOTE)).isInstanceOf(AccountChoice.Chosen.class);
    }

    @Test
    void responseOfAStrangeLengthIsABadHandshake() throws IOException {
        LoginDecision decision =
                new LoginDecision(Books.with().account("app", "%", Books.NATIVE).read(), login("app"), NOW);
        decision.start();

        Outcome outcome = decision.answer(new Proof.Response(Secret.of(new byte[20]), Secret.of(new byte[19])));

        assertThat(refusal(outcome)).isEqualTo(new Refusal(1043, "08S01", "Bad handshake"));
    }

    @Test
    void proofThatWasNotAskedForIsAnError() throws IOException {
        LoginDecision decision = new LoginDecision(Books.with().read(), login("app"), NOW);

        assertThatThrownBy(() -> decision.answer(new Proof.ClearPassword(secret("x"))))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nothingPrintsASecret() throws IOException {
        // given
        AccountBook book = Books.with()
                .account("app", "%", Books.NATIVE)
                .account("ed", "%", Books.ED25519)
                .read();
        Outcome accepted = clear(book, login("app"), "password");

        // then
        String printed = List.of(
                        book,
                        book.accounts(),
                        book.accounts().get(0).methods(),
                        book.accounts().get(1).methods(),
                        accepted,
                        new Proof.ClearPassword(secret("password")))
                .toString();
        assertThat(printed)
                .doesNotContain("password,", "password]", "2470", "5baa", "ZIgU")
                .contains("bytes]");
    }

    private static Login login(String user) {
        return new Login(user, REMOTE, Optional.empty(), Optional.empty(), true, true);
    }

    private static Login tlsLogin(String user, Optional<Tls> tls) {
        return new Login(user, REMOTE, Optional.empty(), tls, true, true);
    }

    private static Login socketLogin(String user, String osUser) {
        return new Login(user, ClientHost.ofUnixSocket(), Optional.of(osUser), Optional.empty(), true, true);
    }

    private static Outcome clear(AccountBook book, Login login, String password) {
        LoginDecision decision = new LoginDecision(book, login, NOW);
        Outcome outcome = decision.start();
        while (outcome instanceof Outcome.TryNext) {
            outcome = decision.answer(new Proof.ClearPassword(secret(password)));
        }
        return outcome;
    }

    private static Outcome respond(AccountBook book, Login login, String password) {
        LoginDecision decision = new LoginDecision(book, login, NOW);
        Outcome outcome = decision.start();
        while (outcome instanceof Outcome.TryNext(String plugin)) {
            byte[] challenge = new byte[plugin.equals(ClientPlugin.ED25519) ? 32 : 20];
            byte[] response = Answers.to(plugin, challenge, password.getBytes(StandardCharsets.UTF_8));
            outcome = decision.answer(new Proof.Response(Secret.of(challenge), Secret.of(response)));
        }
        return outcome;
    }

    private static Refusal refusal(Outcome outcome) {
        return ((Outcome.Refused) outcome).refusal();
    }

    private static Secret secret(String text) {
        return Secret.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
