package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haulout.e2e.HostProcess;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The proxy or the server is killed. */
@Tag("slow")
class LossTest {
    @Test
    void newProxyTakesOverTheServerThatRuns() throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 5s}")) {
            HostProcess host = shop.host();
            Connection before = shop.connect();
            Shop.say(before, "CREATE TABLE t (a INT)");
            Shop.say(before, "INSERT INTO t VALUES (7)");
            long pid = shop.pid();
            long starts = host.serverStarts(Shop.NAME);

            host.kill();
            assertThat(shop.pid()).as("the server outlives the proxy").isEqualTo(pid);
            host.start();

            assertThat(shop.pid()).isEqualTo(pid);
            assertThat(host.status(Shop.NAME).serverPid()).isEqualTo(pid);
            try (Connection after = shop.connect()) {
                assertThat(Shop.one(after, "SELECT a FROM t")).isEqualTo("7");
            }
            assertThat(shop.pid()).isEqualTo(pid);
            assertThat(host.serverStarts(Shop.NAME)).isEqualTo(starts);
            assertThat(catchThrowableOfType(SQLException.class, () -> Shop.one(before, "SELECT 5 + 5"))
                            .getSQLState())
                    .as("the killed proxy's sessions ended")
                    .startsWith("08");
            shop.awaitAsleep(); // the new proxy puts it to sleep too
        }
    }

    @Test
    void heldSessionsGoOnAfterTheServerWasKilledAndOpenTransactionsAreTold() throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 5s}")) {
            try (Connection writer = shop.connect()) {
                Shop.say(writer, "CREATE TABLE t (a INT)");
                Shop.say(writer, "INSERT INTO t VALUES (7)");
            }
            shop.awaitAsleep();
            // given: a session that was held all the time, one that only read, and one in a transaction
            try (Connection held = shop.connect();
                    Connection reader = shop.connect();
                    Connection inTransaction = shop.connect()) {
                Shop.say(held, "SET SESSION group_concat_max_len = 4321");
                assertThat(Shop.one(reader, "SELECT a FROM t")).isEqualTo("7");
                inTransaction.setAutoCommit(false);
                Shop.say(inTransaction, "INSERT INTO t VALUES (8)");
                long starts = shop.host().serverStarts(Shop.NAME);

                ProcessHandle.of(shop.pid()).orElseThrow().destroyForcibly();
                // whether it is started at once to recover depends on how long it had run
                shop.awaitAsleep();

                SQLException told = catchThrowableOfType(
                        SQLException.class, () -> Shop.say(inTransaction, "INSERT INTO t VALUES (9)"));
                assertThat(told.getErrorCode()).isEqualTo(1927);
                assertThat(told.getSQLState()).isEqualTo("70100");
                assertThat(told.getMessage()).contains("an open transaction");
                assertThat(inTransaction.isValid(5)).isFalse();
                assertThat(Shop.one(reader, "SELECT GROUP_CONCAT(a) FROM t")).isEqualTo("7");
                assertThat(Shop.one(held, "SELECT GROUP_CONCAT(a) FROM t")).isEqualTo("7");
                assertThat(Shop.one(held, "SELECT @@group_concat_max_len")).isEqualTo("4321");
                assertThat(shop.host().serverStarts(Shop.NAME)).isGreaterThan(starts);
                assertThat(shop.host().serverPids(Shop.NAME)).hasSize(1);
            }
        }
    }
}
