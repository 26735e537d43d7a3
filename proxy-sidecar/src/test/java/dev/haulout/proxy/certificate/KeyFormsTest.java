package dev.haulout.proxy.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and keys as openssl makes them. */
class KeyFormsTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void needsOpenSsl() {
        Assumptions.assumeTrue(Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(path -> Files.exists(Path.of(path, "openssl"))));
    }

    private void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("out")))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", "ed25519", "ec -pkeyopt ec_paramgen_curve:P-256"})
    void keysOfAllKindsAreRead(String kind) throws Exception {
        List<String> request = new ArrayList<>(List.of("req", "-x509", "-nodes", "-newkey"));
        request.addAll(List.of(kind.split(" ")));
        request.addAll(List.of("-keyout", "key", "-out", "certificate", "-days", "2", "-subj", "/CN=one"));
        openssl(request.toArray(String[]::new));

        KeyedCertificate read = KeyedCertificate.read(
                Files.readString(folder.resolve("certificate")), Files.readString(folder.resolve("key")));

        assertThat(read.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec"})
    void keysInTheOldFormsAreRead(String kind) throws Exception {
        List<String> request = new ArrayList<>(List.of("req", "-x509", "-nodes", "-newkey"));
        request.addAll(kind.equals("rsa") ? List.of("rsa:2048") : List.of("ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
        request.addAll(List.of("-keyout", "key", "-out", "certificate", "-days", "2", "-subj", "/CN=one"));
        openssl(request.toArray(String[]::new));
        openssl("pkey", "-in", "key", "-traditional", "-out", "old");
        String old = Files.readString(folder.resolve("old"));
        assertThat(old).doesNotContain("BEGIN PRIVATE KEY");

        KeyedCertificate read = KeyedCertificate.read(Files.readString(folder.resolve("certificate")), old);

        assertThat(read.belong()).isTrue();
    }

    @Test
    void whatIsNoKeyOrEncryptedIsRefusedAndNeverRepeated() throws Exception {
        KeyedCertificate mine = CertificateAuthority.selfSigned(Clock.systemUTC(), List.of("localhost"));
        Files.writeString(folder.resolve("key"), mine.keyPem());
        openssl("pkey", "-in", "key", "-aes256", "-passout", "pass:secret", "-out", "locked");

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> KeyedCertificate.read(mine.certificatePem(), Files.readString(folder.resolve("locked"))))
                .withMessageContaining("not encrypted");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyedCertificate.read(mine.certificatePem(), "secret words"))
                .withMessageNotContaining("secret words");
    }
}
