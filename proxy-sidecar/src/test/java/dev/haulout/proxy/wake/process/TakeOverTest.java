package dev.haulout.proxy.wake.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.wake.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TakeOverTest {
    private Host host;

    @BeforeEach
    void openHost() {
        host = new Host();
    }

    @AfterEach
    void closeHost() throws Exception {
        host.close();
    }

    @Test
    void anotherProxyTakesTheServerOverAndLearnsItsEnd() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Server started = Host.start(folder);

        Server found = Host.waker(folder).find().orElseThrow();

        assertThat(found.pid()).isEqualTo(started.pid());
        assertThat(Host.query(found, folder, "SELECT 1")).isEqualTo("1");
        assertThat(Host.waker(folder).start(phase -> {}).pid()).isEqualTo(started.pid());
        found.terminate();
        assertThat(found.ended().toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isEqualTo("shut down");
        assertThat(Host.waker(folder).find()).isEmpty();
    }

    @Test
    void serverOutlivesTheProxyThatStartedIt() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Process proxy = Host.starter(folder)
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .start();
        long pid = Host.printedPid(proxy);

        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String session = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];

        proxy.destroyForcibly().waitFor();

        assertThat(session).as("session").isEqualTo(Long.toString(pid));
        Server found = Host.waker(folder).find().orElseThrow();
        assertThat(found.pid()).hasValue(pid);
        assertThat(Host.query(found, folder, "SELECT 1")).isEqualTo("1");
        Host.signal("KILL", pid);
        assertThat(found.ended().toCompletableFuture().get(20, TimeUnit.SECONDS))
                .contains("perhaps killed");
    }

    @Test
    void creationKilledAnywhereIsMadeGoodByTheNextStart() throws Exception {
        Host.stop(Host.start(host.folder("first"))); // so that there is a template and the steps follow each other fast
        for (String step : List.of("secrets.json", "accounts.sql", "data.tmp-", "data", "my.cnf", "server.run")) {
            InstanceFolder folder = host.folder("shop-" + step);
            Process proxy = Host.starter(folder).start();
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> Files.exists(folder.path()) && hasEntry(folder, step));
            proxy.destroyForcibly().waitFor();

            Server server = Host.start(folder);

            assertThat(Host.query(server, folder, "SELECT COUNT(*) FROM mysql.global_priv"))
                    .as("killed once there was %s", step)
                    .isEqualTo("3");
            assertThat(Host.root(server, folder, "SHOW TABLES IN sys LIKE 'version'"))
                    .isEqualTo("version");
        }
    }

    private static boolean hasEntry(InstanceFolder folder, String step) throws IOException {
        return step.endsWith("-")
                ? Host.count(folder.path(), step) > 0
                : Files.exists(folder.path().resolve(step));
    }

    @Test
    void leftoversOfAnInterruptedCreationAreRemoved() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Path half = folder.path().resolve("data.tmp-half/mysql");
        Files.createDirectories(half);
        Files.writeString(half.resolve("global_priv.frm"), "half");
        Files.setPosixFilePermissions(folder.path(), PosixFilePermissions.fromString("rwx--x--x"));

        Server server = Host.start(folder);

        assertThat(Host.query(server, folder, "SELECT 1")).isEqualTo("1");
        assertThat(Host.count(folder.path(), "data.tmp-")).isZero();
    }

    @Test
    void findWaitsForAServerThatIsStillStarting() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Process proxy = Host.starter(
                        folder,
                        host.wrapped("case \"$*\" in *--socket*) sleep 1.5;; esac")
                                .executable())
                .start();
        await().atMost(Duration.ofMinutes(1))
                .until(() -> new RunRecord(folder).running().isPresent());
        proxy.destroyForcibly().waitFor();

        Optional<Server> found = Host.waker(folder).find();

        assertThat(Host.query(found.orElseThrow(), folder, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void startWaitsForAServerThatIsStillStopping() throws Exception {
        InstanceFolder folder = host.folder("shop");
        ProcessWaker waker = Host.waker(folder);
        Server first = waker.start(phase -> {});

        first.terminate();
        Server second = waker.start(phase -> {});

        // A server told to end may still have been answering when it was found; then it ends now.
        if (second.pid().equals(first.pid())) {
            first.ended().toCompletableFuture().get(20, TimeUnit.SECONDS);
            second = waker.start(phase -> {});
        }
        assertThat(Host.query(second, folder, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void recoversWhatWasAcknowledgedBeforeAKill() throws Exception {
        InstanceFolder folder = host.folder("shop");
        ProcessWaker waker = Host.waker(folder);
        Server killed = waker.start(phase -> {});
        Host.root(killed, folder, "CREATE DATABASE a; CREATE TABLE a.t (i INT); INSERT INTO a.t VALUES (7)");

        Host.signal("KILL", killed.pid().orElseThrow());

        assertThat(killed.ended().toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isEqualTo("killed by signal 9");
        Server again = waker.start(phase -> {});
        assertThat(Host.root(again, folder, "SELECT i FROM a.t")).isEqualTo("7");
    }

    @Test
    void staleFilesAndAReusedProcessIdAreNoServer() throws Exception {
        InstanceFolder folder = host.folder("shop");
        ProcessWaker waker = Host.waker(folder);
        Host.stop(waker.start(phase -> {}));
        Files.writeString(folder.socket(), "");
        Files.writeString(folder.serverPidFile(), "1");
        LinuxProcess ourselves = LinuxProcess.of(ProcessHandle.current().pid()).orElseThrow();
        new RunRecord(folder).started(ourselves);

        assertThat(waker.find()).isEmpty();
        Server server = waker.start(phase -> {});

        assertThat(Host.query(server, folder, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void serverHeldByASignalIsLeftAlone() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Server server = Host.start(folder);
        Host.signal("STOP", server.pid().orElseThrow());
        // Its backlog is what a connection meets; it is not answered.
        ProcessWaker waker =
                new ProcessWaker(folder, Host.binary(), Host.settings(Optional.empty(), Duration.ofMillis(500)));

        assertThatThrownBy(waker::find).isInstanceOf(IOException.class).hasMessageContaining("kill -CONT");

        Host.signal("CONT", server.pid().orElseThrow());
        assertThat(waker.find()).isPresent();
    }
}
