package dev.haulout.e2e.transparency;

import dev.haulout.e2e.transparency.Comparison.Finding;
import dev.haulout.e2e.transparency.Comparison.Result;
import dev.haulout.e2e.transparency.Comparison.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code haulout transparency}: the whole comparison, or a part of it. */
@Command(
        name = "haulout transparency",
        description = {
            "Runs the scripts of MariaDB's own test suite (Debian's package mariadb-test) directly against a server"
                    + " and through Haulout's door, and compares what their client wrote down, byte for byte.",
            "Ends with status 1 when anything differs, or the server slept too seldom."
        },
        mixinStandardHelpOptions = true)
public final class Main implements Callable<Integer> {
    @Option(
            names = "--modes",
            split = ",",
            paramLabel = "MODE",
            description = "text, prepared, tls, compressed, asleep; all of them unless given")
    private List<String> modes = List.of();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "SUITE/NAME",
            description = "these scripts, whether listed or excluded or not")
    private List<String> only = List.of();

    @Option(
            names = "--choose",
            split = ",",
            paramLabel = "SUITE[/NAME]",
            description =
                    "print those scripts of the suites that run directly, each time in less than 10 s and with the"
                            + " same result twice, as a list for scripts.txt, and compare nothing")
    private List<String> choose = List.of();

    @Option(
            names = "--sleeps",
            paramLabel = "N",
            defaultValue = "4",
            description = "put the server to sleep before so many commands of a script; 4 unless given")
    private int sleeps;

    @Option(names = "--seed", paramLabel = "N", description = "by which these are drawn; random unless given")
    private Long seed;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = ".haulout/transparency",
            description = "where transcripts that differ are put; .haulout/transparency unless given")
    private Path output;

    private Main() {}

    /** Compares, and exits with its status: 0, 1 when something differed, 2 when it was called wrongly. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!MysqlTest.isInstalled()) {
            throw new IOException("mariadb-test is not installed: install Debian's package mariadb-test");
        }
        long drawn = seed == null ? new SecureRandom().nextInt(1_000_000) : seed;
        Path work = Files.createTempDirectory(Path.of("/tmp"), "hl-mt");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Stage stage = Stage.set()) {
            Comparison comparison =
                    new Comparison(stage, new MysqlTest(work), output, sleeps, drawn, System.out::println);
            if (!choose.isEmpty()) {
                choose(comparison);
                return 0;
            }
            boolean same = true;
            for (Mode mode : wantedModes()) {
                same &= compare(comparison, mode, drawn);
            }
            return same ? 0 : 1;
        } finally {
            Stage.delete(work);
        }
    }

    private Set<Mode> wantedModes() {
        if (modes.isEmpty()) {
            return EnumSet.allOf(Mode.class);
        }
        Set<Mode> wanted = EnumSet.noneOf(Mode.class);
        modes.forEach(word -> wanted.add(Mode.of(word)));
        return wanted;
    }

    private boolean compare(Comparison comparison, Mode mode, long drawn) throws IOException, InterruptedException {
        ScriptList list = ScriptList.read();
        List<Script> scripts = new ArrayList<>();
        if (only.isEmpty()) {
            list.in(mode).stream()
                    .filter(script -> list.exclusion(script, mode) == null)
                    .forEach(scripts::add);
        } else {
            only.forEach(text -> scripts.add(Script.of(text)));
        }
        Result result = comparison.compare(mode, scripts);
        System.out.println(summary(result, only.isEmpty() ? list.excluded(mode) : 0, sleeps, drawn));
        return result.count(Verdict.DIFFERENT) == 0 && slept(result);
    }

    /** Whether the server slept often enough for that mode to have shown something: once to a script on average. */
    private static boolean slept(Result result) {
        if (result.sleeper() == null
                || result.sleeper().sleeps() >= result.findings().size()) {
            return true;
        }
        System.out.println("too few sleeps to show anything");
        return false;
    }

    /** A result in words. */
    static String summary(Result result, long excluded, int sleeps, long seed) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : result.findings()) {
            if (finding.verdict() != Verdict.IDENTICAL) {
                text.append("  ")
                        .append(finding.verdict())
                        .append(' ')
                        .append(finding.script())
                        .append(": ")
                        .append(finding.detail())
                        .append('\n');
            }
        }
        if (result.sleeper() != null) {
            text.append("forced sleeps: %d, %d to a script at most, drawn by seed %d; kept awake instead by\n%s\n"
                    .formatted(
                            result.sleeper().sleeps(),
                            sleeps,
                            seed,
                            result.sleeper().keepers()));
        }
        return text
                + "%s: %d scripts, %d identical, %d different, %d excluded, %d unstable directly, %d not runnable here"
                        .formatted(
                                result.mode().word(),
                                result.findings().size() + excluded,
                                result.count(Verdict.IDENTICAL),
                                result.count(Verdict.DIFFERENT),
                                excluded,
                                result.count(Verdict.UNSTABLE),
                                result.count(Verdict.NOT_RUNNABLE));
    }

    private void choose(Comparison comparison) throws IOException, InterruptedException {
        for (String each : choose) {
            List<Script> candidates = Script.isSuite(MysqlTest.home(), each)
                    ? Script.of(MysqlTest.home(), each)
                    : List.of(Script.of(each));
            for (Script script : candidates) {
                StringBuilder line = new StringBuilder(script.toString());
                for (Mode mode : List.of(Mode.TEXT, Mode.PREPARED)) {
                    if (comparison.isStable(script, mode)) {
                        line.append(' ').append(mode.word());
                    }
                }
                if (line.length() > script.toString().length()) {
                    System.out.println(line);
                }
            }
        }
    }
}
