package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many clients at one sleeping instance. */
@Tag("slow")
class CrowdTest {
    private static final int DRIVERS = 192;
    private static final int PROGRAMS = 8;

    /** Haulout keeps two of the server's connections from sessions. */
    private static final int RESERVED = 2;

    @ParameterizedTest
    @ValueSource(ints = {151, 50})
    void crowdStartsOneServerAndGetsTheRightAnswers(int maxConnections) throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 2s}", "  myCnf: max_connections = " + maxConnections);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            try (Connection first = shop.connect()) {
                Shop.say(first, "CREATE TABLE answers (number INT PRIMARY KEY)");
                assertThat(Shop.one(first, "SELECT @@max_connections")).isEqualTo(Integer.toString(maxConnections));
            }
            shop.awaitAsleep();
            Shop.Rest rest = shop.rest();
            CountDownLatch go = new CountDownLatch(1);

            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < DRIVERS; i++) {
                int number = i;
                answers.add(threads.submit(() -> {
                    go.await();
                    try (Connection connection = shop.connect()) {
                        return insertAndSelect(connection, number);
                    }
                }));
            }
            for (int i = DRIVERS; i < DRIVERS + PROGRAMS; i++) {
                String number = Integer.toString(i);
                answers.add(threads.submit(() -> {
                    go.await();
                    return shop.cli(
                                    "app",
                                    "secret",
                                    "INSERT INTO answers VALUES (" + number
                                            + "); SELECT number FROM answers WHERE number = " + number,
                                    "--database=app")
                            .out()
                            .strip();
                }));
            }
            go.countDown();

            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo(Integer.toString(i));
            }
            rest.isEndedByOneStart();
            try (Connection after = shop.connect()) {
                assertThat(Shop.one(after, "SELECT COUNT(*) FROM answers"))
                        .isEqualTo(Integer.toString(DRIVERS + PROGRAMS));
            }
        }
    }

    private static String insertAndSelect(Connection connection, int number) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO answers VALUES (?)")) {
            insert.setInt(1, number);
            insert.executeUpdate();
        }
        return Shop.one(connection, "SELECT number FROM answers WHERE number = " + number);
    }

    @Test
    void sessionsBeyondTheServersConnectionsWaitAndAreToldAtTheDeadline() throws Exception {
        int maxConnections = 12;
        int slots = maxConnections - RESERVED;
        try (Shop shop =
                Shop.asleep("  sleep: {after: 2s, wakeDeadline: 5s}", "  myCnf: max_connections = " + maxConnections)) {
            prepareTable(shop);
            List<Connection> inTransactions = new ArrayList<>();
            List<Connection> beyond = new ArrayList<>();
            try {
                // given: all have logged in while it slept, and each slot is taken by an open transaction
                for (int i = 0; i < slots; i++) {
                    inTransactions.add(shop.connect());
                }
                beyond.add(shop.connect());
                beyond.add(shop.connect());
                for (Connection connection : inTransactions) {
                    connection.setAutoCommit(false);
                    Shop.say(connection, "INSERT INTO drafts VALUES (1)");
                }

                for (Connection connection : beyond) {
                    SQLException refused = catchSql(() -> Shop.one(connection, "SELECT 5 + 5"));
                    assertThat(refused.getErrorCode()).isEqualTo(1429);
                    assertThat(refused.getMessage())
                            .contains("within 5.0 s (sleep.wakeDeadline)")
                            .contains("all " + slots + " connections of the server are in use (max_connections)")
                            .contains("The statement did not run");
                }
                SQLException newcomer = catchSql(shop::connect);
                assertThat(newcomer.getErrorCode()).isEqualTo(1040);
                assertThat(newcomer.getSQLState()).isEqualTo("08004");

                // then: the transactions were not disturbed, and who was refused goes on once a slot is free
                for (Connection connection : inTransactions) {
                    connection.commit();
                }
                for (Connection connection : beyond) {
                    assertThat(Shop.one(connection, "SELECT 5 + 5")).isEqualTo("10");
                }
            } finally {
                closeAll(inTransactions);
                closeAll(beyond);
            }
        }
    }

    @Test
    void waitingStatementGetsTheSlotThatATransactionGivesBack() throws Exception {
        int maxConnections = 12;
        try (Shop shop = Shop.asleep("  sleep: {after: 2s}", "  myCnf: max_connections = " + maxConnections);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            prepareTable(shop);
            List<Connection> inTransactions = new ArrayList<>();
            try (Connection waiting = shop.connect()) {
                for (int i = 0; i < maxConnections - RESERVED; i++) {
                    Connection connection = shop.connect();
                    inTransactions.add(connection);
                    connection.setAutoCommit(false);
                    Shop.say(connection, "INSERT INTO drafts VALUES (1)");
                }
                Future<String> answer = threads.submit(() -> Shop.one(waiting, "SELECT 5 + 5"));
                // a second of waiting in the queue; nothing outside shows that the statement has come
                Awaitility.await()
                        .atMost(Duration.ofMinutes(1))
                        .pollDelay(java.time.Duration.ofSeconds(1))
                        .until(() -> !answer.isDone());

                inTransactions.removeFirst().close();

                assertThat(answer.get()).isEqualTo("10");
            } finally {
                closeAll(inTransactions);
            }
        }
    }

    private static void prepareTable(Shop shop) throws SQLException {
        try (Connection first = shop.connect()) {
            Shop.say(first, "CREATE TABLE drafts (a INT) ENGINE = InnoDB");
        }
        shop.awaitAsleep();
    }

    private static void closeAll(List<Connection> connections) throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
    }

    /** What is expected to fail. */
    private interface Sql {
        Object say() throws SQLException;
    }

    private static SQLException catchSql(Sql sql) {
        return org.assertj.core.api.Assertions.catchThrowableOfType(SQLException.class, sql::say);
    }
}
