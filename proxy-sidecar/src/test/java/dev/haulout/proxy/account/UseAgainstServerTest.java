package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Every USE is tried at a real server and answered here, and the two must say the same. */
class UseAgainstServerTest {
    private static final List<String> USERS = List.of(
            "root",
            "nothing",
            "everything",
            "selector",
            "superuser",
            "shop",
            "shopany",
            "wild",
            "escaped",
            "reader",
            "writer",
            "caller",
            "funcaller",
            "rolled",
            "nested",
            "globalrole",
            "elsewhere",
            "creator",
            "granter",
            "stranger");
    private static final List<String> DATABASES = List.of(
            "shop",
            "Shop",
            "SHOP",
            "shop_1",
            "shopx1",
            "shop2",
            "test_open",
            "other",
            "none_such",
            "shop_none",
            "mysql",
            "performance_schema",
            "sys",
            "information_schema",
            "INFORMATION_schema",
            "with space",
            "dotted.name",
            "dash-ed",
            "käse");
    private static final List<Optional<String>> ROLES =
            List.of(Optional.empty(), Optional.of("r_shop"), Optional.of("r_all"), Optional.of("r_global"));
    private static final List<ClientHost> HOSTS =
            List.of(ClientHost.ofUnixSocket(), new ClientHost("127.0.0.1", false));

    private enum Answer {
        ALLOWED,
        DENIED,
        MISSING
    }

    @Test
    void everyUseIsAnsweredAsByTheServer() throws Exception {
        compareAll();
    }

    @Test
    void everyUseIsAnsweredAsByAServerThatIgnoresCase() throws Exception {
        compareAll("--lower-case-table-names=1");
    }

    private static void compareAll(String... options) throws Exception {
        try (RealServer server = RealServer.start(options)) {
            fill(server);
            AccountBook book = server.book();
            SoftAssertions all = new SoftAssertions();
            Set<Answer> seen = EnumSet.noneOf(Answer.class);
            for (String user : USERS) {
                for (ClientHost host : HOSTS) {
                    compare(all, seen, server, book, user, host);
                }
            }
            all.assertAll();
            assertThat(seen).containsExactlyInAnyOrder(Answer.values());
        }
    }

    private static void fill(RealServer server) throws IOException {
        boolean ignoresCase = server.book().settings().lowerCaseTableNames() != 0;
        server.execute(
                "SET sql_mode = ''",
                "CREATE DATABASE shop",
                "CREATE DATABASE shop_1",
                "CREATE DATABASE shopx1",
                "CREATE DATABASE shop2",
                "CREATE DATABASE test_open",
                "CREATE DATABASE other",
                "CREATE DATABASE `with space`",
                "CREATE DATABASE `dotted.name`",
                "CREATE DATABASE `dash-ed`",
                "CREATE DATABASE `käse`",
                "CREATE TABLE shop.t (a INT, b INT)",
                "CREATE TABLE other.t (a INT)",
                "CREATE TABLE shopx1.t (a INT)",
                "CREATE PROCEDURE other.p() SELECT 1",
                "CREATE FUNCTION shop2.f() RETURNS INT RETURN 1",
                "CREATE USER nothing, stranger",
                "GRANT ALL ON *.* TO everything",
                "GRANT SELECT ON *.* TO selector",
                "GRANT SUPER, RELOAD, PROCESS, SHOW DATABASES, FILE, CREATE USER ON *.* TO superuser",
                "GRANT CREATE ON *.* TO creator",
                "GRANT USAGE ON *.* TO granter WITH GRANT OPTION",
                "GRANT INSERT ON shop.* TO shop",
                "GRANT SELECT ON Shop.* TO shop@'127.0.0.1'",
                "GRANT ALL ON `%`.* TO shopany",
                "GRANT SELECT ON `shop_1`.* TO wild",
                "GRANT SELECT ON `%pace`.* TO wild",
                "GRANT SELECT ON `k__se`.* TO wild",
                "GRANT SELECT ON `shop\\_%`.* TO `escaped`",
                "GRANT SELECT (a) ON shop.t TO reader",
                "GRANT SELECT ON other.t TO writer",
                "GRANT EXECUTE ON PROCEDURE other.p TO caller",
                "GRANT EXECUTE ON FUNCTION shop2.f TO funcaller",
                "CREATE ROLE r_shop, r_all, r_global",
                "GRANT SELECT ON shop.* TO r_shop",
                "GRANT EXECUTE ON PROCEDURE other.p TO r_shop",
                "GRANT r_shop TO r_all",
                "GRANT SELECT ON shop2.* TO r_all",
                "GRANT DELETE ON *.* TO r_global",
                "CREATE USER rolled, nested, globalrole",
                "GRANT r_shop TO rolled",
                "GRANT r_all TO nested",
                "GRANT r_global TO globalrole",
                "CREATE USER elsewhere",
                "GRANT SELECT ON shop.* TO elsewhere@'10.0.0.1'",
                "GRANT SELECT ON other.* TO elsewhere@localhost",
                "GRANT SELECT ON shop2.* TO elsewhere@'127.0.0.0/255.0.0.0'",
                "GRANT SELECT ON shopx1.t TO elsewhere@'127.%'",
                "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', 'test\\\\_%', '', 'Y')",
                "FLUSH PRIVILEGES");
        if (server.book().settings().isSince(10, 11)) {
            server.execute("GRANT SELECT ON `dash-ed`.* TO PUBLIC");
        }
        if (!ignoresCase) {
            server.execute("CREATE DATABASE `Shop`");
        }
    }

    private static void compare(
            SoftAssertions all, Set<Answer> seen, RealServer server, AccountBook book, String user, ClientHost host)
            throws IOException {
        if (!(book.find(user, host) instanceof AccountChoice.Chosen(Account account))) {
            throw new AssertionError(user + " has no account");
        }
        for (Optional<String> role : ROLES) {
            try (RealClient client = RealClient.connect(server, host, new RealClient.Options().user(user))) {
                if (!setsRole(client, role)) {
                    continue;
                }
                for (String database : DATABASES) {
                    all.assertThat(ours(book.mayUse(account, host, role, database), seen))
                            .as("%s from %s with %s: USE %s", user, host.text(), role, database)
                            .isEqualTo(real(client, database));
                }
            }
        }
    }

    private static boolean setsRole(RealClient client, Optional<String> role) throws IOException {
        try {
            client.query("SET ROLE " + role.orElse("NONE"));
            return true;
        } catch (ServerError notGranted) {
            return false;
        }
    }

    private static String real(RealClient client, String database) throws IOException {
        try {
            client.query("USE `" + database + "`");
            return client.query("SELECT DATABASE()").get(0).get(0);
        } catch (ServerError refused) {
            return refused.error().toString();
        }
    }

    private static String ours(DatabaseUse use, Set<Answer> seen) {
        return switch (use) {
            case DatabaseUse.Allowed(String name) -> {
                seen.add(Answer.ALLOWED);
                yield name;
            }
            case DatabaseUse.AccessDenied(Refusal refusal) -> {
                seen.add(Answer.DENIED);
                yield refusal.toString();
            }
            case DatabaseUse.NoSuchDatabase(Refusal refusal) -> {
                seen.add(Answer.MISSING);
                yield refusal.toString();
            }
            case DatabaseUse.Unknown() -> "unknown";
        };
    }
}
