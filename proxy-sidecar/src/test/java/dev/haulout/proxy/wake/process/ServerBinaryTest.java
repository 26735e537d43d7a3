package dev.haulout.proxy.wake.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.haulout.proxy.wake.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ServerBinaryTest {
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
    void installedServerIsFoundWithItsFiles() throws Exception {
        ServerBinary binary = Host.binary();

        assertThat(binary.executable()).isExecutable().hasFileName("mariadbd");
        assertThat(Command.run(List.of(binary.executable().toString(), "--version"))
                        .lines()
                        .getFirst())
                .contains("Ver " + binary.version().text());
        assertThat(binary.script("system_tables.sql")).isReadable();
        assertThat(binary.digest())
                .matches("[0-9a-f]{32}")
                .isEqualTo(Host.binary().digest());
    }

    @Test
    void configuredServerIsTheOnlyOneLookedAt() {
        assertThatThrownBy(() -> ServerBinary.find(Optional.of(Path.of("/nowhere/mariadbd")), host.path()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nowhere/mariadbd")
                .hasMessageContaining("leave it out");
    }

    @Test
    void programThatIsNoMariaDbIsNamed() {
        assertThatThrownBy(() -> ServerBinary.find(Optional.of(Path.of("/bin/echo")), host.path()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/bin/echo does not run as a MariaDB server");
    }

    @Test
    void embeddedServerIsUnpackedOnceAndServes() throws Exception {
        Optional<Path> home = EmbeddedServer.unpacked(host.path().resolve("cache"));
        assumeThat(home).as("jar in -D" + EmbeddedServer.FOLDER_PROPERTY).isPresent();
        ServerBinary binary = ServerBinary.embedded(home.get());
        InstanceFolder folder = host.folder("shop");
        ProcessWaker waker = new ProcessWaker(
                folder,
                binary,
                new ProcessSettings(
                        Optional.empty(),
                        List.of(),
                        Optional.of(new ApplicationAccount("app", "app", "secret")),
                        host.path().resolve("cache"),
                        ProcessSettings.DEFAULT_PATIENCE));

        Server server = waker.start(phase -> {});

        assertThat(Host.query(folder, "app", "secret", "SELECT VERSION()"))
                .isEqualTo(binary.version().text());
        // given, or the server would take seconds to make one
        assertThat(Host.root(server, folder, "SELECT @@ssl_cert"))
                .isEqualTo(folder.serverCertificate().toString());
        Host.query(server, folder, "SHUTDOWN");
        server.ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThat(Files.getLastModifiedTime(home.get()))
                .isEqualTo(Files.getLastModifiedTime(
                        EmbeddedServer.unpacked(host.path().resolve("cache")).orElseThrow()));
        assertThat(Host.query(waker.start(phase -> {}), folder, "SELECT 1")).isEqualTo("1");
    }
}
