package dev.haulout.e2e.transparency;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The scripts to compare, and those of them that are left out. Both are text files beside this class: {@code scripts.txt},
 * made by {@code haulout transparency --choose}, has every script that runs directly with the same transcript twice, with
 * the modes in which it does; {@code exclusions.txt} has what can't be the same at the door, each with its reason.
 */
final class ScriptList {
    private static final String EVERY_MODE = "*";

    private final Map<Script, Set<Mode>> scripts;
    private final Map<Script, Map<Mode, String>> exclusions;

    private ScriptList(Map<Script, Set<Mode>> scripts, Map<Script, Map<Mode, String>> exclusions) {
        this.scripts = scripts;
        this.exclusions = exclusions;
    }

    /** Reads both files. */
    static ScriptList read() throws IOException {
        Map<Script, Set<Mode>> scripts = new TreeMap<>();
        for (String line : lines("scripts.txt")) {
            String[] words = line.split(" ");
            Set<Mode> modes = EnumSet.noneOf(Mode.class);
            for (int i = 1; i < words.length; i++) {
                modes.add(Mode.of(words[i]));
            }
            scripts.put(Script.of(words[0]), modes);
        }
        Map<Script, Map<Mode, String>> exclusions = new HashMap<>();
        for (String line : lines("exclusions.txt")) {
            String[] words = line.split(" ", 3);
            Map<Mode, String> reasons = exclusions.computeIfAbsent(Script.of(words[0]), script -> new HashMap<>());
            for (Mode mode : words[1].equals(EVERY_MODE) ? EnumSet.allOf(Mode.class) : EnumSet.of(Mode.of(words[1]))) {
                reasons.put(mode, words[2]);
            }
        }
        for (Script excluded : exclusions.keySet()) {
            if (!scripts.containsKey(excluded)) {
                throw new IOException("exclusions.txt names " + excluded + ", which is not in scripts.txt");
            }
        }
        return new ScriptList(scripts, exclusions);
    }

    private static List<String> lines(String file) throws IOException {
        try (InputStream stream = ScriptList.class.getResourceAsStream(file)) {
            if (stream == null) {
                return List.of();
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
    }

    /** All scripts that run directly in that mode, the excluded ones too. */
    List<Script> in(Mode mode) {
        List<Script> found = new ArrayList<>();
        scripts.forEach((script, modes) -> {
            if (modes.contains(mode.direct())) {
                found.add(script);
            }
        });
        return found;
    }

    /** Why a script is left out in that mode; null where it is not. */
    String exclusion(Script script, Mode mode) {
        return exclusions.getOrDefault(script, Map.of()).get(mode);
    }

    /** How many are left out in that mode. */
    long excluded(Mode mode) {
        return in(mode).stream()
                .filter(script -> exclusion(script, mode) != null)
                .count();
    }
}
