package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server that comes too late, not at all, or not as it was promised. */
@Tag("slow")
class FailedWakeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void missedDeadlineIsToldAndTheSessionGoesOn() throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 1s}");
                Connection session = shop.connect()) {
            Path brake = Files.createTempFile("hl-brake", null);
            Path server = slowServer(brake);
            try {
                change(shop, "  sleep: {after: 1s, wakeDeadline: 2s}", server);

                SQLException missed = catchThrowableOfType(SQLException.class, () -> Shop.one(session, "SELECT 5 + 5"));

                assertThat(missed.getErrorCode()).isEqualTo(1429);
                assertThat(missed.getMessage())
                        .contains("gave no connection within 2.0 s (sleep.wakeDeadline): it is still waking")
                        .contains("The statement did not run");
                SQLException atTheDoor = catchThrowableOfType(
                        SQLException.class, () -> shop.connectAs("app", "wrong").close());
                assertThat(atTheDoor.getErrorCode())
                        .as("the door decides logins meanwhile")
                        .isEqualTo(1045);

                Files.delete(brake);

                Awaitility.await()
                        .atMost(PATIENCE)
                        .ignoreExceptions()
                        .untilAsserted(() ->
                                assertThat(Shop.one(session, "SELECT 5 + 5")).isEqualTo("10"));
            } finally {
                Files.deleteIfExists(brake);
                Files.delete(server);
            }
        }
    }

    /** A server that waits before it starts for as long as {@code brake} exists; questions about itself it answers. */
    private static Path slowServer(Path brake) throws IOException {
        Path script = Files.createTempFile("hl-slow", ".sh");
        Files.writeString(script, """
                #!/bin/sh
                case "$*" in
                  *--socket=*) while [ -e %s ]; do sleep 0.1; done ;;
                esac
                for server in /usr/sbin/mariadbd /usr/libexec/mariadbd /usr/bin/mariadbd "$(command -v mariadbd)"; do
                  [ -x "$server" ] && exec "$server" "$@"
                done
                """.formatted(brake));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    private static void change(Shop shop, String sleep, Path server) throws IOException, InterruptedException {
        // the listen line of the manifest stays the first of its part
        Path manifest = shop.host().manifests().resolve(Shop.NAME + ".yaml");
        shop.host().instance(Shop.NAME, shop.port(), "    process: {server: " + server + "}", sleep);
        assertThat(Files.readString(manifest)).contains(server.toString());
        reload(shop);
    }

    private static void reload(Shop shop) throws IOException, InterruptedException {
        long before = changes(shop);
        shop.host().reload();
        Awaitility.await("the changed manifest").atMost(PATIENCE).until(() -> changes(shop) > before);
    }

    private static long changes(Shop shop) throws IOException {
        return Files.readString(shop.host().log())
                .lines()
                .filter(line -> line.contains("default/shop: changed"))
                .count();
    }

    @Test
    void serverThatDoesNotStartIsExplainedAndWorksOnceCorrected() throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 1s}")) {
            try (Connection session = shop.connect()) {
                shop.host().instance(Shop.NAME, shop.port(), "  sleep: {after: 1s}", "  myCnf: no-such-option = 1");
                reload(shop);
                long starts = shop.host().serverStarts(Shop.NAME);

                SQLException first = awaitRefusal(session);

                assertThat(first.getErrorCode()).isEqualTo(1429);
                assertThat(first.getMessage())
                        .contains("could not be woken")
                        .contains("no-such-option")
                        .contains("The statement did not run; the next try is possible in")
                        .doesNotContain("\n");
                assertThat(Files.readString(shop.host().log()))
                        .contains("its last lines:")
                        .contains("unknown variable 'no-such-option=1'");

                // the more it fails, the longer it rests
                for (int failures = 2; failures <= 3; failures++) {
                    int wanted = failures;
                    Awaitility.await().atMost(PATIENCE).until(() -> {
                        awaitRefusal(session);
                        return failures(shop) >= wanted;
                    });
                }
                long failures = failures(shop);
                for (int i = 0; i < 20; i++) {
                    awaitRefusal(session);
                }
                assertThat(failures(shop)).as("no start for each statement").isLessThanOrEqualTo(failures + 1);
                assertThat(shop.host().serverStarts(Shop.NAME)).isEqualTo(starts);

                shop.host().instance(Shop.NAME, shop.port(), "  sleep: {after: 1s}");
                reload(shop);

                Awaitility.await()
                        .atMost(PATIENCE)
                        .ignoreExceptions()
                        .untilAsserted(() ->
                                assertThat(Shop.one(session, "SELECT 5 + 5")).isEqualTo("10"));
            }
        }
    }

    private static SQLException awaitRefusal(Connection session) {
        SQLException refused = catchThrowableOfType(SQLException.class, () -> Shop.one(session, "SELECT 5 + 5"));
        assertThat((Throwable) refused).isNotNull();
        return refused;
    }

    private static long failures(Shop shop) throws IOException {
        return Files.readString(shop.host().log())
                .lines()
                .filter(line -> line.contains("the server did not start"))
                .count();
    }

    @Test
    void promisedSetThatTheServerThenRefusesIsToldWithTheNextStatement() throws Exception {
        // a limit that turns a large value into an error, in the strictest mode
        try (Shop shop = Shop.asleep("  sleep: {after: 1s}", "  myCnf: maximum-group-concat-max-len = 1000");
                Connection session = shop.connect()) {
            Shop.Rest rest = shop.rest();
            Shop.say(session, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
            Shop.say(session, "SET SESSION group_concat_max_len = 4321");
            rest.isUndisturbed();

            SQLException refused = catchThrowableOfType(SQLException.class, () -> Shop.one(session, "SELECT 5 + 5"));

            assertThat(refused.getErrorCode()).isEqualTo(1231);
            assertThat(refused.getMessage()).contains("group_concat_max_len");
            assertThat(Shop.one(session, "SELECT 5 + 5")).isEqualTo("10");
            assertThat(Shop.one(session, "SELECT @@group_concat_max_len")).isEqualTo("1048576");
            assertThat(Shop.one(session, "SELECT @@sql_mode")).isEqualTo("STRICT_ALL_TABLES");
        }
    }

    @Test
    void instanceThatMaySleepAtOnceDoes() throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 1ms}");
                Connection session = shop.connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(Shop.one(session, "SELECT 5 + 5")).isEqualTo("10");
                shop.awaitAsleep();
            }
        }
    }
}
