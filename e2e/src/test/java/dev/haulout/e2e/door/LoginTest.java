package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Logins of every kind, asleep and awake. What the door says alone is compared with what the same server says when it is
 * awake.
 */
@Tag("slow")
class LoginTest {
    private static final String ED25519_PASSWORD = "signed-and-sealed";

    private static Shop shop;

    @BeforeAll
    static void open() throws Exception {
        assumeTrue(Shop.runsAsRoot(), "accounts are made as root@localhost");
        shop = Shop.asleep("  sleep: {after: 1s}");
        shop.asRoot("""
                CREATE DATABASE other;
                CREATE TABLE app.rows_of_app (a INT);
                CREATE USER empty@'%';
                CREATE USER locked@'%' IDENTIFIED BY 'secret' ACCOUNT LOCK;
                CREATE USER expired@'%' IDENTIFIED BY 'secret' PASSWORD EXPIRE;
                CREATE USER encrypted@'%' IDENTIFIED BY 'secret' REQUIRE SSL;
                CREATE USER wide@'%' IDENTIFIED BY 'secret';
                GRANT SELECT ON *.* TO wide@'%';
                CREATE ROLE reader;
                GRANT SELECT ON app.* TO reader;
                CREATE USER player@'%' IDENTIFIED BY 'secret';
                GRANT reader TO player@'%';
                SET DEFAULT ROLE reader FOR player@'%';
                CREATE USER homed@'127.0.0.1' IDENTIFIED BY 'one';
                CREATE USER homed@'127.0.0.2' IDENTIFIED BY 'two';
                GRANT SELECT ON app.* TO homed@'127.0.0.2';
                """);
        shop.awaitAsleep();
    }

    @AfterAll
    static void close() throws IOException {
        if (shop != null) {
            shop.close();
        }
    }

    @BeforeEach
    void sleeps() {
        shop.awaitAsleep();
    }

    // ------------------------------------------------------------ verified asleep

    @Test
    void emptyPasswordLogsInAsleepAndIsAnAccountLikeAnyOther() throws Exception {
        Shop.Rest rest = shop.rest();
        try (Connection connection = shop.connectTo("", "empty", "")) {
            assertThat(Shop.one(connection, "SELECT 1")).isEqualTo("1");
            rest.isUndisturbed();

            assertThat(Shop.one(connection, "SELECT CURRENT_USER()")).isEqualTo("empty@%");
        }
        shop.awaitAsleep();
        rest = shop.rest();
        assertThat(refusal("", "empty", "not-empty").getErrorCode()).isEqualTo(1045);
        rest.isUndisturbed();
    }

    @Test
    void refusalsAsleepAreTheServersOwn() throws Exception {
        record Attempt(int code, String database, String user, String password) {}
        List<Attempt> attempts = List.of(
                new Attempt(1045, "", "app", "wrong"),
                new Attempt(1045, "", "app", ""),
                new Attempt(1045, "", "empty", "wrong"),
                new Attempt(4151, "", "locked", "secret"),
                new Attempt(1045, "", "locked", "wrong"),
                new Attempt(1045, "", "encrypted", "secret"),
                new Attempt(1049, "nowhere", "wide", "secret"),
                new Attempt(1044, "other", "app", "secret"),
                new Attempt(1044, "nowhere", "app", "secret"),
                new Attempt(1044, "app", "empty", ""));
        Shop.Rest rest = shop.rest();
        List<String> asleep = new java.util.ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            SQLException refused = refusal(attempt.database(), attempt.user(), attempt.password(), from(i));
            assertThat(refused.getErrorCode()).as("%s", attempt).isEqualTo(attempt.code());
            asleep.add(said(refused));
        }
        rest.isUndisturbed();

