package dev.haulout.proxy.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.RealServer;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.placement.FirstIdentity;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.session.Guide;
import dev.haulout.proxy.session.LoginThrottle;
import dev.haulout.proxy.session.OtherProxies;
import dev.haulout.proxy.transport.Transport;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.InstanceEvents;
import dev.haulout.proxy.wake.Surroundings;
import dev.haulout.proxy.wake.remote.RemoteInstances;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A door whose clients are led to servers that somebody else runs, with the {@code mariadb} client and a real server. */
class GuideTest {
    private static final Credential SECRET =
            new Credential.ClearPassword(Secret.of("secret".getBytes(StandardCharsets.US_ASCII)));

    private static RealServer server;

    private final EventLoopGroup loops = Transport.loops();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Script script = new Script();
    private RemoteInstances remote;
    private Door door;

    @BeforeAll
    static void serve() throws Exception {
        server = RealServer.start();
        server.execute(
                "CREATE DATABASE shop",
                "CREATE DATABASE other",
                "CREATE USER app IDENTIFIED BY 'secret'",
                "GRANT ALL ON *.* TO app",
                "CREATE USER empty",
                "INSTALL SONAME 'auth_ed25519'",
                "CREATE USER signer IDENTIFIED VIA ed25519 USING PASSWORD('secret')");
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        remote = new RemoteInstances(
                new Surroundings(loops, clock, InstanceEvents.UNTOLD), FirstIdentity.of("11.8.3-MariaDB", ""));
        script.lead = response -> to(response.user(), response.database(), Optional.empty(), server.tcp());
        door = Door.open(
                loops,
                new ListenAddress.Tcp(InetAddress.getLoopbackAddress(), 0),
                remote.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)),
                new DoorRules(
                        ConnectionIds.ofTheOnlyProxy(),
                        Duration.ofSeconds(60),
                        new Strangers(10, 10),
                        new LoginThrottle(),
                        Networks.NONE,
                        Optional.of(script),
                        OtherProxies.NONE),
                new DoorMeters(new SimpleMeterRegistry(), "guided", () -> new DoorMeters.SessionCount(0, 0)),
                Optional.empty());
    }

    @AfterEach
    void close() {
        door.close();
        clock.shutdownNow();
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void clientsProveThemselvesToTheServerByAnyPlugin() throws Exception {
        assertThat(client("app", "secret", "shop", "SELECT CURRENT_USER(), DATABASE()"))
                .isEqualTo("app@%\tshop");
        assertThat(client("signer", "secret", "", "SELECT CURRENT_USER()")).isEqualTo("signer@%");
        assertThat(client("empty", "", "", "SELECT CURRENT_USER()")).isEqualTo("empty@%");
        assertThat(client("app", "wrong", "", "SELECT 1")).contains("ERROR 1045 (28000): Access denied for user 'app'");
    }

    @Test
    void whatTheGuideGivesTakesThePlaceOfWhatTheClientSays() throws Exception {
        script.lead = response -> to("app", "other", Optional.of(SECRET), server.tcp());
        assertThat(client("somebody", "else", "shop", "SELECT CURRENT_USER(), DATABASE()"))
                .isEqualTo("app@%\tother");

        byte[] sha1 = MessageDigest.getInstance("SHA-1").digest("secret".getBytes(StandardCharsets.US_ASCII));
        Credential hashed = new Credential.HashedPassword(Secret.of(sha1));
        script.lead = response -> to("app", "", Optional.of(hashed), server.tcp());
        assertThat(client("somebody", "else", "", "SELECT CURRENT_USER()")).isEqualTo("app@%");

        script.lead = response -> to("signer", "", Optional.of(SECRET), server.tcp());
        assertThat(client("somebody", "else", "", "SELECT CURRENT_USER()")).isEqualTo("signer@%");
    }

    @Test
    void aWrongPasswordOfTheGuideIsRefusedByTheServer() throws Exception {
        Credential wrong = new Credential.ClearPassword(Secret.of(new byte[] {'x'}));
        script.lead = response -> to("app", "", Optional.of(wrong), server.tcp());
        assertThat(client("app", "secret", "", "SELECT 1")).contains("ERROR 1045 (28000)");
    }

    @Test
    void theClientIsAskedForItsPasswordOnlyWhereTheGuideWantsIt() throws Exception {
        assertThat(client("app", "secret", "", "SELECT 1")).isEqualTo("1");
        assertThat(script.passwords).isEmpty();

        script.asks = true;
        script.lead = response -> to("app", "", Optional.of(SECRET), server.tcp());
        assertThat(client("customer-7", "what it says", "", "SELECT CURRENT_USER()"))
                .isEqualTo("app@%");
        assertThat(script.passwords.poll(60, TimeUnit.SECONDS)).isEqualTo("what it says");
        assertThat(client("customer-7", "", "", "SELECT CURRENT_USER()")).isEqualTo("app@%");
        assertThat(script.passwords.poll(60, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void aNodeThatCannotBeReachedIsPassedOver() throws Exception {
        script.lead = response -> to(response.user(), "", Optional.empty(), nobody(), nobody(), server.tcp());
        assertThat(client("app", "secret", "", "SELECT 1")).isEqualTo("1");
    }

    @Test
    void whoCanBeLedNowhereIsTold() throws Exception {
        script.lead = response -> to(response.user(), "", Optional.empty(), nobody());
        assertThat(client("app", "secret", "", "SELECT 1")).contains("ERROR 1043 (08S01): Connection error");
    }

    @Test
    void refusalsAreTold() throws Exception {
        script.lead = response -> new Guide.Lead.Refused(new SqlError(1043, "08S01", "not today"));
        assertThat(client("app", "secret", "", "SELECT 1")).contains("ERROR 1043 (08S01): not today");

        script.reception = new Guide.Reception.Refused(new SqlError(1043, "08S01", "closed on Sundays"));
        assertThat(client("app", "secret", "", "SELECT 1")).contains("closed on Sundays");
    }

    @Test
    void theVersionIsTheGuidesChoice() throws Exception {
        script.reception = new Guide.Reception.Greeted(Optional.of("5.7.30"));
        try (Caller caller = new Caller(door.port())) {
            assertThat(new String(caller.read(), StandardCharsets.ISO_8859_1)).contains("5.7.30\0");
        }
    }

    @Test
    void databasesAreTheGuidesChoice() throws Exception {
        script.choice = name -> name.equals("shop")
                ? new Guide.Choice.Use("other")
                : new Guide.Choice.Refused(new SqlError(1044, "42000", "no " + name));
        assertThat(client("app", "secret", "", "use shop\nSELECT DATABASE();\nuse nosuch\nSELECT DATABASE();"))
                .contains("other\n")
                .contains("ERROR 1044 (42000) at line 3: no nosuch")
                .endsWith("other");
    }

    @Test
    void commandsWaitUntilTheGuideIsDoneWithTheLogin() throws Exception {
        script.stays = false;
        assertThat(client("app", "secret", "", "SELECT 1"))
                .contains("ERROR 2013")
                .doesNotContain("1043");
    }

    private Guide.Lead to(String user, String database, Optional<Credential> credential, SocketAddress... where) {
        List<Instance> instances = new ArrayList<>();
        for (SocketAddress address : where) {
            instances.add(remote.at(address));
        }
        return new Guide.Lead.To(instances, user, database, credential);
    }

    private static SocketAddress nobody() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalSocketAddress();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the {@code mariadb} client prints; it asks by COM_INIT_DB where a line says {@code use}. */
    private String client(String user, String password, String database, String sql) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "mariadb",
                "--no-defaults",
                "--skip-ssl",
                "--force",
                "-h127.0.0.1",
                "-P" + door.port(),
                "-u" + user,
                "--password=" + password,
                "-BN"));
        if (!database.isEmpty()) {
            command.add(database);
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.outputWriter().append(sql).append('\n').close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }

    /** Does as the fields say, on a thread of its own. */
    private static final class Script implements Guide {
        volatile Reception reception = new Reception.Greeted(Optional.empty());
        volatile java.util.function.Function<HandshakeResponse, Lead> lead;
        volatile java.util.function.Function<String, Choice> choice;
        volatile boolean asks;
        volatile boolean stays = true;
        final BlockingQueue<String> passwords = new LinkedBlockingQueue<>();

        @Override
        public Visit visit(Visitor visitor) {
            return new Visit() {
                @Override
                public void arrived(Consumer<Reception> then) {
                    later(() -> then.accept(reception));
                }

                @Override
                public void asked(HandshakeResponse response, Consumer<Lead> then) {
                    if (asks) {
                        visitor.askPassword(false, password -> {
                            passwords.add(password.map(String::new).orElse("nothing"));
                            later(() -> then.accept(lead.apply(response)));
                        });
                    } else {
                        later(() -> then.accept(lead.apply(response)));
                    }
                }

                @Override
                public void loggedIn(Instance instance, String version, Consumer<Boolean> then) {
                    later(() -> then.accept(stays));
                }

                @Override
                public boolean choosesDatabases() {
                    return choice != null;
                }

                @Override
                public void database(String name, Consumer<Choice> then) {
                    later(() -> then.accept(choice.apply(name)));
                }

                @Override
                public void left() {}
            };
        }

        private static void later(Runnable task) {
            Thread.ofVirtual().start(task);
        }
    }
}
