package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What pools say to idle connections, a validation query that the instance's owner calls a keep-alive among it. */
class KeepAlivesTest {
    private static final String PING = "SELECT COUNT(*) FROM health";

    private Shop shop;

    @BeforeEach
    void open() throws Exception {
        shop = Shop.asleep("  sleep: {after: 2s, keepAlives: [select count(*) from health]}");
        try (Connection connection = shop.connect()) {
            Shop.say(connection, "CREATE TABLE health (a INT)");
            Shop.say(connection, "INSERT INTO health VALUES (1), (2)");
        }
    }

    @AfterEach
    void close() throws IOException {
        shop.close();
    }

    @Test
    void neitherKeepsItAwakeNorWakesIt() throws Exception {
        try (Connection connection = shop.connect()) {
            // Connector/J sends its own word for it in between
            await("sleep under steady keep-alives")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> Shop.one(connection, PING).equals("2")
                            && shop.host().status(Shop.NAME).state().equals("Asleep"));
            Shop.Rest rest = shop.rest();

            for (int i = 0; i < 20; i++) {
                assertThat(Shop.one(connection, PING)).isEqualTo("2");
                assertThat(connection.isValid(5)).isTrue();
                assertThat(Shop.one(connection, "SELECT 1")).isEqualTo("1");
            }
            rest.isUndisturbed();

            assertThat(Shop.one(connection, "SELECT SUM(a) FROM health")).isEqualTo("3");
            rest.isEndedByOneStart();
        }
    }

    @Test
    void whatTheDoorAnswersAsleepDoesNotKeepItAwake() throws Exception {
        try (Connection connection = shop.connect()) {
            assertThat(Shop.one(connection, "SELECT SUM(a) FROM health")).isEqualTo("3");
            await("sleep while connections are set up")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        Shop.say(connection, "SET NAMES utf8mb4");
                        Shop.say(connection, "SET sql_mode = 'ANSI', @mine = 1");
                        Shop.say(connection, "USE app");
                        Shop.one(connection, "SELECT @@autocommit");
                        shop.connect().close();
                        return shop.host().status(Shop.NAME).state().equals("Asleep");
                    });
        }
    }

    @Test
    void anAnswerThatMayHaveChangedIsAskedForAnew() throws Exception {
        try (Connection pool = shop.connect();
                Connection writer = shop.connect()) {
            assertThat(Shop.one(pool, PING)).isEqualTo("2");
            Shop.say(writer, "INSERT INTO health VALUES (3)");
            shop.awaitAsleep();
            Shop.Rest rest = shop.rest();

            assertThat(Shop.one(pool, PING)).isEqualTo("3");
            rest.isEndedByOneStart();
        }
    }

    @Test
    void anAnswerOfAnotherStateOfTheSessionIsAskedForAnew() throws Exception {
        try (Connection pool = shop.connect()) {
            await("sleep under steady keep-alives")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> Shop.one(pool, PING).equals("2")
                            && shop.host().status(Shop.NAME).state().equals("Asleep"));
            Shop.Rest rest = shop.rest();

            Shop.say(pool, "SET NAMES utf8mb4");
            rest.isUndisturbed();
            assertThat(Shop.one(pool, PING)).isEqualTo("2");
            rest.isEndedByOneStart();
        }
    }
}
