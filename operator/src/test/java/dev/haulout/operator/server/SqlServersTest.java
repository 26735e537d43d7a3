package dev.haulout.operator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.operator.desired.Desired;
import dev.haulout.operator.desired.Release;
import dev.haulout.operator.desired.TlsServer;
import dev.haulout.proxy.backend.ServerTrust;
import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import dev.haulout.proxy.durable.Shelf;
import dev.haulout.proxy.wake.Learned;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of servers, asked of a real one. */
class SqlServersTest {
    private static final ServerAt SERVER = new ServerAt("uid", "127.0.0.1", "configuration");

    @TempDir
    private Path folder;

    private final Memory shelves = new Memory(new ConcurrentHashMap<>());
    private TlsServer server;
    private SqlServers servers;

    /** Shelves in memory: uid to name to content. */
    private record Memory(Map<String, Map<String, byte[]>> kept) implements SqlServers.Shelves {
        @Override
        public Shelf of(String uid) {
            Map<String, byte[]> mine = kept.computeIfAbsent(uid, of -> new HashMap<>());
            return new Shelf() {
                @Override
                public Optional<byte[]> read(String name) {
                    return Optional.ofNullable(mine.get(name));
                }

                @Override
                public void write(String name, byte[] content) {
                    mine.put(name, content);
                }

                @Override
                public String place(String name) {
                    return name;
                }
            };
        }

        @Override
        public void remove(String uid) {
            kept.remove(uid);
        }

        String text(String uid, String name) {
            byte[] content = kept.getOrDefault(uid, Map.of()).get(name);
            return content == null ? "" : new String(content, StandardCharsets.UTF_8);
        }
    }

    @BeforeEach
    void startServer() throws IOException, InterruptedException {
        server = new TlsServer(folder, "");
        server.root(accounts());
        KeyedCertificate own = server.authority().issueClient(CertificateAuthority.OPERATOR);
        servers = new SqlServers(
                ServerTrust.of(
                        bytes(server.authority().own().certificatePem()),
                        bytes(own.certificatePem()),
                        bytes(own.keyPem())),
                server.port(),
                shelves);
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        if (servers != null) {
            servers.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static String accounts() {
        MariaDBInstance instance = new MariaDBInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withName("shop")
                .withNamespace("shop")
                .withUid("uid")
                .build());
        return new Desired(new Release("system", Map.of(), Map.of(), 1), instance)
                .serverFiles(Map.of())
                .getData()
                .get("accounts.sql");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anAnswerTellsWhatGatewaysGreetWithAndWhoMayEnter() throws IOException, InterruptedException {
        server.root("CREATE USER shop@'%' IDENTIFIED BY 'a long Password 1!'");

        String version = servers.answer(SERVER);

        assertThat(version).contains("MariaDB");
        assertThat(shelves.text("uid", Learned.ACCOUNTS)).contains("\"shop\"");
        assertThat(shelves.text("uid", Learned.IDENTITY)).contains(version).contains("\"settled\":false");
    }

    @Test
    void aServerOfAnotherInstanceIsNotAsked() {
        assertThatThrownBy(() -> servers.answer(new ServerAt("another", "127.0.0.1", "configuration")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void trustIsWhatTheServerSays() throws IOException, InterruptedException {
        servers.trust(SERVER, List.of("10.0.0.1", "fd00::1"));

        assertThat(networks()).isEqualTo("10.0.0.1,fd00::1");
    }

    @Test
    void anUnusedServerIsFencedAndLearntForTheLastTime() throws IOException, InterruptedException {
        servers.trust(SERVER, List.of("10.0.0.1"));
        server.root("SET GLOBAL max_connections = 77");

        Servers.Asked asked = Awaitility.await("an unused server")
                .atMost(Duration.ofMinutes(1))
                .until(() -> servers.ask(SERVER, Set.of()), said -> said.busy().isEmpty());

        assertThat(networks()).isEmpty();
        assertThat(asked.changedGlobals())
                .containsEntry("max_connections", "77")
                .doesNotContainKey("proxy_protocol_networks");
        assertThat(shelves.text("uid", Learned.IDENTITY)).contains("\"settled\":true");
    }

    @Test
    void anUnusedServerSaysWhatItsSchedulerDoesNext() throws IOException, InterruptedException {
        server.root("SET GLOBAL event_scheduler = ON");
        server.root("CREATE EVENT mysql.cleanup ON SCHEDULE EVERY 1 DAY STARTS NOW() + INTERVAL 1 HOUR DO SELECT 1");

        Servers.Asked asked = Awaitility.await("an unused server")
                .atMost(Duration.ofMinutes(1))
                .until(() -> servers.ask(SERVER, Set.of()), said -> said.busy().isEmpty());

        assertThat(asked.nextEvent())
                .hasValueSatisfying(due -> assertThat(due.name()).isEqualTo("mysql.cleanup"));
    }

    @Test
    void aServerInUseSaysByWhom() throws IOException, InterruptedException {
        Thread user = Thread.ofVirtual().start(() -> {
            try {
                server.root("SELECT SLEEP(60)");
            } catch (IOException | InterruptedException ended) {
                // the server is stopped at the end of the test
            }
        });
        Awaitility.await("the user's statement")
                .atMost(Duration.ofMinutes(1))
                .until(() -> server.root(
                                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'")
                        .strip()
                        .equals("1"));

        Servers.Asked asked = servers.ask(SERVER, Set.of());

        assertThat(asked.busy()).hasValueSatisfying(who -> assertThat(who).contains("root@localhost"));
        assertThat(shelves.text("uid", Learned.IDENTITY)).doesNotContain("\"settled\":true");
        assertThat(user.isAlive()).isTrue();
    }

    @Test
    void shutdownEndsTheServer() throws IOException, InterruptedException {
        servers.shutDown(SERVER);

        assertThat(server.hasEnded()).isTrue();
    }

    private String networks() throws IOException, InterruptedException {
        return server.root("SELECT @@proxy_protocol_networks").strip();
    }
}
