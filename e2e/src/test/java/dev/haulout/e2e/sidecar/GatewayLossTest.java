package dev.haulout.e2e.sidecar;

import static dev.haulout.e2e.sidecar.Pair.one;
import static dev.haulout.e2e.sidecar.Pair.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The gateway ends, in every way, and another comes: what becomes of the sessions. */
@Tag("slow")
class GatewayLossTest {
    private Pair pair;

    @BeforeEach
    void start() throws Exception {
        pair = Pair.asleep("  sleep: {after: 2s}");
        try (Connection connection = pair.connect()) {
            say(connection, "CREATE TABLE t (a INT)");
            say(connection, "INSERT INTO t VALUES (7)");
        }
    }

    @AfterEach
    void stop() throws IOException {
        pair.close();
    }

    @Test
    void afterAKillSessionsThatAreKnownGoOnAndOthersAreTold() throws Exception {
        // given: one that only read, one that wrote, one in a transaction
        try (Connection reader = pair.connect();
                Connection writer = pair.connect();
                Connection inTransaction = pair.connect()) {
            say(reader, "SET SESSION group_concat_max_len = 4321");
            assertThat(one(reader, "SELECT a FROM t")).isEqualTo("7");
            say(writer, "INSERT INTO t VALUES (8)");
            inTransaction.setAutoCommit(false);
            say(inTransaction, "INSERT INTO t VALUES (9)");

            pair.gateway().kill();
            pair.gateway().start();

            assertThat(one(reader, "SELECT GROUP_CONCAT(a ORDER BY a) FROM t")).isEqualTo("7,8");
            assertThat(one(reader, "SELECT @@group_concat_max_len + 0")).isEqualTo("4321");
            for (Connection ended : new Connection[] {writer, inTransaction}) {
                SQLException told = catchThrowableOfType(SQLException.class, () -> one(ended, "SELECT a FROM t"));
                assertThat(told.getErrorCode()).isEqualTo(1927);
                assertThat(told.getMessage()).contains("the gateway ended, and with it");
            }
        }
    }

    @Test
    void whatAGatewayHasToldOfASessionOutlivesItsKill() throws Exception {
        try (Connection writer = pair.connect()) {
            say(writer, "INSERT INTO t VALUES (8)");
            say(writer, "SET @kept = 'yes'");
            say(writer, "SET SESSION group_concat_max_len = 4321");
            pair.awaitAsleep(); // the gateway has asked the session about itself, and told

            pair.gateway().kill();
            pair.gateway().start();
            pair.awaitAsleep();

            assertThat(writer.isValid(5)).isTrue();
            assertThat(pair.serverRuns()).as("a keep-alive wakes nothing").isFalse();
            assertThat(one(writer, "SELECT CONCAT(@kept, @@group_concat_max_len, COUNT(*)) FROM t"))
                    .isEqualTo("yes43212");
        }
    }

    @Test
    void whenAGatewayStopsSessionsGoOnUnaware() throws Exception {
        try (Connection sleeper = pair.connect();
                Connection reader = pair.connect()) {
            say(sleeper, "INSERT INTO t VALUES (8)");
            say(sleeper, "SET @kept = 'yes'");
            pair.awaitAsleep();
            assertThat(one(reader, "SELECT COUNT(*) FROM t")).isEqualTo("2");

            pair.gateway().stop();
            pair.gateway().start();

            assertThat(one(reader, "SELECT COUNT(*) FROM t")).isEqualTo("2");
            assertThat(one(sleeper, "SELECT CONCAT(@kept, COUNT(*)) FROM t")).isEqualTo("yes2");
        }
    }

    @Test
    void aStatementWaitsUntilThereIsAGatewayAgain() throws Exception {
        try (Connection connection = pair.connect()) {
            assertThat(one(connection, "SELECT a FROM t")).isEqualTo("7");
            pair.gateway().kill();
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
                try (Connection late = pair.connect()) {
                    return one(late, "SELECT a FROM t") + one(connection, "SELECT a FROM t");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> pair.sidecar().logged().contains("no gateway answers"));
            assertThat(answer).isNotDone();

            pair.gateway().start();

            assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo("77");
        }
    }

    @Test
    void theOutcomeOfAStatementInFlightIsUnknown() throws Exception {
        try (Connection connection = pair.connect();
                Connection watcher = pair.connectToGateway("app", "secret")) {
            CompletableFuture<SQLException> told = CompletableFuture.supplyAsync(
                    () -> catchThrowableOfType(SQLException.class, () -> one(connection, "SELECT SLEEP(60)")));
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> one(
                                    watcher,
                                    "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(60)'")
                            .equals("1"));

            pair.gateway().kill();

            assertThat(told.get(60, TimeUnit.SECONDS).getErrorCode()).isEqualTo(1152);
            assertThat(connection.isValid(5)).isFalse();
            pair.gateway().start();
        }
    }

    @Test
    void whenTheSidecarIsToStopAStatementMayFinish() throws Exception {
        try (Connection connection = pair.connect();
                Connection watcher = pair.connectToGateway("app", "secret")) {
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return one(connection, "SELECT SLEEP(3)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> one(
                                    watcher,
                                    "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(3)'")
                            .equals("1"));

            pair.sidecar().process().destroy();

            assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo("0");
            assertThat(pair.sidecar().process().waitFor()).isZero();
        }
    }
}
