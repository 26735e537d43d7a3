package dev.haulout.proxy.wake.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.haulout.proxy.wake.WakeFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class FailedStartTest {
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
    void unknownOptionIsNamed() throws Exception {
        InstanceFolder folder = host.folder("shop");

        assertThatThrownBy(() ->
                        new ProcessWaker(folder, Host.binary(), Host.settings("inodb-buffer=1")).start(phase -> {}))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("the option \"inodb-buffer=1\" in myCnf is not known")
                .hasMessageNotContaining("\n");

        assertThat(Host.query(Host.start(folder), folder, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void serverThatRefusesOurAccountsIsNoServer() throws Exception {
        InstanceFolder folder = host.folder("shop");

        assertThatThrownBy(() ->
                        new ProcessWaker(folder, Host.binary(), Host.settings("skip-grant-tables")).start(phase -> {}))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("its accounts could not be made");

        assertThat(LinuxProcess.withArgument(ServerCommand.dataArgument(folder)))
                .isEmpty();
        assertThat(Host.query(Host.start(folder), folder, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void directoryInUseByAnotherServerIsNamed() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Host.stop(Host.start(folder));
        List<String> command = new ArrayList<>(List.of(
                Host.binary().executable().toString(),
                "--no-defaults",
                "--skip-networking",
                "--datadir=" + folder.data() + "/",
                "--socket=" + folder.run().resolve("other.sock")));
        if (Host.weAreRoot()) {
            command.add("--user=mysql");
        }
        Process other = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(host.path().resolve("other.log").toFile())
                .start();
        try {
            Readiness.Outcome outcome = new Readiness(
                            folder.run().resolve("other.sock"),
                            LinuxProcess.of(other.pid()).orElseThrow(),
                            () -> 0,
                            Duration.ofSeconds(20))
                    .await();
            assertThat(outcome).isEqualTo(Readiness.Outcome.READY);

            assertThatThrownBy(() -> Host.start(folder))
                    .isInstanceOf(WakeFailure.class)
                    .hasMessageContaining("another mariadbd already uses this data directory")
                    .satisfies(e -> assertThat(((WakeFailure) e).lastLines()).isNotEmpty());
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void fullDiskIsNamedAndLeavesNothingThatLooksWhole() throws Exception {
        InstanceFolder folder = host.folder("shop", host.disk("4m").resolve("shop"));

        assertThatThrownBy(() -> Host.start(folder))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("the disk is full");

        assertThat(Host.count(folder.path(), "data")).isZero();
    }

    @Test
    void fullDiskAtALaterStartIsNamed() throws Exception {
        Path disk = host.disk("64m");
        InstanceFolder folder = host.folder("shop", disk.resolve("shop"));
        Host.stop(Host.start(folder));
        long free = Files.getFileStore(disk).getUsableSpace();
        // Enough for our own small files, too little for the server's temporary tables.
        Files.write(disk.resolve("filler"), new byte[(int) free - (1 << 20)]);

        assertThatThrownBy(() -> Host.start(folder))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("the disk is full")
                .satisfies(e -> assertThat(((WakeFailure) e).lastLines()).isNotEmpty());
    }

    @Test
    void folderTheServersUserCannotReachIsNamed() throws Exception {
        assumeThat(Host.weAreRoot()).isTrue();
        Path closed = Files.createDirectory(host.path().resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        InstanceFolder folder = host.folder("shop", closed.resolve("shop"));

        assertThatThrownBy(() -> Host.start(folder))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("user mysql lacks a permission")
                .hasMessageContaining("every folder above it");
    }

    @Test
    void serverThatDoesNothingIsEnded() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Path silence = host.path().resolve("silence");
        Command.run(List.of("mkfifo", silence.toString()));
        ServerBinary stuck = host.wrapped("case \"$*\" in *--socket*) read line < " + silence + ";; esac");

        assertThatThrownBy(() -> new ProcessWaker(folder, stuck, Host.settings(Optional.empty(), Duration.ofSeconds(1)))
                        .start(phase -> {}))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("it did nothing for 1 s and was ended");

        assertThat(LinuxProcess.withArgument(ServerCommand.dataArgument(folder)))
                .isEmpty();
    }

    @Test
    void olderServerThanTheDataIsRefused() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Host.stop(Host.start(folder));
        Files.writeString(folder.versionRecord(), "99.1.2-MariaDB");

        assertThatThrownBy(() -> Host.start(folder))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("last used by MariaDB 99.1")
                .hasMessageContaining("install MariaDB 99.1 or later");
    }

    @Test
    void tooLongASocketPathIsNamed() {
        InstanceFolder folder = new InstanceFolder("shop", Path.of("/tmp/" + "x".repeat(100)));

        assertThatThrownBy(() -> Host.start(folder))
                .isInstanceOf(WakeFailure.class)
                .hasMessageContaining("Linux allows 107")
                .hasMessageContaining("shorter path");
        assertThat(folder.path()).doesNotExist();
    }
}
