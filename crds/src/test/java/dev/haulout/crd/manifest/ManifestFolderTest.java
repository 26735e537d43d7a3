package dev.haulout.crd.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.haulout.crd.MariaDBInstanceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders of manifests in {@code src/test/resources/manifests}, each with what is to come of it in expected.txt. */
class ManifestFolderTest {
    private static final Path FOLDERS = Path.of("src/test/resources/manifests");
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    @TempDir
    Path temp;

    static Stream<Path> folders() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDERS)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void everyFolderComesToWhatStandsBesideIt(Path folder) throws IOException {
        String expected = Files.readString(folder.resolve("expected.txt"));

        String found = String.join("\n", lines(folder)) + "\n";

        assertThat(found).isEqualTo(expected);
        assertThat(ManifestFolder.read(folder))
                .isInstanceOf(
                        folder.getFileName().toString().startsWith("valid-")
                                ? Manifests.Loaded.class
                                : Manifests.Refused.class);
    }

    @ParameterizedTest
    @MethodSource("folders")
    void noFaultShowsWhatASecretHolds(Path folder) {
        // The tests' manifests write "hunter2" (also in base64) wherever a user may have put a password
        assertThat(ManifestFolder.read(folder).toString())
                .doesNotContainIgnoringCase("hunter2")
                .doesNotContain("aHVudGVyMg")
                .doesNotContain("very secret");
    }

    @Test
    void aBrokenSecretIsNeverQuoted() throws IOException {
        String secret = """
                apiVersion: v1
                kind: Secret
                metadata:
                  name: shop
                type: Opaque
                stringData:
                  password: "hunter2"
                """;
        Path file = temp.resolve("secret.yaml");

        for (int at = secret.indexOf("stringData"); at < secret.length(); at++) {
            for (String noise :
                    List.of("*", "&", "!", "%", "@", "`", "\"", "'", "{", "[", ":", ": ", "\n", "\t", "\\", "#")) {
                Files.writeString(file, secret.substring(0, at) + noise + secret.substring(at));
                Manifests found = ManifestFolder.read(temp);
                assertThat(found.toString()).as(Files.readString(file)).doesNotContain("unter2");
            }
        }
    }

    @Test
    void defaultsOfSchemaAndModelAreTheSame() throws IOException {
        Files.writeString(temp.resolve("a.yaml"), """
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: no-spec}
                ---
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: empty-spec}
                spec: {}
                ---
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: empty-parts}
                spec: {sleep: {}, host: {process: {}}}
                """);

        assertThat(loaded(temp))
                .hasSize(3)
                .allSatisfy(
                        instance -> assertThat(instance.resource().getSpec()).isEqualTo(MariaDBInstanceSpec.DEFAULTS));
    }

    @Test
    void passwordsComeOutOfTheirSecrets() {
        List<InstanceManifest> instances = loaded(FOLDERS.resolve("valid-everything"));

        assertThat(instances).extracting(InstanceManifest::id).containsExactly("web/shop", "test/shop");
        assertThat(instances)
                .extracting(instance -> instance.password().orElseThrow().reveal())
                .containsExactly("very secret", "another");
    }

    @Test
    void stringDataStandsAboveData() throws IOException {
        Files.writeString(temp.resolve("a.yaml"), """
                apiVersion: v1
                kind: Secret
                metadata: {name: shop}
                data: {password: b2xk}
                stringData: {password: new}
                ---
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: shop}
                spec: {database: shop, user: shop, passwordSecret: {name: shop}}
                """);

        assertThat(loaded(temp).getFirst().password().orElseThrow().reveal()).isEqualTo("new");
    }

    @Test
    void theSameFolderComesToTheSameTwice() {
        // Who reads it again tells by equality which instances have changed
        Path folder = FOLDERS.resolve("valid-everything");

        assertThat(loaded(folder)).isEqualTo(loaded(folder));
        assertThat(loaded(folder).getFirst().resource())
                .isNotEqualTo(loaded(folder).getLast().resource());
    }

    @Test
    void anEmptyFolderHasNoInstances() {
        assertThat(loaded(temp)).isEmpty();
    }

    @Test
    void aMissingFolderIsAFault() {
        Path missing = temp.resolve("missing");

        assertThat(faults(missing))
                .containsExactly(missing + ": no such folder; create it, or name the one the manifests are in");
    }

    @Test
    void aFileThatCannotBeReadIsAFault() throws IOException {
        Path file = Files.createSymbolicLink(temp.resolve("gone.yaml"), temp.resolve("nowhere"));

        assertThat(faults(temp)).singleElement().asString().startsWith(file + ": cannot be read");
    }

    @Test
    void aByteOrderMarkAndForeignLineEndsAreNoFault() throws IOException {
        Files.writeString(
                temp.resolve("windows.yaml"),
                "\ufeffapiVersion: haulout.dev/v1alpha1\r\nkind: MariaDBInstance\r\nmetadata: {name: shop}\r\n");

        assertThat(loaded(temp))
                .singleElement()
                .extracting(InstanceManifest::id)
                .isEqualTo("default/shop");
    }

    @Test
    void whatIsNestedWithoutEndIsAFault() throws IOException {
        String instance = "apiVersion: haulout.dev/v1alpha1\nkind: MariaDBInstance\nmetadata: {name: shop}\nspec: ";
        Files.writeString(temp.resolve("a-deep.yaml"), instance + "{host: ".repeat(100_000));
        Files.writeString(temp.resolve("b-circle.yaml"), instance + "&a {sleep: *a, host: *a}\n");
        Files.writeString(
                temp.resolve("c-bomb.yaml"),
                instance + "\n  a: &a [x]\n" + "  b: &a [*a, *a, *a, *a, *a, *a, *a, *a]\n".repeat(12));

        assertThat(faults(temp))
                .anyMatch(fault -> fault.contains("a-deep.yaml: larger, deeper or more entangled"))
                .anyMatch(fault -> fault.contains("b-circle.yaml:4: spec.sleep.host: no such field"))
                .anyMatch(fault -> fault.contains("c-bomb.yaml: larger, deeper or more entangled"));
    }

    @Test
    void aFaultStaysOnOneShortLine() {
        Fault fault = new Fault(Path.of("a.yaml"), 3, "spec.myCnf", "a\nb" + "x".repeat(100), "wrong", "mend it");

        assertThat(fault.text()).isEqualTo("a.yaml:3: spec.myCnf = a·b" + "x".repeat(57) + "...: wrong; mend it");
    }

    private static List<InstanceManifest> loaded(Path folder) {
        return switch (ManifestFolder.read(folder)) {
            case Manifests.Loaded loaded -> loaded.instances();
            case Manifests.Refused refused -> throw new AssertionError(refused.toString());
        };
    }

    private static List<String> faults(Path folder) {
        return switch (ManifestFolder.read(folder)) {
            case Manifests.Loaded loaded -> throw new AssertionError(loaded.toString());
            case Manifests.Refused refused ->
                refused.faults().stream().map(Fault::text).toList();
        };
    }

    private static List<String> lines(Path folder) {
        return switch (ManifestFolder.read(folder)) {
            case Manifests.Loaded loaded ->
                loaded.instances().stream().map(ManifestFolderTest::line).toList();
            case Manifests.Refused refused ->
                refused.faults().stream()
                        .map(fault -> fault.text().replace(folder + "/", ""))
                        .toList();
        };
    }

    private static String line(InstanceManifest instance) {
        try {
            return instance.file().getFileName() + ":" + instance.line() + ": " + instance.id() + " "
                    + JSON.writeValueAsString(instance.resource().getSpec());
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
