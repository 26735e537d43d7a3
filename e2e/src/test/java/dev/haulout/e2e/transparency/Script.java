package dev.haulout.e2e.transparency;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A script of the server's test suite.
 *
 * @param suite such as {@code main} or {@code json}
 * @param name without its ending
 */
record Script(String suite, String name) implements Comparable<Script> {
    private static final String ENDING = ".test";

    /** What stands beside a script whose server has to be set up for it. */
    private static final List<String> OWN_SETUP =
            List.of(".opt", "-master.opt", "-slave.opt", ".cnf", ".combinations", "-master.sh", "-slave.sh");

    /** As {@link #toString} writes it. */
    static Script of(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + text + "' is no script: write SUITE/NAME, such as main/null");
        }
        return new Script(text.substring(0, slash), text.substring(slash + 1));
    }

    /** Those of a suite that need no set-up of the server's. */
    static List<Script> of(Path home, String suite) throws IOException {
        List<Script> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder(home, suite))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(ENDING)) {
                    Script script = new Script(suite, name.substring(0, name.length() - ENDING.length()));
                    if (OWN_SETUP.stream()
                            .noneMatch(ending -> Files.exists(file.resolveSibling(script.name() + ending)))) {
                        found.add(script);
                    }
                }
            }
        }
        return found;
    }

    /** Whether there is such a suite. */
    static boolean isSuite(Path home, String name) {
        return Files.isDirectory(folder(home, name));
    }

    private static Path folder(Path home, String suite) {
        if (suite.equals("main")) {
            return home.resolve("main");
        }
        Path folder = home.resolve("suite").resolve(suite);
        Path tests = folder.resolve("t");
        return Files.isDirectory(tests) ? tests : folder;
    }

    /** Its text. */
    Path file(Path home) {
        return folder(home, suite).resolve(name + ENDING);
    }

    /** The folder of its suite. */
    Path suiteFolder(Path home) {
        return suite.equals("main")
                ? home.resolve("main")
                : home.resolve("suite").resolve(suite);
    }

    @Override
    public int compareTo(Script other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return suite + "/" + name;
    }
}
