package dev.haulout.e2e.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haulout.e2e.HostProcess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the torture found, one case each. */
@Timeout(120)
class RestartTest {
    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://127.0.0.1:" + port + "/app?user=app&password=secret&socketTimeout=60000");
    }

    private static String kindOf(String why) {
        return why == null ? "" : why.replaceAll("@.*", "");
    }

    @Test
    void statementThatRanWhenTheProxyWasStoppedIsOfUnknownOutcome() throws Exception {
        int port = HostProcess.freePort();
        try (HostProcess host = HostProcess.prepare()
                        .instance("shop", port)
                        .options("--drain-seconds", "0")
                        .start();
                Connection connection = connect(port);
                Statement statement = connection.createStatement()) {
            CompletableFuture<SQLException> answer = CompletableFuture.supplyAsync(() -> catchThrowableOfType(
                    SQLException.class, () -> statement.execute("CREATE TABLE slow AS SELECT SLEEP(60) AS a")));
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() ->
                            "CREATE by app".equals(kindOf(host.status("shop").why())));

            host.process().destroy();

            SQLException told = answer.get(60, TimeUnit.SECONDS);
            assertThat(told.getErrorCode()).as("%s", told).isEqualTo(1152);
        }
    }

    @Test
    void sleepsThoughItIsIdleBeforeItWasAskedAboutItself() throws Exception {
        int port = HostProcess.freePort();
        try (HostProcess host = HostProcess.prepare()
                .instance("shop", port, "  sleep: {after: 1ms}")
                .start()) {
            host.awaitAsleep("shop");
            try (Connection connection = connect(port);
                    Statement statement = connection.createStatement()) {
                for (int i = 0; i < 5; i++) {
                    statement.execute("DO SLEEP(0.01)");

                    host.awaitAsleep("shop");
                }
            }
        }
    }
}
