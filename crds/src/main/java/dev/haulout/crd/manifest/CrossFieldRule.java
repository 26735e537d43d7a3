package dev.haulout.crd.manifest;

import dev.haulout.crd.Durations;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The CEL rules of the CRD once more in Java. Each is found by the text of its CEL expression, so that a rule that is
 * added or changed in the model is an error until its twin here has been looked at.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists and predicates are immutable, only their types cannot say so
enum CrossFieldRule {
    NAME_FITS_A_SERVICE(
            "self.metadata.name.matches('^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$')",
            List.of("metadata.name"),
            self -> matches("^[a-z]([a-z0-9-]{0,50}[a-z0-9])?\\z", ((Map<?, ?>) self.get("metadata")).get("name"))),

    USER_HAS_A_DATABASE(
            "!has(self.user) || has(self.database)",
            List.of("user", "database"),
            self -> !self.containsKey("user") || self.containsKey("database")),

    USER_IS_FREE(
            "!has(self.user) || !(self.user in ['haulout', 'root', 'mysql', 'mariadb.sys', 'PUBLIC'])",
            List.of("user"),
            self -> !Set.of("haulout", "root", "mysql", "mariadb.sys", "PUBLIC")
                    .contains(self.getOrDefault("user", ""))),

    DATABASE_IS_FREE(
            "!has(self.database) || !(self.database.lowerAscii() in"
                    + " ['mysql', 'sys', 'information_schema', 'performance_schema'])",
            List.of("database"),
            self -> !Set.of("mysql", "sys", "information_schema", "performance_schema")
                    .contains(self.getOrDefault("database", "").toString().toLowerCase(Locale.ROOT))),

    PASSWORD_HAS_A_USER(
            "!has(self.passwordSecret) || has(self.user)",
            List.of("passwordSecret", "user"),
            self -> !self.containsKey("passwordSecret") || self.containsKey("user")),

    MY_CNF_KEEPS_ITS_GROUP(
            "!has(self.myCnf) || !self.myCnf.matches('(^|[\\r\\n])[ \\t]*[\\\\[!]')",
            List.of("myCnf"),
            self -> !matches("(^|[\\r\\n])[ \\t]*[\\[!]", self.getOrDefault("myCnf", ""))),

    SLEEPS_AFTER_A_WHILE(
            "!has(self.after) || duration(self.after) > duration('0s')",
            List.of("after"),
            self -> !self.containsKey("after") || isLong(self.get("after"))),

    WAKES_WITHIN_A_WHILE(
            "!has(self.wakeDeadline) || duration(self.wakeDeadline) > duration('0s')",
            List.of("wakeDeadline"),
            self -> !self.containsKey("wakeDeadline") || isLong(self.get("wakeDeadline")));

    private final String cel;
    private final List<String> reads;
    private final Predicate<Map<String, Object>> holds;

    CrossFieldRule(String cel, List<String> reads, Predicate<Map<String, Object>> holds) {
        this.cel = cel;
        this.reads = reads;
        this.holds = holds;
    }

    /** The twin of a CEL expression; an error when there is none. */
    static CrossFieldRule ofCel(String cel) {
        return Arrays.stream(values())
                .filter(rule -> rule.cel.equals(cel))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the CEL rule has no twin in Java: " + cel));
    }

    /** The fields it reads, relative to where it stands. It cannot be asked while one of them is itself at fault. */
    List<String> reads() {
        return reads;
    }

    /** Whether a mapping keeps the rule. */
    boolean holds(Map<String, Object> self) {
        return holds.test(self);
    }

    private static boolean matches(String pattern, Object text) {
        return Pattern.compile(pattern).matcher(text.toString()).find();
    }

    private static boolean isLong(Object duration) {
        return Durations.parse(duration.toString()).compareTo(Duration.ZERO) > 0;
    }
}
