package dev.haulout.proxy.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.manifest.InstanceManifest;
import dev.haulout.crd.manifest.ManifestFolder;
import dev.haulout.crd.manifest.Manifests;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortsTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("ports.json");
    }

    private void write(String name, String host) throws IOException {
        Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: %s}
                spec: {%s}
                """.formatted(name, host));
    }

    private List<InstanceManifest> manifests() {
        return ((Manifests.Loaded) ManifestFolder.read(folder)).instances();
    }

    private Ports chosen() throws IOException {
        Ports ports = Ports.read(file);
        ports.choose(manifests());
        return ports;
    }

    @Test
    void eachInstanceGetsAPortOfItsOwn() throws IOException {
        write("a", "");
        write("b", "");

        Ports ports = chosen();

        assertThat(ports.of("default/a")).isNotEqualTo(ports.of("default/b"));
    }

    @Test
    void aPortStaysAlsoWhenItsManifestWasAwayForAWhile() throws IOException {
        write("b", "");
        int first = chosen().of("default/b");
        Files.delete(folder.resolve("b.yaml"));
        write("a", "");
        chosen();
        write("b", "");

        Ports again = chosen();

        assertThat(again.of("default/b")).isEqualTo(first);
        assertThat(again.of("default/a")).isNotEqualTo(first);
    }

    @Test
    void portsThatManifestsNameAreLeftToThem() throws IOException {
        write("a", "");
        int first = chosen().of("default/a");
        Files.delete(file);
        write("z", "host: {listen: [\"127.0.0.1:" + first + "\"]}");

        assertThat(chosen().of("default/a")).isNotEqualTo(first);
    }

    @Test
    void portsThatOthersListenOnAreLeftToThem() throws IOException {
        write("a", "");
        int first = chosen().of("default/a");
        Files.delete(file);

        try (ServerSocket other = new ServerSocket(first, 1, InetAddress.getLoopbackAddress())) {
            assertThat(chosen().of("default/a")).isNotEqualTo(other.getLocalPort());
        }
    }

    @Test
    void moreDoorsThanDescriptorsAreRefusedWithARemedy() {
        assertThat(FileDescriptors.tooFew(1000, OptionalLong.of(1024)))
                .hasValueSatisfying(text -> assertThat(text).contains("1000", "1024", "LimitNOFILE"));
        assertThat(FileDescriptors.tooFew(1000, OptionalLong.of(20_000))).isEmpty();
        assertThat(FileDescriptors.tooFew(1000, OptionalLong.empty())).isEmpty();
    }
}
