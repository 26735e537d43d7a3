package dev.haulout.e2e.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.e2e.HostProcess;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A host whose listening sockets its manager keeps: it comes and goes, and nobody who connects notices. */
@Execution(ExecutionMode.CONCURRENT)
class InheritedSocketsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int RESTARTS = 3;
    private static final int CONNECTIONS = 240;
    private static final int CLIENTS = 8;

    /** The first byte of every greeting's payload: version 10 of the protocol. */
    private static final int GREETING = 10;

    private HostProcess host;
    private Manager manager;
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = HostProcess.freePort();
        host = HostProcess.prepare().instance("shop", port, "  sleep: {after: 10m}");
        manager = new Manager(host, "127.0.0.1:" + port, "unix:" + host.unixDoor("shop"));
        manager.start();
    }

    @AfterEach
    void stop() throws Exception {
        manager.close();
    }

    @Test
    void whoConnectsDuringRestartsIsAnswered() throws Exception {
        ask("CREATE TABLE t AS SELECT 42 AS answer");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> {
                    while (!over.get()) {
                        assertThat(ask("SELECT answer FROM t")).isEqualTo("42");
                        answered.incrementAndGet();
                    }
                    return null;
                }));
            }
            try {
                for (int restart = 1; restart <= RESTARTS; restart++) {
                    awaitAnswers(clients, answered, CONNECTIONS * restart / RESTARTS);
                    assertThat(manager.terminate()).isZero();
                    manager.start();
                }
                awaitAnswers(clients, answered, answered.get() + CLIENTS);
            } finally {
                over.set(true);
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        System.out.printf("%d connections over %d restarts, all answered%n", answered.get(), RESTARTS);
        assertThat(host.serverStarts("shop"))
                .as("servers that ended with their proxy")
                .isGreaterThan(RESTARTS);
    }

    private static void awaitAnswers(List<Future<?>> clients, AtomicInteger answered, int number) throws Exception {
        await("answers").atMost(PATIENCE).until(() -> answered.get() >= number || anyEnded(clients));
        for (Future<?> client : clients) {
            if (client.isDone()) {
                client.get(); // which throws what ended it
            }
        }
    }

    private static boolean anyEnded(List<Future<?>> clients) {
        return clients.stream().anyMatch(Future::isDone);
    }

    /** On a connection of its own. */
    private String ask(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    @Test
    void whoConnectsWhileNoProxyRunsWaitsForTheNext() throws Exception {
        assertThat(manager.terminate()).isZero();
        assertThat(host.unixDoor("shop")).as("the manager's file").exists();

        try (Socket overTcp = new Socket(InetAddress.getLoopbackAddress(), port);
                SocketChannel local = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            local.connect(UnixDomainSocketAddress.of(host.unixDoor("shop")));
            manager.start();

            assertThat(overTcp.getInputStream().readNBytes(5)[4]).isEqualTo((byte) GREETING);
            ByteBuffer begin = ByteBuffer.allocate(5);
            while (begin.hasRemaining()) {
                assertThat(local.read(begin)).isPositive();
            }
            assertThat(begin.get(4)).isEqualTo((byte) GREETING);
        }
    }

    /** As when its data is copied: see "Backup" in the docs. */
    @Test
    void whoConnectsWhileAnInstanceIsTakenOutWaitsUntilItIsPutBack() throws Exception {
        Path manifest = host.manifests().resolve("shop.yaml");
        String text = Files.readString(manifest);
        Files.delete(manifest);
        hangUp();
        awaitLogged("default/shop: removed");
        awaitLogged("the inherited socket 127.0.0.1:" + port + " is no instance's door");

        try (Socket waits = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Files.writeString(manifest, text);
            hangUp();

            assertThat(waits.getInputStream().readNBytes(5)[4]).isEqualTo((byte) GREETING);
        }
    }

    private void hangUp() throws Exception {
        long pid = ProcessHandle.allProcesses()
                .filter(one -> one.parent().map(ProcessHandle::pid).equals(Optional.of(manager.pid())))
                .findFirst()
                .orElseThrow()
                .pid();
        new ProcessBuilder("kill", "-HUP", Long.toString(pid)).start().waitFor();
    }

    private void awaitLogged(String text) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(host.log())).contains(text));
    }

    @Test
    void theManagerIsToldHowItIs() throws Exception {
        manager.awaitLine("said WATCHDOG=1", 2);
        assertThat(manager.count("said STOPPING=1")).isZero();

        assertThat(manager.terminate()).isZero();

        assertThat(manager.count("said STOPPING=1")).isEqualTo(1);
        manager.start(); // which reports to an abstract socket, and is awaited by that
        manager.awaitLine("said WATCHDOG=1", 3);
    }
}