        try (Connection awake = shop.connect()) {
            awake.setAutoCommit(false);
            Shop.say(awake, "INSERT INTO rows_of_app VALUES (0)"); // an open transaction keeps it awake
            for (int i = 0; i < attempts.size(); i++) {
                Attempt attempt = attempts.get(i);
                assertThat(said(refusal(attempt.database(), attempt.user(), attempt.password(), from(i))))
                        .isEqualTo(asleep.get(i));
            }
            awake.rollback();
        }
    }

    /** Each from an address of its own, since the door slows down those who fail again and again. */
    private static String from(int attempt) {
        return "localSocketAddress=127.0.1." + (attempt + 1);
    }

    /** Without the session's id, which is each one's own. */
    private static String said(SQLException refused) {
        return refused.getErrorCode() + " " + refused.getSQLState() + " "
                + refused.getMessage().replaceFirst("^\\(conn=-?\\d+\\) ", "");
    }

    @Test
    void useOfADatabaseIsDecidedWithoutWaking() throws Exception {
        Shop.Rest rest = shop.rest();
        try (Connection app = shop.connect();
                Connection wide = shop.connectTo("", "wide", "secret")) {
            assertThat(catchThrowableOfType(SQLException.class, () -> Shop.say(app, "USE other"))
                            .getErrorCode())
                    .isEqualTo(1044);
            assertThat(catchThrowableOfType(SQLException.class, () -> wide.setCatalog("nowhere"))
                            .getErrorCode())
                    .isEqualTo(1049);
            Shop.say(wide, "USE other");
            rest.isUndisturbed();

            assertThat(Shop.one(wide, "SELECT DATABASE()")).isEqualTo("other");
            assertThat(Shop.one(app, "SELECT DATABASE()")).isEqualTo("app");
        }
    }

    @Test
    void defaultRoleIsActiveAfterTheWake() throws Exception {
        Shop.Rest rest = shop.rest();
        try (Connection connection = shop.connectAs("player", "secret")) {
            rest.isUndisturbed();

            assertThat(Shop.one(connection, "SELECT CURRENT_ROLE()")).isEqualTo("reader");
            assertThat(Shop.one(connection, "SELECT COUNT(*) FROM rows_of_app")).isEqualTo("0");
            shop.awaitAsleep();
            assertThat(Shop.one(connection, "SELECT CURRENT_ROLE()")).isEqualTo("reader");
        }
    }

    @Test
    void expiredPasswordIsTheServersToJudge() throws Exception {
        Program asleep = shop.cli("expired", "secret", "SELECT 5 + 5");
        assertThat(asleep.out()).contains("1820");

        Program changed = shop.cli("expired", "secret", "SET PASSWORD = PASSWORD('fresh')");
        assertThat(changed.status()).as(changed.out()).isZero();
        assertThat(shop.cli("expired", "fresh", "SELECT 5 + 5").out().strip()).isEqualTo("10");
        shop.awaitAsleep();
        Shop.Rest rest = shop.rest();
        assertThat(shop.cli("expired", "secret", "SELECT 5 + 5").out()).contains("1045");
        rest.isUndisturbed();
    }

    // ------------------------------------------------------------ the client's own address

    @Test
    void grantsAndProcesslistSeeTheClientsOwnAddress() throws Exception {
        Shop.Rest rest = shop.rest();
        try (Connection one = shop.connectTo("", "homed", "one");
                Connection two = shop.connectTo("app", "homed", "two", "localSocketAddress=127.0.0.2")) {
            rest.isUndisturbed();

            assertThat(Shop.one(two, "SELECT CURRENT_USER()")).isEqualTo("homed@127.0.0.2");
            assertThat(Shop.one(two, "SELECT USER()")).isEqualTo("homed@127.0.0.2");
            assertThat(Shop.one(two, "SELECT host FROM information_schema.processlist WHERE id = CONNECTION_ID()"))
                    .startsWith("127.0.0.2:");
            assertThat(Shop.one(one, "SELECT CURRENT_USER()")).isEqualTo("homed@127.0.0.1");
            assertThat(Shop.one(one, "SELECT USER()")).isEqualTo("homed@127.0.0.1");
        }
        shop.awaitAsleep();
        assertThat(refusal("", "homed", "one", "localSocketAddress=127.0.0.2").getMessage())
                .contains("'homed'@'127.0.0.2'");
    }

    // ------------------------------------------------------------ accounts that change

    @Test
    void userMadeWhileAwakeLogsInAtOnceAndAsleep() throws Exception {
        shop.asRoot("CREATE USER newcomer@'%' IDENTIFIED BY 'first'");
        try (Connection atOnce = shop.connectTo("", "newcomer", "first")) {
            assertThat(Shop.one(atOnce, "SELECT CURRENT_USER()")).isEqualTo("newcomer@%");
            shop.awaitAsleep();
            assertThat(Shop.one(atOnce, "SELECT CURRENT_USER()"))
                    .as("carried over the sleep")
                    .isEqualTo("newcomer@%");
        }
        shop.awaitAsleep();
        Shop.Rest rest = shop.rest();
        shop.connectTo("", "newcomer", "first").close();
        rest.isUndisturbed();

        shop.asRoot("SET PASSWORD FOR newcomer@'%' = PASSWORD('second')");
        assertThat(refusal("", "newcomer", "first").getErrorCode()).isEqualTo(1045);
        shop.awaitAsleep();
        rest = shop.rest();
        assertThat(refusal("", "newcomer", "first").getErrorCode()).isEqualTo(1045);
        shop.connectTo("", "newcomer", "second").close();
        rest.isUndisturbed();

        shop.asRoot("DROP USER newcomer@'%'");
        shop.awaitAsleep();
        rest = shop.rest();
        assertThat(refusal("", "newcomer", "second").getErrorCode()).isEqualTo(1045);
        rest.isUndisturbed();
    }

    @Test
    void heldSessionOfAnAccountWhosePasswordChangedEndsAtItsNextStatement() throws Exception {
        shop.asRoot("CREATE OR REPLACE USER mover@'%' IDENTIFIED BY 'first'");
        shop.awaitAsleep();
        try (Connection held = shop.connectTo("", "mover", "first")) {
            shop.asRoot("SET PASSWORD FOR mover@'%' = PASSWORD('second')");

            SQLException ended = catchThrowableOfType(SQLException.class, () -> Shop.one(held, "SELECT 5 + 5"));

            assertThat(ended.getErrorCode()).isEqualTo(1045);
            assertThat(held.isValid(5)).isFalse();
        }
    }

    // ------------------------------------------------------------ signatures

    @Test
    void anAccountThatCameToBeSignedForWhileAwakeLogsInAtOnce() throws Exception {
        assumeTrue(
                Files.exists(Path.of(shop.asRoot("SELECT @@plugin_dir").strip(), "auth_ed25519.so")),
                "the server has no ed25519 plugin");
        shop.asRoot("INSTALL SONAME 'auth_ed25519'; CREATE OR REPLACE USER turned@'%' IDENTIFIED BY '"
                + ED25519_PASSWORD + "'");
        shop.awaitAsleep();
        try (Connection before = shop.connectTo("", "turned", ED25519_PASSWORD)) {
            assertThat(Shop.one(before, "SELECT CURRENT_USER()")).isEqualTo("turned@%");
            shop.asRoot("ALTER USER turned@'%' IDENTIFIED VIA ed25519 USING PASSWORD('" + ED25519_PASSWORD + "')");

            assertThat(shop.cli("turned", ED25519_PASSWORD, "SELECT CURRENT_USER()")
                            .out()
                            .strip())
                    .isEqualTo("turned@%");
            assertThat(refusal("", "turned", "wrong").getErrorCode()).isEqualTo(1045);
            try (Connection after = shop.connectTo("", "turned", ED25519_PASSWORD)) {
                assertThat(Shop.one(after, "SELECT CURRENT_USER()")).isEqualTo("turned@%");
            }
        }
    }

    @Test
    void signedLoginIsVerifiedAsleepAndWakesInsideTheHandshake() throws Exception {
        assumeTrue(
                Files.exists(Path.of(shop.asRoot("SELECT @@plugin_dir").strip(), "auth_ed25519.so")),
                "the server has no ed25519 plugin");
        shop.asRoot("INSTALL SONAME 'auth_ed25519'; CREATE OR REPLACE USER signer@'%' IDENTIFIED VIA ed25519 USING"
                + " PASSWORD('" + ED25519_PASSWORD + "')");
        shop.awaitAsleep();
        Shop.Rest rest = shop.rest();

        Program wrong = shop.cli("signer", "wrong", "SELECT 5 + 5");
        assertThat(wrong.out()).contains("ERROR 1045 (28000): Access denied for user 'signer'@'127.0.0.1'");
        assertThat(refusal("", "signer", "wrong").getErrorCode()).isEqualTo(1045);
        rest.isUndisturbed();

        assertThat(shop.cli("signer", ED25519_PASSWORD, "SELECT CURRENT_USER()")
                        .out()
                        .strip())
                .isEqualTo("signer@%");
        rest.isEndedByOneStart();
        shop.awaitAsleep();

        try (Connection driver = shop.connectTo("", "signer", ED25519_PASSWORD)) {
            assertThat(Shop.one(driver, "SELECT CURRENT_USER()")).isEqualTo("signer@%");
            long pid = shop.pid();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            shop.awaitAsleep();
            SQLException ended = catchThrowableOfType(SQLException.class, () -> Shop.one(driver, "SELECT 5 + 5"));
            assertThat(ended.getErrorCode()).as("never rebuilt in silence").isEqualTo(1927);
            assertThat(ended.getMessage()).contains("login that only the client can repeat");
        }
    }

    // ------------------------------------------------------------ what only the server can verify

    @Test
    void loginThatOnlyTheServerCanVerifyWakesOnlyWhereItMay() throws Exception {
        assumeTrue(
                Files.exists(Path.of(shop.asRoot("SELECT @@plugin_dir").strip(), "auth_pam.so")),
                "the server has no pam plugin");
        shop.asRoot("INSTALL SONAME 'auth_pam'; CREATE OR REPLACE USER pam@'%' IDENTIFIED VIA pam");
        shop.awaitAsleep();
        Shop.Rest rest = shop.rest();

        Program denied = shop.cli("pam", "any", "SELECT 5 + 5");

        assertThat(denied.out()).contains("ERROR 1045 (28000)").contains("wakeUnverified");
        rest.isUndisturbed();

        shop.change("  sleep: {after: 1s, wakeUnverified: Allow}");
        try {
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> Files.readString(shop.host().log()).contains("default/shop: changed"));
            Program judged = shop.cli("pam", "any", "SELECT 5 + 5");
            assertThat(judged.out()).doesNotContain("wakeUnverified").contains("ERROR");
            assertThat(shop.host().serverStarts(Shop.NAME)).isEqualTo(rest.starts() + 1);
        } finally {
            shop.change("  sleep: {after: 1s}");
        }
    }

    // ------------------------------------------------------------ secrets

    @Test
    void passwordsAndHashesStandInNoLog() throws Exception {
        shop.connect().close();
        refusal("", "app", "mistyped-password");
        try (Connection connection = shop.connect()) {
            assertThat(Shop.one(connection, "SELECT 5 + 5")).isEqualTo("10");
        }
        shop.awaitAsleep();

        assertThat(Files.getPosixFilePermissions(
                        shop.host().instanceFolder(Shop.NAME).resolve("accounts.json")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        String log = Files.readString(shop.host().log()).toLowerCase(Locale.ROOT);
        byte[] once = sha1("secret".getBytes(StandardCharsets.UTF_8));
        assertThat(log)
                .contains("logged in")
                .doesNotContain("mistyped-password")
                .doesNotContain(ED25519_PASSWORD)
                .doesNotContain("secret")
                .doesNotContain(HexFormat.of().formatHex(once))
                .doesNotContain(HexFormat.of().formatHex(sha1(once)));
    }

    private static byte[] sha1(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-1").digest(bytes);
    }

    private static SQLException refusal(String database, String user, String password, String... options) {
        SQLException refused = catchThrowableOfType(
                SQLException.class,
                () -> shop.connectTo(database, user, password, options).close());
        assertThat((Throwable) refused).as("%s is refused", user).isNotNull();
        return refused;
    }
}
