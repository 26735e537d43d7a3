package dev.haulout.e2e.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.transparency.Comparison.Result;
import dev.haulout.e2e.transparency.Comparison.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A few scripts of the server's own test suite, in every mode. All of them are run by {@code ./haulout
 * transparency}.
 */
class TransparencyTest {
    private static final int SLEEPS_EACH = 2;
    private static final int PERCENT_EXCLUDED = 5;

    /** Short ones, each about something else that a session may be full of. */
    private static final List<Script> SAMPLE = Stream.of(
                    "main/insert_select",
                    "main/metadata",
                    "main/user_var",
                    "main/cast",
                    "jp/jp_create_db_ujis",
                    "compat/oracle/sp-expr",
                    "compat/oracle/sp-cursor")
            .map(Script::of)
            .toList();

    @TempDir
    private Path output;

    @Test
    @Tag("slow")
    void scriptsCantTellTheDoorFromTheServer() throws Exception {
        assumeTrue(MysqlTest.isInstalled(), "Debian's package mariadb-test is not installed");
        assumeTrue("root".equals(System.getProperty("user.name")), "only the system's root can make itself an account");
        long seed = Long.getLong("haulout.transparency.seed", new SecureRandom().nextInt(1_000_000));
        Path work = Files.createTempDirectory(Path.of("/tmp"), "hl-mt");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Stage stage = Stage.set()) {
            Comparison comparison =
                    new Comparison(stage, new MysqlTest(work), output, SLEEPS_EACH, seed, System.out::println);
            for (Mode mode : Mode.values()) {
                Result result = comparison.compare(mode, SAMPLE);
                String summary = Main.summary(result, 0, SLEEPS_EACH, seed);
                System.out.println(summary);

                assertThat(result.all(Verdict.DIFFERENT)).as(summary).isEmpty();
                // another version's scripts may be others; then most are the same all the same
                assertThat(result.count(Verdict.IDENTICAL)).as(summary).isGreaterThan(SAMPLE.size() / 2);
                if (result.sleeper() != null) {
                    assertThat(result.sleeper().sleeps()).as(summary).isGreaterThanOrEqualTo(SAMPLE.size());
                }
            }
        } finally {
            Stage.delete(work);
        }
    }

    @ParameterizedTest
    @EnumSource
    void fewScriptsAreExcludedAndEachForAReason(Mode mode) throws IOException {
        ScriptList list = ScriptList.read();

        assertThat(list.in(mode)).hasSizeGreaterThan(100);
        assertThat(100 * list.excluded(mode))
                .isLessThanOrEqualTo(PERCENT_EXCLUDED * list.in(mode).size());
        for (Script script : list.in(mode)) {
            String reason = list.exclusion(script, mode);
            assertThat(reason == null || reason.length() > 10)
                    .as("a reason for %s", script)
                    .isTrue();
        }
    }
}
