package dev.haulout.proxy.sql;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A collation that every MariaDB from 10.6 to 11.8 has under the same name and id, and whose result metadata is known.
 *
 * @param id its number in the protocol
 * @param name in lower case, with {@code utf8mb3} spelt out
 * @param charset its character set
 * @param maxBytes most bytes a character takes
 */
record Collation(int id, String name, String charset, int maxBytes) {

    private static final List<Collation> ALL = List.of(
            new Collation(11, "ascii_general_ci", "ascii", 1),
            new Collation(65, "ascii_bin", "ascii", 1),
            new Collation(8, "latin1_swedish_ci", "latin1", 1),
            new Collation(5, "latin1_german1_ci", "latin1", 1),
            new Collation(48, "latin1_general_ci", "latin1", 1),
            new Collation(47, "latin1_bin", "latin1", 1),
            new Collation(33, "utf8mb3_general_ci", "utf8mb3", 3),
            new Collation(83, "utf8mb3_bin", "utf8mb3", 3),
            new Collation(192, "utf8mb3_unicode_ci", "utf8mb3", 3),
            new Collation(214, "utf8mb3_unicode_520_ci", "utf8mb3", 3),
            new Collation(45, "utf8mb4_general_ci", "utf8mb4", 4),
            new Collation(46, "utf8mb4_bin", "utf8mb4", 4),
            new Collation(224, "utf8mb4_unicode_ci", "utf8mb4", 4),
            new Collation(246, "utf8mb4_unicode_520_ci", "utf8mb4", 4));

    private static final Map<Integer, Collation> BY_ID =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Collation::id, Function.identity()));
    private static final Map<String, Collation> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Collation::name, Function.identity()));
    private static final Map<String, Integer> DEFAULTS = Map.of("ascii", 11, "latin1", 8, "utf8mb3", 33, "utf8mb4", 45);

    /** MySQL 8's default, which only late releases of MariaDB have (11.4.5 for one): not among those below. */
    static final Collation OF_MYSQL_8 = new Collation(255, "utf8mb4_0900_ai_ci", "utf8mb4", 4);

    /** The collation a session's results are in, which its server so has; null when it is not among those known. */
    static Collation ofResults(int id) {
        return id == OF_MYSQL_8.id() ? OF_MYSQL_8 : byId(id);
    }

    /** The collation of that number, or null when it is not among those known. */
    static Collation byId(int id) {
        return BY_ID.get(id);
    }

    /** The collation of that name, or null when it is not among those known. */
    static Collation byName(String name) {
        return BY_NAME.get(name);
    }

    /** The compiled-in default of a character set, or null when that is not among those known. */
    static Collation defaultOf(String charset) {
        Integer id = DEFAULTS.get(charset);
        return id == null ? null : BY_ID.get(id);
    }

    /** Whether it compares bytes, which literals of it show in their column's flags. */
    boolean binary() {
        return name.endsWith("_bin");
    }

    /** Whether it is its character set's compiled-in default. */
    boolean isDefault() {
        return DEFAULTS.get(charset) == id;
    }
}
