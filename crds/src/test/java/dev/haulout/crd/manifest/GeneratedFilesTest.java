package dev.haulout.crd.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is checked in is what the model generates. With {@code -Dregenerate} the files are written instead. */
class GeneratedFilesTest {
    private static final String HOW = "%s is not what the model generates; write it anew with"
            + " \"./mvnw -pl crds test -Dtest=GeneratedFilesTest -Dregenerate\" and commit it";
    private static final Path CRD = Path.of("mariadbinstances.haulout.dev-v1.yml");
    private static final Path CRD_OF_THE_CHART =
            Path.of("../helm/haulout/files").resolve(CRD);
    private static final Path REFERENCE = Path.of("../docs/reference-mariadbinstance.md");
    private static final String BEGIN = "<!-- generated from the CRD: begin -->\n";
    private static final String END = "<!-- generated from the CRD: end -->\n";

    @TempDir
    Path temp;

    @Test
    void theCheckedInCrdIsTheGeneratedOne() throws IOException {
        String generated;
        try (InputStream in = SchemaReader.class.getResourceAsStream(SchemaReader.CRD)) {
            generated = inOurOrder(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }

        isUpToDate(CRD, generated);
        isUpToDate(CRD_OF_THE_CHART, generated);
    }

    /** The generator sorts columns by path; kubectl shows them as they come, and whoever reads them wants the phase first. */
    private static String inOurOrder(String crd) {
        Matcher columns = Pattern.compile("additionalPrinterColumns:\n(.*?)(?=    name: v1alpha1\n)", Pattern.DOTALL)
                .matcher(crd);
        assertThat(columns.find()).isTrue();
        List<String> blocks = List.of(columns.group(1).split("(?m)(?=^    - jsonPath: )"));
        String ordered = Arrays.stream(MariaDBInstance.class.getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(column -> blocks.stream()
                        .filter(block -> block.contains("\n      name: " + column.name() + "\n"))
                        .findFirst()
                        .orElseThrow())
                .collect(Collectors.joining());
        assertThat(ordered).hasSameSizeAs(columns.group(1));
        return crd.substring(0, columns.start(1)) + ordered + crd.substring(columns.end(1));
    }

    @Test
    void theReferenceListsTheFieldsOfTheCrd() throws IOException {
        String page = Files.readString(REFERENCE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);

        isUpToDate(REFERENCE, page.substring(0, begin) + FieldTable.of(SchemaReader.instance()) + page.substring(end));
    }

    @Test
    void theExampleOfTheReferenceIsSound() throws IOException {
        Matcher examples = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(REFERENCE));
        assertThat(examples.find()).isTrue();
        Files.writeString(temp.resolve("example.yaml"), examples.group(1));

        assertThat(ManifestFolder.read(temp)).isInstanceOf(Manifests.Loaded.class);
    }

    @Test
    void kubectlTakesTheFolder() throws IOException {
        // kubectl apply -f crds/ reads every file of these kinds in the folder, so there may be none but CRDs
        try (var files = Files.list(Path.of("."))) {
            List<String> read = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(".*\\.(ya?ml|json)"))
                    .toList();
            assertThat(read).containsExactly(CRD.toString());
        }
    }

    private static void isUpToDate(Path file, String generated) throws IOException {
        if (System.getProperty("regenerate") != null) {
            Files.writeString(file, generated);
        }
        String checkedIn = Files.exists(file) ? Files.readString(file) : "";

        assertThat(checkedIn).as(HOW, file.getFileName()).isEqualTo(generated);
    }
}
