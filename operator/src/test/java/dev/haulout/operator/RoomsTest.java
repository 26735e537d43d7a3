package dev.haulout.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which package may use which: what each package's own description says, no more. (Constants leave no trace in class
 * files, so a package that uses nothing else of another may name it too.)
 */
@AnalyzeClasses(packages = "dev.haulout.operator", importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/haulout/operator");
    private static final String OURS = "dev.haulout.";
    private static final Pattern USES = Pattern.compile("\\bUses ([^.]|\\.(?=\\w))+\\.");
    private static final Pattern NAME = Pattern.compile("\\{@code ([a-z.]+)\\}");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.haulout.operator.(*)..").should().beFreeOfCycles();

    @ArchTest
    static void packagesUseWhatTheirDescriptionsSay(JavaClasses classes) throws IOException {
        Map<String, Set<String>> described = usesDescribed();
        Map<String, Set<String>> found = usesFound(classes);
        assertThat(found.keySet()).isEqualTo(described.keySet());
        found.forEach((room, uses) ->
                assertThat(described.get(room)).as("what %s says it uses", room).containsAll(uses));
    }

    @ArchTest
    static final ArchRule whatIsDesiredIsComputedWithoutClientOrClock = noClasses()
            .that()
            .resideInAPackage("dev.haulout.operator.desired")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fabric8.kubernetes.client", "java.time..");

    private static Map<String, Set<String>> usesFound(JavaClasses classes) {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass one : classes) {
            Set<String> used = uses.computeIfAbsent(room(one), room -> new TreeSet<>());
            for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().startsWith(OURS) && !room(target).equals(room(one))) {
                    used.add(room(target));
                }
            }
        }
        return uses;
    }

    /** Packages of other modules have their module's name before them: {@code crd}, {@code proxy.wake}. */
    private static String room(JavaClass one) {
        String name = one.getPackageName();
        return name.substring((name.startsWith(OURS + "operator.") ? OURS + "operator." : OURS).length());
    }

    private static Map<String, Set<String>> usesDescribed() throws IOException {
        Map<String, Set<String>> uses = new TreeMap<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path folder : files.filter(RoomsTest::holdsSources).toList()) {
                String text =
                        Files.readString(folder.resolve("package-info.java")).replaceAll("\\n \\*", "");
                Matcher sentence = USES.matcher(text);
                assertThat(sentence.find()).as("%s says what it uses", folder).isTrue();
                uses.put(
                        SOURCES.relativize(folder).toString().replace('/', '.'),
                        new TreeSet<>(NAME.matcher(sentence.group())
                                .results()
                                .map(name -> name.group(1))
                                .toList()));
            }
        }
        return uses;
    }

    private static boolean holdsSources(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
