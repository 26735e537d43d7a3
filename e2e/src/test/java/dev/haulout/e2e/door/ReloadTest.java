package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Manifests that come, change, go and are wrong, while others are at work. */
@Tag("slow")
class ReloadTest {
    private static final String BROKEN = """
            apiVersion: haulout.dev/v1alpha1
            kind: MariaDBInstance
            metadata: {name: broken}
            spec:
              sleep: {after: soon, wakeDedline: 5s}
              host: {listen: ["127.0.0.1:99999"]}
            """;

    @Test
    void manifestsThatComeChangeAndGoLeaveOthersTransactionsAlone() throws Exception {
        int busyPort = HostProcess.freePort();
        int shopPort = HostProcess.freePort();
        int movedPort = HostProcess.freePort();
        int newPort = HostProcess.freePort();
        try (HostProcess host = HostProcess.prepare()
                .instance("busy", busyPort, "  sleep: {after: 1s}")
                .instance("shop", shopPort, "  sleep: {after: 1h}")
                .start()) {
            try (Connection busy = connect(busyPort);
                    Connection shop = connect(shopPort)) {
                Shop.say(busy, "CREATE TABLE t (a INT)");
                Shop.say(shop, "CREATE TABLE t (a INT)");
                busy.setAutoCommit(false);
                Shop.say(busy, "INSERT INTO t VALUES (1)");
                long pid = host.serverPids("busy").getFirst();

                // when one changes and one comes
                host.instance("shop", movedPort, "  sleep: {after: 1s}");
                host.instance("added", newPort, "  sleep: {after: 1s}");
                reloaded(host, "default/added: added");

                try (Connection moved = connect(movedPort);
                        Connection added = connect(newPort)) {
                    assertThat(Shop.one(moved, "SELECT COUNT(*) FROM t")).isEqualTo("0");
                    assertThat(Shop.one(added, "SELECT 5 + 5")).isEqualTo("10");
                    assertThat(Shop.one(shop, "SELECT COUNT(*) FROM t"))
                            .as("a session at the closed door goes on")
                            .isEqualTo("0");
                    assertThatExceptionOfType(SQLException.class)
                            .as("the old door is closed")
                            .isThrownBy(() -> connect(shopPort));
                }
                host.awaitAsleep("shop"); // the changed sleep.after holds
                Shop.say(busy, "INSERT INTO t VALUES (2)");

                // when one goes
                Files.delete(host.manifests().resolve("added.yaml"));
                reloaded(host, "default/added: removed");

                assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(newPort));
                assertThat(host.serverPids("added")).isEmpty();
                assertThat(host.instanceFolder("added").resolve("data")).isDirectory();
                assertThat(host.serverPids("busy")).containsExactly(pid);
                busy.commit();
                assertThat(Shop.one(busy, "SELECT COUNT(*) FROM t")).isEqualTo("2");
            }
        }
    }

    @Test
    void brokenManifestChangesNothingAndEveryFaultIsLogged() throws Exception {
        try (Shop shop = Shop.asleep("  sleep: {after: 1s}")) {
            HostProcess host = shop.host();
            try (Connection working = shop.connect()) {
                working.setAutoCommit(false);
                Shop.say(working, "CREATE TABLE t (a INT)");
                Shop.say(working, "INSERT INTO t VALUES (1)");
                Files.writeString(host.manifests().resolve("broken.yaml"), BROKEN);
                // a change that is right by itself, and one that takes the instance away
                host.instance("other", HostProcess.freePort());
                Files.move(
                        host.manifests().resolve("shop.yaml"),
                        host.manifests().getParent().resolve("away.yaml"));

                host.reload();

                Awaitility.await()
                        .atMost(Duration.ofMinutes(1))
                        .untilAsserted(() -> assertThat(Files.readString(host.log()))
                                .contains("not reloaded: ")
                                .containsPattern("not reloaded: .*broken.yaml.*soon")
                                .containsPattern("not reloaded: .*broken.yaml.*wakeDedline")
                                .containsPattern("not reloaded: .*broken.yaml.*99999"));
                assertThat(host.instanceFolder("other")).doesNotExist();
                assertThat(Files.readString(host.log())).doesNotContain("removed", "added");
                working.commit();
                assertThat(Shop.one(working, "SELECT COUNT(*) FROM t")).isEqualTo("1");
                shop.connect().close();
            }
        }
    }

    @Test
    void brokenFolderAtTheStartIsReportedWholeAndNothingRuns() throws Exception {
        try (HostProcess host = HostProcess.prepare().instance("shop", HostProcess.freePort())) {
            Files.writeString(host.manifests().resolve("broken.yaml"), BROKEN);

            Program checked = Program.haulout(
                    "host", "--check", "--manifests", host.manifests().toString());
            Program started = Program.haulout(
                    "host",
                    "--manifests",
                    host.manifests().toString(),
                    "--state",
                    host.state().toString());

            for (Program said : new Program[] {checked, started}) {
                assertThat(said.status()).isEqualTo(2);
                assertThat(said.out().lines().filter(line -> line.contains("broken.yaml")))
                        .hasSize(3)
                        .anyMatch(line -> line.contains("soon"))
                        .anyMatch(line -> line.contains("wakeDedline"))
                        .anyMatch(line -> line.contains("99999"));
            }
            assertThat(host.state().resolve("instances")).doesNotExist();

            Files.delete(host.manifests().resolve("broken.yaml"));
            Program right = Program.haulout(
                    "host", "--check", "--manifests", host.manifests().toString());
            assertThat(right.status()).as(right.out()).isZero();
            assertThat(host.state()).doesNotExist();
        }
    }

    private static void reloaded(HostProcess host, String logged) throws IOException, InterruptedException {
        host.reload();
        Awaitility.await(logged)
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> Files.readString(host.log()).contains(logged));
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
    }
}
