package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every login is tried at a real server and decided here, and the two must say the same. */
class LoginAgainstServerTest {
    private static final List<String> USERS = List.of(
            "plain",
            "Plain",
            "'plain'",
            "empty",
            "bare",
            "invalid",
            "nohex",
            "locked",
            "expired",
            "aged",
            "ageless",
            "young",
            "lockedexpired",
            "needstls",
            "needsx509",
            "needscipher",
            "needsissuer",
            "ed",
            "edempty",
            "edbroken",
            "edlocked",
            "edexpired",
            "eithernative",
            "eithered",
            "eithersocket",
            "socketonly",
            "socketas",
            "socketexpired",
            "root",
            "spec",
            "masked",
            "under",
            "named",
            "tcponly",
            "roled",
            "unroled",
            "wildroled",
            "nested",
            "",
            "nobody",
            "NOBODY",
            "somebody ",
            "x",
            "administrator");
    private static final List<String> PASSWORDS = List.of("right", "wrong", "");
    private static final List<ClientHost> HOSTS =
            List.of(ClientHost.ofUnixSocket(), tcp("127.0.0.1"), tcp("127.0.0.10"), tcp("127.0.1.5"), tcp("127.9.9.9"));

    private static RealServer server;
    private static AccountBook book;
    private static String cipher;

    @BeforeAll
    static void fillServer() throws Exception {
        server = RealServer.start();
        if (System.getProperty("mariadb.basedir") == null) {
            server.execute("INSTALL SONAME 'auth_ed25519'");
        }
        server.execute("CREATE USER plain IDENTIFIED BY 'right'");
        try (RealClient client = RealClient.connect(
                server,
                tcp("127.0.0.1"),
                new RealClient.Options().user("plain").password("right").tls())) {
            cipher = client.query("SHOW STATUS LIKE 'Ssl_cipher'").get(0).get(1);
        }
        server.execute(
                "CREATE USER empty",
                "CREATE USER invalid IDENTIFIED VIA mysql_native_password USING 'invalid'",
                "CREATE USER locked IDENTIFIED BY 'right' ACCOUNT LOCK",
                "CREATE USER expired IDENTIFIED BY 'right' PASSWORD EXPIRE",
                "CREATE USER aged IDENTIFIED BY 'right' PASSWORD EXPIRE INTERVAL 10 DAY",
                "CREATE USER ageless IDENTIFIED BY 'right' PASSWORD EXPIRE NEVER",
                "CREATE USER young IDENTIFIED BY 'right' PASSWORD EXPIRE INTERVAL 10 DAY",
                "CREATE USER lockedexpired IDENTIFIED BY 'right' ACCOUNT LOCK PASSWORD EXPIRE",
                "CREATE USER needstls IDENTIFIED BY 'right' REQUIRE SSL",
                "CREATE USER needsx509 IDENTIFIED BY 'right' REQUIRE X509",
                "CREATE USER needscipher IDENTIFIED BY 'right' REQUIRE CIPHER '" + cipher + "'",
                "CREATE USER othercipher IDENTIFIED BY 'right' REQUIRE CIPHER 'NONE_SUCH'",
                "CREATE USER needsissuer IDENTIFIED BY 'right' REQUIRE ISSUER '/CN=someone'",
                "CREATE USER socketonly IDENTIFIED VIA unix_socket",
                "CREATE USER socketexpired IDENTIFIED VIA unix_socket PASSWORD EXPIRE",
                "CREATE USER eithersocket IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('right')",
                "CREATE USER tcponly@'127.0.0.1' IDENTIFIED BY 'right'",
                "CREATE USER named@'db1.example.com' IDENTIFIED BY 'right'",
                "CREATE USER named@'localhos_' IDENTIFIED BY 'right'",
                "CREATE USER ''@'127.0.1.%' IDENTIFIED BY 'right'",
                "CREATE USER ''@localhost",
                "CREATE USER spec@'%', spec@'127.%', spec@'127.0.0.%', spec@'127.0.0.1', spec@'127.0.0.1_'",
                "CREATE USER spec@'_27.0.0.10', spec@'%.9', spec@'%7.%.9', spec@'127.0.0.10/255.255.255.255'",
                "CREATE USER masked@'127.0.0.10', masked@'127.0.0.8/255.255.255.248'",
                "CREATE USER masked@'127.0.0.0/255.0.0.0', masked@'127.0.0.0/255.255.0.0', masked@'LocalHost'",
                "CREATE USER under@'127.0.0._', under@'127.0.__._', under@'___.%', under@'127._._.%'",
                "CREATE ROLE reader, writer, all_of_it",
                "CREATE USER roled IDENTIFIED BY 'right'",
                "GRANT reader TO roled",
                "SET DEFAULT ROLE reader FOR roled",
                "CREATE USER unroled IDENTIFIED BY 'right'",
                "GRANT reader TO unroled",
                "SET DEFAULT ROLE reader FOR unroled",
                "REVOKE reader FROM unroled",
                "CREATE USER wildroled@'%' IDENTIFIED BY 'right', wildroled@'127.0.0.1' IDENTIFIED BY 'right'",
                "GRANT writer TO wildroled@'%'",
                "SET DEFAULT ROLE writer FOR wildroled@'%'",
                "GRANT reader TO all_of_it",
                "GRANT writer TO all_of_it",
                "CREATE USER nested IDENTIFIED BY 'right'",
                "GRANT all_of_it TO nested",
                "SET DEFAULT ROLE all_of_it FOR nested",
                "INSERT INTO mysql.global_priv VALUES ('%', 'bare', '{}')",
                "INSERT INTO mysql.global_priv VALUES ('%', 'nohex', '{\"plugin\":\"mysql_native_password\","
                        + "\"authentication_string\":\"*ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ\"}')",
                "CREATE USER socketonly@localhost IDENTIFIED VIA unix_socket",
                "CREATE USER eithersocket@localhost IDENTIFIED VIA unix_socket"
                        + " OR mysql_native_password USING PASSWORD('right')",
                "CREATE USER eithernative@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('right')"
                        + " OR unix_socket",
                "CREATE USER plain@localhost IDENTIFIED BY 'right', locked@localhost ACCOUNT LOCK",
                "INSERT INTO mysql.global_priv VALUES ('localhost', 'socketas', '{\"plugin\":\"unix_socket\","
                        + "\"authentication_string\":\"" + System.getProperty("user.name") + "\"}')",
                "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.password_last_changed', 1000) WHERE User = 'aged'",
                "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.default_role', 'writer')"
                        + " WHERE User = 'wildroled' AND Host = '127.0.0.1'",
                "FLUSH PRIVILEGES",
                "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING ''");
        if (System.getProperty("mariadb.basedir") == null) {
            server.execute(
                    "CREATE USER ed IDENTIFIED VIA ed25519 USING PASSWORD('right')",
                    "CREATE USER edempty IDENTIFIED VIA ed25519 USING PASSWORD('')",
                    "CREATE USER edlocked IDENTIFIED VIA ed25519 USING PASSWORD('right') ACCOUNT LOCK",
                    "CREATE USER edexpired IDENTIFIED VIA ed25519 USING PASSWORD('right') PASSWORD EXPIRE",
                    "CREATE USER eithered IDENTIFIED VIA ed25519 USING PASSWORD('other')"
                            + " OR mysql_native_password USING PASSWORD('right')",
                    "CREATE USER eithernative IDENTIFIED VIA mysql_native_password USING PASSWORD('other')"
                            + " OR ed25519 USING PASSWORD('right')",
                    "INSERT INTO mysql.global_priv VALUES ('%', 'edbroken', '{\"plugin\":\"ed25519\","
                            + "\"authentication_string\":\"tooshort\"}')",
                    "FLUSH PRIVILEGES");
        }
        book = server.book();
    }

