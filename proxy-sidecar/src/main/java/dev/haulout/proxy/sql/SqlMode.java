package dev.haulout.proxy.sql;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Values of {@code sql_mode}: a comma-separated list of names, some of which stand for several. */
final class SqlMode {
    /** All that are understood, in the order in which the server shows them. */
    private static final List<String> ORDER = List.of(
            "REAL_AS_FLOAT",
            "PIPES_AS_CONCAT",
            "ANSI_QUOTES",
            "IGNORE_SPACE",
            "IGNORE_BAD_TABLE_OPTIONS",
            "ONLY_FULL_GROUP_BY",
            "NO_UNSIGNED_SUBTRACTION",
            "NO_DIR_IN_CREATE",
            "ANSI",
            "NO_AUTO_VALUE_ON_ZERO",
            "NO_BACKSLASH_ESCAPES",
            "STRICT_TRANS_TABLES",
            "STRICT_ALL_TABLES",
            "NO_ZERO_IN_DATE",
            "NO_ZERO_DATE",
            "ALLOW_INVALID_DATES",
            "ERROR_FOR_DIVISION_BY_ZERO",
            "TRADITIONAL",
            "NO_AUTO_CREATE_USER",
            "HIGH_NOT_PRECEDENCE",
            "NO_ENGINE_SUBSTITUTION",
            "PAD_CHAR_TO_FULL_LENGTH");

    private static final List<String> ANSI =
            List.of("REAL_AS_FLOAT", "PIPES_AS_CONCAT", "ANSI_QUOTES", "IGNORE_SPACE", "ANSI");
    private static final List<String> TRADITIONAL = List.of(
            "STRICT_TRANS_TABLES",
            "STRICT_ALL_TABLES",
            "NO_ZERO_IN_DATE",
            "NO_ZERO_DATE",
            "ERROR_FOR_DIVISION_BY_ZERO",
            "TRADITIONAL",
            "NO_AUTO_CREATE_USER",
            "NO_ENGINE_SUBSTITUTION");

    private SqlMode() {}

    /**
     * The value the server shows for a list, combinations expanded, or null when it has a name that some server might refuse, or
     * one that changes the language itself (ORACLE and its kin), under which nothing is answered.
     */
    static String expand(String list) {
        Set<String> names = new HashSet<>();
        for (String part : list.split(",", -1)) {
            String name = part.toUpperCase(Locale.ROOT);
            switch (name) {
                case "" -> {}
                case "ANSI" -> names.addAll(ANSI);
                case "TRADITIONAL" -> names.addAll(TRADITIONAL);
                default -> {
                    if (!ORDER.contains(name)) {
                        return null;
                    }
                    names.add(name);
                }
            }
        }
        return ORDER.stream().filter(names::contains).collect(Collectors.joining(","));
    }

    /** Whether a value, as the server shows it, contains that mode. */
    static boolean has(String shown, String mode) {
        return List.of(shown.split(",", -1)).contains(mode);
    }

    /** Whether statements mean under it what this package takes them to mean. */
    static boolean understood(String shown) {
        return expand(shown) != null;
    }
}
