package dev.haulout.proxy.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.account.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplicationSecretTest {
    @TempDir
    private Path folder;

    private void write(Path where, Map<String, String> keys) throws IOException {
        Files.createDirectories(where);
        for (Map.Entry<String, String> key : keys.entrySet()) {
            Files.writeString(where.resolve(key.getKey()), key.getValue());
        }
    }

    @Test
    void aSecretAsTheKubeletMountsIt() throws IOException {
        Path version = folder.resolve("..2026");
        write(
                version,
                Map.of(
                        "host",
                        "shop.here.svc\n",
                        "port",
                        "3306",
                        "user",
                        "app",
                        "password",
                        " pass\n",
                        "database",
                        "d"));
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026"));

        ApplicationSecret secret = ApplicationSecret.read(folder);

        assertThat(secret)
                .isEqualTo(new ApplicationSecret(
                        "shop.here.svc",
                        3306,
                        "app",
                        Secret.of(" pass\n".getBytes(StandardCharsets.UTF_8)),
                        Optional.of("d")));
        assertThat(secret.instance()).isEqualTo("here/shop");
        assertThat(secret.toString()).doesNotContain("pass");
    }

    @Test
    void whatIsMissingOrWrongIsNamed() throws IOException {
        write(folder, Map.of("host", "db.example.com", "port", "33o6", "user", "app"));
        assertThatThrownBy(() -> ApplicationSecret.read(folder))
                .hasMessageContaining("port holds \"33o6\", which is no port; correct that key of the Secret");

        write(folder, Map.of("port", "3306"));
        assertThatThrownBy(() -> ApplicationSecret.read(folder))
                .hasMessageContaining("there is no password in " + folder + "; mount the instance's Secret NAME-app");

        write(folder, Map.of("password", ""));
        assertThat(ApplicationSecret.read(folder).instance()).isEqualTo("db.example.com");
    }

    @Test
    void aDoorIsForThePodAlone() {
        List<ListenAddress> open = List.of(ListenAddress.parse("127.0.0.1:3306"), ListenAddress.parse("10.0.0.1:3306"));

        assertThatThrownBy(() -> new SidecarOptions(open, folder, new InetSocketAddress(0)))
                .hasMessageStartingWith("--listen 10.0.0.1:3306 is open to others than this pod");
    }
}
