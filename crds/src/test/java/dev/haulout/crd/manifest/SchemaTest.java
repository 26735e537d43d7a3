package dev.haulout.crd.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The CRD's schema and what stands for it in Java cover each other. */
class SchemaTest {
    @Test
    void everyRuleOfTheSchemaHasATwinAndEveryTwinARule() {
        // A rule without a twin already fails to load
        assertThat(rules()).extracting(Schema.Rule::twin).contains(CrossFieldRule.values());
    }

    @Test
    void everyRuleNamesProblemAndRemedy() {
        assertThat(rules()).extracting(Schema.Rule::message).allMatch(message -> message.contains("; "));
    }

    @Test
    void everyRuleIsBrokenBySomeInvalidManifest() throws IOException {
        List<String> expected = new ArrayList<>();
        try (Stream<Path> folders = Files.list(Path.of("src/test/resources/manifests"))) {
            for (Path folder : folders.toList()) {
                expected.addAll(Files.readAllLines(folder.resolve("expected.txt")));
            }
        }

        // what compares a manifest with the one before it is the API server's alone to check
        assertThat(rules())
                .filteredOn(rule -> !rule.twin().comparesWithBefore())
                .allSatisfy(rule -> assertThat(expected).anyMatch(line -> line.endsWith(": " + rule.message())));
    }

    @Test
    void everyTextFormStandsInASchema() {
        List<TextForm> forms = Stream.concat(all(SchemaReader.instance()), all(SchemaReader.secret()))
                .filter(Schema.Text.class::isInstance)
                .flatMap(text -> ((Schema.Text) text).form().stream())
                .distinct()
                .toList();

        assertThat(forms).containsExactlyInAnyOrder(TextForm.values());
    }

    @Test
    void everyTextAndListOfOursIsBounded() {
        Schema spec = SchemaReader.instance().fields().get("spec");

        assertThat(all(spec)).allSatisfy(schema -> {
            switch (schema) {
                case Schema.Text text ->
                    assertThat(text.max() < Integer.MAX_VALUE || !text.allowed().isEmpty())
                            .isTrue();
                case Schema.Items items -> assertThat(items.max()).isLessThan(Integer.MAX_VALUE);
                case Schema.Fields ignored -> {}
                case Schema.Entries entries -> assertThat(entries.max()).isLessThan(Integer.MAX_VALUE);
                case Schema.Flag ignored -> {}
                case Schema.WholeNumber number -> assertThat(number.max()).isLessThan(Integer.MAX_VALUE);
                case Schema.Quantity ignored -> {}
                case Schema.Anything anything -> // what Kubernetes itself checks when the pod is made
                    assertThat(anything.description()).contains("as in the spec of a pod");
            }
        });
    }

    @Test
    void everyFieldOfOursIsDescribed() {
        assertThat(described(SchemaReader.instance().fields().get("spec")))
                .allMatch(schema -> !schema.description().isEmpty());
    }

    @Test
    void aRuleOrPatternWithoutATwinIsAnError() {
        assertThatIllegalStateException().isThrownBy(() -> CrossFieldRule.ofCel("self.user != ''"));
        assertThatIllegalStateException().isThrownBy(() -> TextForm.ofPattern("^[a-z]$"));
    }

    private static List<Schema.Rule> rules() {
        return all(SchemaReader.instance())
                .filter(Schema.Fields.class::isInstance)
                .flatMap(fields -> ((Schema.Fields) fields).rules().stream())
                .toList();
    }

    private static Stream<Schema> all(Schema schema) {
        return Stream.concat(
                Stream.of(schema),
                switch (schema) {
                    case Schema.Fields fields ->
                        fields.fields().values().stream().flatMap(SchemaTest::all);
                    case Schema.Entries entries -> all(entries.value());
                    case Schema.Items items -> all(items.item());
                    case Schema.Text ignored -> Stream.of();
                    case Schema.Flag ignored -> Stream.of();
                    case Schema.WholeNumber ignored -> Stream.of();
                    case Schema.Quantity ignored -> Stream.of();
                    case Schema.Anything ignored -> Stream.of();
                });
    }

    /** As {@link #all}, without the items of lists, which the list's own description covers. */
    private static Stream<Schema> described(Schema schema) {
        return schema instanceof Schema.Fields fields
                ? Stream.concat(
                        Stream.of(schema), fields.fields().values().stream().flatMap(SchemaTest::described))
                : Stream.of(schema);
    }
}
