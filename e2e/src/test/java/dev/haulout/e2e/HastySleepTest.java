package dev.haulout.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Sleep is due before Haulout's own questions to the fresh server are answered, as on a busy machine. */
class HastySleepTest {
    @Test
    void ownConnectionToTheServerNeverKeepsItAwake() throws Exception {
        int port = HostProcess.freePort();
        try (HostProcess host = HostProcess.prepare()
                .instance("shop", port, "  sleep: {after: 1ms}")
                .start()) {
            for (int wake = 1; wake <= 3; wake++) {
                try (Connection connection = DriverManager.getConnection(
                                "jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
                        Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM information_schema.TABLES")) {
                    assertThat(rows.next()).isTrue();
                }
                host.awaitAsleep("shop");
            }
        }
    }
}