    @AfterAll
    static void stopServer() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void everyLoginEndsAsAtTheServer() {
        SoftAssertions all = new SoftAssertions();
        for (String user : USERS) {
            for (ClientHost host : HOSTS) {
                for (String password : PASSWORDS) {
                    compare(all, host, new RealClient.Options().user(user).password(password));
                }
            }
        }
        all.assertAll();
    }

    @Test
    void oldClientsEndAsAtTheServer() {
        SoftAssertions all = new SoftAssertions();
        for (String user : USERS) {
            for (String password : List.of("right", "")) {
                RealClient.Options options = new RealClient.Options().user(user).password(password);
                compare(all, tcp("127.0.0.1"), options.withoutExpiredPasswords());
                if (book.find(user, tcp("127.0.0.1")) instanceof AccountChoice.Chosen(Account account)
                        && account.methods().size() == 1) {
                    compare(all, tcp("127.0.0.1"), options.withoutPluginAuth());
                }
            }
        }
        all.assertAll();
    }

    @Test
    void loginsOverTlsEndAsAtTheServer() {
        SoftAssertions all = new SoftAssertions();
        for (String user : List.of("plain", "needstls", "needsx509", "needscipher", "othercipher", "locked")) {
            for (String password : PASSWORDS) {
                compare(
                        all,
                        tcp("127.0.0.1"),
                        new RealClient.Options().user(user).password(password).tls());
            }
        }
        all.assertAll();
    }

    @Test
    void serverWideSettingsCountAsAtTheServer() throws IOException {
        SoftAssertions all = new SoftAssertions();
        server.execute("SET GLOBAL require_secure_transport = ON", "SET GLOBAL default_password_lifetime = 1");
        server.execute("SET GLOBAL disconnect_on_expired_password = ON");
        try {
            book = server.book();
            for (String user : List.of("plain", "needstls", "aged", "ageless", "young", "bare", "expired", "root")) {
                for (ClientHost host : List.of(ClientHost.ofUnixSocket(), tcp("127.0.0.1"))) {
                    RealClient.Options options =
                            new RealClient.Options().user(user).password("right");
                    compare(all, host, options);
                    compare(all, host, options.withoutExpiredPasswords());
                    if (!host.local()) {
                        compare(all, host, options.tls());
                    }
                }
            }
        } finally {
            server.execute(
                    "SET GLOBAL require_secure_transport = OFF",
                    "SET GLOBAL default_password_lifetime = 0",
                    "SET GLOBAL disconnect_on_expired_password = OFF");
            book = server.book();
        }
        all.assertAll();
    }

