package dev.haulout.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A folder for each case: an instance in, all its objects out. With {@code -Dregenerate} the objects are written instead
 * of compared.
 */
class DesiredTest {
    private static final Path CASES = Path.of("src/test/resources/desired");
    private static final String HOW = "%s is not what is computed; write it anew with \"./mvnw -pl operator -am test"
            + " -Dtest=DesiredTest -Dsurefire.failIfNoSpecifiedTests=false -Dregenerate\" and look at the difference";
    private static final Release RELEASE = new Release(
            "haulout-system",
            Map.of("app.kubernetes.io/name", "haulout", "app.kubernetes.io/component", "operator"),
            Map.of("app.kubernetes.io/name", "haulout", "app.kubernetes.io/component", "gateway"),
            9999);
    private static final GatewayPod FIRST = new GatewayPod("gateway-a", List.of("10.1.0.7", "fd00::7"), "node-1");
    private static final GatewayPod SECOND = new GatewayPod("gateway-b", List.of("10.1.0.12", "fd00::12"), "node-2");

    static Stream<Path> cases() throws IOException, UnfitSpecException {
        try (Stream<Path> folders = Files.list(CASES)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void objectsAreThoseOfTheFile(Path folder) throws IOException, UnfitSpecException {
        Path file = folder.resolve("expected.yaml");

        String computed =
                objects(desired(folder)).stream().map(Serialization::asYaml).collect(Collectors.joining());

        if (System.getProperty("regenerate") != null) {
            Files.writeString(file, computed);
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as(HOW, file)
                .isEqualTo(computed);
    }

    @Test
    void orderOfGatewaysMakesNoDifference() throws UnfitSpecException {
        Desired desired = desired(CASES.resolve("minimal"));

        assertThat(desired.endpointSlices(10007, List.of(SECOND, FIRST)))
                .isEqualTo(desired.endpointSlices(10007, List.of(FIRST, SECOND)));
        assertThat(desired.pod(List.of(SECOND, FIRST), false, 1))
                .isEqualTo(desired.pod(List.of(FIRST, SECOND), false, 1));
    }

    @Test
    void aFamilyWithoutGatewaysHasNoSlice() {
        Desired desired = desired(CASES.resolve("minimal"));
        GatewayPod old = new GatewayPod("gateway-a", List.of("10.1.0.7"), "node-1");

        assertThat(desired.endpointSlices(10007, List.of(old)))
                .extracting(slice -> slice.getMetadata().getName())
                .containsExactly("shop-ipv4");
        assertThat(desired.endpointSlices(10007, List.of())).isEmpty();
    }

    @Test
    void passwordsAreInThePodOnlyWhileItMakesADataDirectory() throws UnfitSpecException {
        Desired desired = desired(CASES.resolve("everything"));

        assertThat(files(desired, true))
                .contains("secrets/root-password", "secrets/user-password", "start/accounts.sql");
        assertThat(files(desired, false)).noneMatch(file -> file.startsWith("secrets/") || file.contains("accounts"));
    }

    @Test
    void serverCertificateIsAKeyPairOfKubernetesWithTheAuthority() {
        CertificateAuthority authority = CertificateAuthority.make(Clock.systemUTC());
        KeyedCertificate certificate = authority.issueServer("uid", List.of("shop"));

        Secret secret = desired(CASES.resolve("minimal"))
                .serverCertificate(1, certificate, authority.own().certificatePem());

        assertThat(secret.getType()).isEqualTo("kubernetes.io/tls");
        assertThat(text(secret, "tls.crt")).isEqualTo(certificate.certificatePem());
        assertThat(text(secret, "tls.key")).isEqualTo(certificate.keyPem());
        assertThat(text(secret, "ca.crt")).isEqualTo(authority.own().certificatePem());
    }

    @Test
    void whatAServerReadsAtItsStartChangesItsConfiguration() {
        MariaDBInstance instance = instance(CASES.resolve("minimal"));
        String before = new Desired(RELEASE, instance).configuration();

        MariaDBInstance other = Serialization.unmarshal(
                Serialization.asYaml(instance).replace("spec:", "spec:\n  myCnf: max-connections = 3"),
                MariaDBInstance.class);

        assertThat(new Desired(RELEASE, other).configuration()).isNotEqualTo(before);
        assertThat(new Desired(RELEASE, instance(CASES.resolve("minimal"))).configuration())
                .isEqualTo(before);
    }

    @Test
    void whatAPodHasBesideChangesItsConfiguration() {
        String without = desired(CASES.resolve("minimal")).configuration();

        assertThat(desired(CASES.resolve("pod-settings")).configuration()).isNotEqualTo(without);
    }

    private static List<String> files(Desired desired, boolean initialise) throws UnfitSpecException {
        return desired.pod(List.of(FIRST), initialise, 1).getSpec().getVolumes().stream()
                .filter(volume -> volume.getProjected() != null)
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .flatMap(source -> source.getSecret() != null
                        ? source.getSecret().getItems().stream()
                        : source.getConfigMap().getItems().stream())
                .map(KeyToPath::getPath)
                .toList();
    }

    private static String text(Secret secret, String key) {
        return new String(Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
    }

    private static List<HasMetadata> objects(Desired desired) throws UnfitSpecException {
        List<HasMetadata> objects = new ArrayList<>();
        objects.add(desired.volume(VolumeAccess.ONE_NODE));
        objects.add(desired.rootPassword("root's"));
        if (desired.generatesUserPassword()) {
            objects.add(desired.userPassword("user's"));
            objects.add(desired.application("user's"));
        }
        objects.add(desired.announceToken("token"));
        objects.add(desired.authority("the authority's certificate\n"));
        objects.add(desired.serverFiles(Map.of("max_connections", "50", "init_connect", "'SET @a := ''b\\\\'''")));
        objects.add(desired.service());
        objects.addAll(desired.endpointSlices(10007, List.of(FIRST, SECOND)));
        objects.add(desired.podService());
        objects.add(desired.disruptionBudget(true));
        objects.add(desired.networkPolicy());
        objects.add(desired.pod(List.of(FIRST, SECOND), true, 1));
        return objects;
    }

    private static Desired desired(Path folder) {
        return new Desired(RELEASE, instance(folder));
    }

    private static MariaDBInstance instance(Path folder) {
        try {
            return Serialization.unmarshal(Files.readString(folder.resolve("instance.yaml")), MariaDBInstance.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
