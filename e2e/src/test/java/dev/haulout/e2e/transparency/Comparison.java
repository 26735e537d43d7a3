package dev.haulout.e2e.transparency;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Runs scripts directly and at the door, and compares what their client wrote down. */
final class Comparison {
    /** What takes longer is not chosen. */
    private static final Duration CHOICE_LIMIT = Duration.ofSeconds(10);

    private static final Duration DIRECT_LIMIT = Duration.ofMinutes(1);

    private static final Duration DOOR_LIMIT = Duration.ofMinutes(2);

    /** How a script fared. */
    enum Verdict {
        IDENTICAL,
        DIFFERENT,
        /** Its transcripts differ without Haulout as well. */
        UNSTABLE,
        /** It fails here without Haulout. */
        NOT_RUNNABLE
    }

    /** @param detail the first difference, or what the client said; empty where all is well */
    record Finding(Script script, Verdict verdict, String detail) {}

    /**
     * Of one mode.
     *
     * @param sleeper null in a mode without forced sleeps
     */
    record Result(Mode mode, List<Finding> findings, Sleeper sleeper) {
        long count(Verdict verdict) {
            return findings.stream()
                    .filter(finding -> finding.verdict() == verdict)
                    .count();
        }

        List<Finding> all(Verdict verdict) {
            return findings.stream()
                    .filter(finding -> finding.verdict() == verdict)
                    .toList();
        }
    }

    private record Direct(Transcript transcript, int commands) {}

    private final Stage stage;
    private final MysqlTest client;
    private final Path output;
    private final int sleepsEach;
    private final long seed;
    private final Consumer<String> report;
    private final Map<Mode, Map<Script, Direct>> directs = new LinkedHashMap<>();

    /**
     * @param client on a work folder of its own
     * @param output where transcripts that differ are put
     * @param sleepsEach before how many commands of a script the server is put to sleep
     * @param seed by which these are drawn
     * @param report told of every script
     */
    Comparison(Stage stage, MysqlTest client, Path output, int sleepsEach, long seed, Consumer<String> report) {
        this.stage = stage;
        this.client = client;
        this.output = output;
        this.sleepsEach = sleepsEach;
        this.seed = seed;
        this.report = report;
    }

    /** Compares in one mode. First all scripts are run directly, where they have not been yet, then all at the door. */
    Result compare(Mode mode, List<Script> scripts) throws IOException, InterruptedException {
        Map<Script, Direct> direct = directs.computeIfAbsent(mode.direct(), none -> new LinkedHashMap<>());
        for (Script script : scripts) {
            if (!direct.containsKey(script)) {
                direct.put(script, direct(script, mode.direct(), DIRECT_LIMIT));
            }
        }
        Sleeper sleeper = mode == Mode.ASLEEP ? new Sleeper(stage::status) : null;
        List<Finding> findings = new ArrayList<>();
        Map<Script, Transcript> differing = new LinkedHashMap<>();
        for (Script script : scripts) {
            Direct before = direct.get(script);
            if (!before.transcript().isComplete()) {
                findings.add(new Finding(
                        script, Verdict.NOT_RUNNABLE, before.transcript().said().strip()));
                continue;
            }
            Transcript through = atTheDoor(script, mode, before.commands(), sleeper);
            if (through.sameAs(before.transcript())) {
                findings.add(new Finding(script, Verdict.IDENTICAL, ""));
            } else {
                differing.put(script, through);
                report.accept(mode.word() + " " + script + " differs, "
                        + before.transcript().firstDifference(through));
            }
        }
        for (Map.Entry<Script, Transcript> each : differing.entrySet()) {
            Script script = each.getKey();
            Transcript first = direct.get(script).transcript();
            Transcript again = direct(script, mode.direct(), DIRECT_LIMIT).transcript();
            if (first.sameAs(again)) {
                keep(script, mode, first, each.getValue());
                findings.add(new Finding(script, Verdict.DIFFERENT, first.firstDifference(each.getValue())));
            } else {
                findings.add(new Finding(script, Verdict.UNSTABLE, first.firstDifference(again)));
            }
        }
        return new Result(mode, findings, sleeper);
    }

    private Direct direct(Script script, Mode mode, Duration limit) throws IOException, InterruptedException {
        Path server = stage.freshServer();
        if (mode != Mode.TEXT) { // the passage can't look into every mode, and only text is compared with forced sleeps
            link(server);
            return new Direct(client.run(script, mode, limit), 0);
        }
        try (Passage passage = new Passage(client.socket(), server, command -> {})) {
            Transcript transcript = client.run(script, mode, limit);
            return new Direct(transcript, passage.commands());
        }
    }

    private Transcript atTheDoor(Script script, Mode mode, int commands, Sleeper sleeper)
            throws IOException, InterruptedException {
        Path door = stage.freshDoor();
        if (sleeper == null) {
            link(door);
            return client.run(script, mode, DOOR_LIMIT);
        }
        Set<Integer> drawn = Sleeper.draw(script, commands, sleepsEach, seed);
        try (Passage passage = new Passage(client.socket(), door, command -> {
            if (drawn.contains(command)) {
                sleeper.await();
            }
        })) {
            return client.run(script, mode, DOOR_LIMIT);
        }
    }

    /** Without a passage in between. */
    private void link(Path target) throws IOException {
        Files.deleteIfExists(client.socket());
        Files.createSymbolicLink(client.socket(), target);
    }

    private void keep(Script script, Mode mode, Transcript direct, Transcript door) throws IOException {
        Path folder = Files.createDirectories(output.resolve(mode.word()));
        String name = script.toString().replace('/', '.');
        Files.write(folder.resolve(name + ".direct"), direct.toBytes());
        Files.write(folder.resolve(name + ".door"), door.toBytes());
    }

    /** Whether a script gives the same transcript twice directly. */
    boolean isStable(Script script, Mode mode) throws IOException, InterruptedException {
        Transcript first = direct(script, mode, CHOICE_LIMIT).transcript();
        return first.isComplete()
                && direct(script, mode, CHOICE_LIMIT).transcript().sameAs(first);
    }
}
