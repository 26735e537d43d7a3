package dev.haulout.crd.manifest;

import dev.haulout.crd.Durations;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
            "!has(self.user) || !(self.user in ['haulout', 'haulout_gateway', 'root', 'mysql', 'mariadb.sys', 'PUBLIC'])",
            List.of("user"),
            self -> !Set.of("haulout", "haulout_gateway", "root", "mysql", "mariadb.sys", "PUBLIC")
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

    FIRST_WAKE_KNOWS_THE_PASSWORD(
            "!has(self.initialise) || self.initialise != 'OnFirstWake' || !has(self.passwordSecret)",
            List.of("initialise", "passwordSecret"),
            self -> !"OnFirstWake".equals(self.get("initialise")) || !self.containsKey("passwordSecret")),

    SIZE_IS_AN_AMOUNT(
            "!has(self.size) || isQuantity(string(self.size))"
                    + " && quantity(string(self.size)).isGreaterThan(quantity('0'))",
            List.of("size"),
            self -> !self.containsKey("size") || amount(self.get("size")).compareTo(BigDecimal.ZERO) > 0),

    SIZE_ONLY_GROWS(
            "!has(self.size) || !has(oldSelf.size) || !isQuantity(string(self.size)) || !isQuantity(string(oldSelf.size))"
                    + " || quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0",
            List.of("size"),
            self -> true), // a host has no volume that could shrink

    CLASS_STAYS(
            "has(self.class) == has(oldSelf.class) && (!has(self.class) || self.class == oldSelf.class)",
            List.of("class"),
            self -> true), // nor one of a class

    CPU_IS_AN_AMOUNT(
            "!has(self.cpu) || isQuantity(string(self.cpu))"
                    + " && quantity(string(self.cpu)).isGreaterThan(quantity('0'))",
            List.of("cpu"),
            self -> !self.containsKey("cpu") || amount(self.get("cpu")).signum() > 0),

    MEMORY_IS_ENOUGH(
            "!has(self.memory) || isQuantity(string(self.memory))"
                    + " && quantity(string(self.memory)).compareTo(quantity('64Mi')) >= 0",
            List.of("memory"),
            self -> !self.containsKey("memory")
                    || amount(self.get("memory")).compareTo(BigDecimal.valueOf(64L << 20)) >= 0),

    LABELS_ARE_FREE(
            "!has(self.labels) || self.labels.all(name, !name.startsWith('haulout.dev/')"
                    + " && !name.startsWith('app.kubernetes.io/'))",
            List.of("labels"),
            self -> names(self.get("labels"))
                    .noneMatch(name -> name.startsWith("haulout.dev/") || name.startsWith("app.kubernetes.io/"))),

    ANNOTATIONS_ARE_FREE(
            "!has(self.annotations) || self.annotations.all(name, !name.startsWith('haulout.dev/'))",
            List.of("annotations"),
            self -> names(self.get("annotations")).noneMatch(name -> name.startsWith("haulout.dev/"))),

    SLEEPS_AFTER_A_WHILE(
            "!has(self.after) || duration(self.after) > duration('0s')",
            List.of("after"),
            self -> !self.containsKey("after") || isLong(self.get("after"))),

    WAKES_WITHIN_A_WHILE(
            "!has(self.wakeDeadline) || duration(self.wakeDeadline) > duration('0s')",
            List.of("wakeDeadline"),
            self -> !self.containsKey("wakeDeadline") || isLong(self.get("wakeDeadline"))),

    WINDOW_HAS_A_LENGTH(
            "!has(self.duration) || (duration(self.duration) >= duration('1m')"
                    + " && duration(self.duration) <= duration('168h'))",
            List.of("duration"),
            self -> !self.containsKey("duration") || isWindow(self.get("duration"))),

    TIME_ZONE_IS_KNOWN(
            "!has(self.timeZone) || (self.timeZone != 'Local' &&"
                    + " timestamp('2000-01-01T00:00:00Z').getFullYear(self.timeZone) > 0)",
            List.of("timeZone"),
            self -> ZoneId.getAvailableZoneIds().contains(self.getOrDefault("timeZone", "UTC")));

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

    /** Whether it compares a resource with what it was before, which a folder of manifests does not tell. */
    boolean comparesWithBefore() {
        return cel.contains("oldSelf");
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

    /** The names in a mapping that may be absent. */
    private static Stream<String> names(Object mapping) {
        return mapping instanceof Map<?, ?> map ? map.keySet().stream().map(Object::toString) : Stream.of();
    }

    private static boolean isWindow(Object duration) {
        Duration length = Durations.parse(duration.toString());
        return length.compareTo(Duration.ofMinutes(1)) >= 0 && length.compareTo(Duration.ofHours(168)) <= 0;
    }

    /** The amount as a number; -1 for what is none. */
    private static BigDecimal amount(Object written) {
        try {
            return Quantity.parse(written.toString()).getNumericalAmount();
        } catch (IllegalArgumentException e) {
            return BigDecimal.valueOf(-1);
        }
    }
}
