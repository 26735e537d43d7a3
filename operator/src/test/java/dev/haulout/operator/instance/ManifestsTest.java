package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A folder of manifests, and what a real API server and the operator say to them. One with several documents is applied
 * one after the other: what is told of it is told of the last. What is expected of an invalid one stands in its comment:
 * {@code refused: MESSAGE} by the API server, or {@code reported: REASON: PART; PART} by the operator, as a condition.
 */
@Tag("cluster")
class ManifestsTest {
    private static final Path FOLDER = Path.of("src/test/resources/manifests");
    private static final String REFUSED = "# refused: ";
    private static final String REPORTED = "# reported: ";

    private static Cluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = Cluster.start();
        cluster.startOperator();
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    static List<String> files(String prefix, String mark) {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> text(file).contains(mark))
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> valid() {
        return files("valid-", "");
    }

    static List<String> refused() {
        return files("invalid-", REFUSED);
    }

    static List<String> reported() {
        return files("invalid-", REPORTED);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> documents(String file) {
        return List.of(text(FOLDER.resolve(file)).split("(?m)^---\n"));
    }

    private static String expected(String file, String mark) {
        return text(FOLDER.resolve(file))
                .lines()
                .filter(line -> line.startsWith(mark))
                .map(line -> line.substring(mark.length()))
                .findFirst()
                .orElseThrow();
    }

    private static void applyAll(List<String> documents) {
        documents.forEach(cluster::applyStrictly);
    }

    @Test
    void everyInvalidManifestTellsWhatIsExpectedOfIt() {
        assertThat(refused().size() + reported().size())
                .isEqualTo(files("invalid-", "").size())
                .isGreaterThan(40);
    }

    @ParameterizedTest
    @MethodSource("valid")
    void isAccepted(String file) {
        applyAll(documents(file));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void isRefused(String file) {
        List<String> documents = documents(file);
        applyAll(documents.subList(0, documents.size() - 1));

        KubernetesClientException refusal =
                catchThrowableOfType(KubernetesClientException.class, () -> cluster.applyStrictly(documents.getLast()));

        assertThat(refusal).as(file).isNotNull();
        assertThat(refusal.getMessage()).contains(expected(file, REFUSED));
    }

    @ParameterizedTest
    @MethodSource("reported")
    void isReported(String file) {
        String[] expected = expected(file, REPORTED).split(": ", 2);
        String name = file.replaceAll("^invalid-|\\.yaml$", "");

        applyAll(documents(file));

        Condition degraded = cluster
                .await(
                        name,
                        "the condition",
                        status -> status.conditions() != null
                                && Conditions.fault(status.conditions()).isPresent())
                .conditions()
                .stream()
                .filter(condition -> condition.getType().equals("Degraded"))
                .findFirst()
                .orElseThrow();
        assertThat(degraded.getReason()).isEqualTo(expected[0]);
        assertThat(degraded.getMessage()).contains(expected[1].split("; "));
    }
}