    @Test
    void hostWithoutAnyAccountIsRefusedAsByTheServer() throws Exception {
        try (RealServer strict = RealServer.start()) {
            strict.execute("DELETE FROM mysql.global_priv WHERE Host NOT IN ('localhost', '')", "FLUSH PRIVILEGES");
            AccountBook accounts = strict.book();
            SoftAssertions all = new SoftAssertions();
            compare(all, strict, accounts, tcp("127.0.0.1"), new RealClient.Options().user("root"));
            compare(all, strict, accounts, ClientHost.ofUnixSocket(), new RealClient.Options().user("nobody"));
            all.assertAll();
            assertThat(accounts.allowsHost(tcp("127.0.0.1"))).isFalse();
            assertThat(accounts.allowsHost(ClientHost.ofUnixSocket())).isTrue();
        }
    }

    private static void compare(SoftAssertions all, ClientHost host, RealClient.Options options) {
        compare(all, server, book, host, options);
    }

    private static void compare(
            SoftAssertions all, RealServer server, AccountBook book, ClientHost host, RealClient.Options options) {
        Verdict real = real(server, host, options);
        Verdict ours = ours(book, host, options);
        all.assertThat(ours.text()).as("%s from %s", options, host.text()).isEqualTo(real.text());
        // The native plugin, if it's the first, is asked for by the greeting.
        List<String> withGreeting = new ArrayList<>(List.of(ClientPlugin.NATIVE_PASSWORD));
        withGreeting.addAll(real.asked());
        all.assertThat(List.of(real.asked(), withGreeting))
                .as("plugins asked of %s from %s", options, host.text())
                .contains(ours.asked());
    }

    /**
     * How a login ended.
     *
     * @param text the error, or account, role and whether its password has expired
     * @param asked the plugins the client was asked for
     */
    private record Verdict(String text, List<String> asked) {}

    private static Verdict real(RealServer server, ClientHost host, RealClient.Options options) {
        try (RealClient client = RealClient.connect(server, host, options)) {
            return new Verdict(identity(client), client.switches());
        } catch (ServerError refused) {
            return new Verdict(refused.error().toString(), RealClient.switchesOfRefusedLogin());
        } catch (IOException e) {
            throw new IllegalStateException(options + " from " + host.text(), e);
        }
    }

    private static String identity(RealClient client) throws IOException {
        try {
            List<String> row =
                    client.query("SELECT CURRENT_USER(), CURRENT_ROLE()").get(0);
            return "in as " + row.get(0) + ", role " + row.get(1);
        } catch (ServerError e) {
            assertThat(e.error().code()).isEqualTo(1820);
            return "in, expired";
        }
    }

    private static Verdict ours(AccountBook book, ClientHost host, RealClient.Options options) {
        Random random = new Random(1);
        Optional<Tls> tls = options.tls ? Optional.of(new Tls(cipher, Optional.empty())) : Optional.empty();
        Optional<String> osUser = host.local() ? Optional.of(System.getProperty("user.name")) : Optional.empty();
        LoginDecision decision = new LoginDecision(
                book,
                new Login(options.user, host, osUser, tls, options.pluginAuth, options.handlesExpiredPasswords),
                Instant.now());
        List<String> asked = new ArrayList<>();
        Outcome outcome = decision.start();
        while (outcome instanceof Outcome.TryNext(String plugin)) {
            asked.add(plugin);
            byte[] challenge = new byte[plugin.equals(ClientPlugin.ED25519) ? 32 : 20];
            random.nextBytes(challenge);
            byte[] response = Answers.to(plugin, challenge, options.password);
            outcome = decision.answer(new Proof.Response(Secret.of(challenge), Secret.of(response)));
        }
        String text = switch (outcome) {
            case Outcome.Accepted accepted when accepted.expired() -> "in, expired";
            case Outcome.Accepted accepted ->
                "in as " + accepted.account().user() + "@"
                        + accepted.account().host() + ", role "
                        + accepted.defaultRole().orElse(null);
            case Outcome.Refused(Refusal refusal) -> refusal.toString();
            case Outcome.Unverifiable _, Outcome.TryNext _ -> outcome.toString();
        };
        return new Verdict(text, asked);
    }

    private static ClientHost tcp(String address) {
        try {
            return ClientHost.of(InetAddress.getByName(address));
        } catch (IOException e) {
            throw new IllegalArgumentException(address, e);
        }
    }
}
