package dev.haulout.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/errors.md} lists the errors that the proxy makes itself: all of them, and no others. */
class ErrorsTableTest {
    private static final Pattern MADE =
            Pattern.compile("new (?:SqlError|Refusal)\\(\\s*(\\d{4}|NOT_RUN),\\s*\"([0-9A-Z]{5})\"");
    private static final Pattern CONSTANT = Pattern.compile("int NOT_RUN = (\\d{4});");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d{4}) \\| `([0-9A-Z]{5})` \\|");

    @Test
    void tableAndCodeAgree() throws IOException {
        String table = Files.readString(Path.of("../docs/errors.md"));

        Set<String> listed = new TreeSet<>();
        ROW.matcher(table).results().forEach(row -> listed.add(row.group(1) + " " + row.group(2)));

        assertThat(listed).isEqualTo(made());
    }

    private static Set<String> made() throws IOException {
        Set<String> made = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String source = Files.readString(file);
                for (MatchResult error : MADE.matcher(source).results().toList()) {
                    String code = error.group(1);
                    if (code.equals("NOT_RUN")) {
                        code = CONSTANT.matcher(source)
                                .results()
                                .findFirst()
                                .orElseThrow()
                                .group(1);
                    }
                    made.add(code + " " + error.group(2));
                }
            }
        }
        return made;
    }
}
