package dev.haulout.proxy.sql;

import dev.haulout.proxy.sql.Assignment.Value;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The session variables whose values the proxy can check by itself: for what is here, every MariaDB from 10.6 to 11.8
 * accepts the assignment, without a privilege, a warning or a truncation. Leaving a variable out only costs a wake.
 */
final class KnownVariables {
    static final String TRACKED = "session_track_system_variables";

    private static final Pattern OFFSET =
            Pattern.compile("\\+(0\\d|1[0-2]):[0-5]\\d|\\+13:00|-(0[1-9]|1[0-2]):[0-5]\\d");

    /** Names that may be put on the list of tracked variables: their shown values are known here. */
    private static final Set<String> TRACKABLE = Set.of(
            "autocommit",
            "character_set_client",
            "character_set_connection",
            "character_set_results",
            "redirect_url",
            "time_zone",
            "transaction_isolation",
            "tx_isolation");

    private static final Set<String> ONE_SHOT = Set.of(
            "timestamp",
            "insert_id",
            "identity",
            "rand_seed1",
            "rand_seed2",
            "sql_log_bin",
            "skip_replication",
            "server_id",
            "debug_dbug",
            "debug_sync");

    private static final Set<String> NEXT_TRANSACTION =
            Set.of("tx_isolation", "transaction_isolation", "tx_read_only", "transaction_read_only");

    private static final Map<String, Rule> RULES = rules();

    private KnownVariables() {}

    private sealed interface Rule {
        /** ON or OFF. */
        record Bool() implements Rule {}

        /** An integer within bounds; outside them servers truncate with a warning. */
        record Range(long least, long most) implements Rule {}

        /** One of some words, compared without case and shown as given here. */
        record OneOf(Set<String> words) implements Rule {}

        record TimeZone() implements Rule {}

        record Modes() implements Rule {}

        record Charset(boolean nullable) implements Rule {}

        /** A collation every server has. */
        record OneCollation() implements Rule {}

        record TrackedNames() implements Rule {}
    }

    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new HashMap<>();
        for (String name : List.of(
                "autocommit",
                "foreign_key_checks",
                "unique_checks",
                "check_constraint_checks",
                "sql_safe_updates",
                "sql_big_selects",
                "sql_auto_is_null",
                "sql_quote_show_create",
                "low_priority_updates",
                "session_track_schema",
                "session_track_state_change")) {
            rules.put(name, new Rule.Bool());
        }
        for (String name : List.of(
                "wait_timeout", "interactive_timeout", "net_read_timeout", "net_write_timeout", "lock_wait_timeout")) {
            rules.put(name, new Rule.Range(1, 31_536_000));
        }
        rules.put("innodb_lock_wait_timeout", new Rule.Range(1, 100_000_000));
        rules.put("idle_transaction_timeout", new Rule.Range(0, 31_536_000));
        rules.put("max_statement_time", new Rule.Range(0, 31_536_000));
        rules.put("group_concat_max_len", new Rule.Range(4, 16_777_216));
        rules.put("sql_select_limit", new Rule.Range(1, Long.MAX_VALUE));
        rules.put("auto_increment_increment", new Rule.Range(1, 65_535));
        rules.put("auto_increment_offset", new Rule.Range(1, 65_535));
        rules.put("div_precision_increment", new Rule.Range(0, 30));
        rules.put("default_week_format", new Rule.Range(0, 7));
        rules.put("lc_time_names", new Rule.OneOf(Set.of("en_US")));
        rules.put("lc_messages", new Rule.OneOf(Set.of("en_US")));
        rules.put("time_zone", new Rule.TimeZone());
        rules.put("sql_mode", new Rule.Modes());
        rules.put("character_set_client", new Rule.Charset(false));
        rules.put("character_set_connection", new Rule.Charset(false));
        rules.put("character_set_results", new Rule.Charset(true));
        rules.put("character_set_server", new Rule.Charset(false));
        rules.put("collation_connection", new Rule.OneCollation());
        rules.put("collation_server", new Rule.OneCollation());
        rules.put(TRACKED, new Rule.TrackedNames());
        return Map.copyOf(rules);
    }

    /** Whether the server is certain to accept this assignment in silence. */
    static boolean deferrable(Assignment assignment) {
        return switch (assignment) {
            case Assignment.SystemVariable variable -> accepted(variable);
            case Assignment.UserVariable variable ->
                switch (variable.value()) {
                    case Value.Int _, Value.Text _ -> true;
                    case Value.Word _, Value.Default _, Value.Null _, Value.Appended _ -> false;
                };
            case Assignment.Names names -> namesAccepted(names);
            case Assignment.CharacterSet set -> charset(set.charset()) != null;
            case Assignment.Isolation _, Assignment.Access _ -> true;
        };
    }

    private static boolean accepted(Assignment.SystemVariable variable) {
        if (!RULES.containsKey(variable.name())) {
            return false;
        }
        return switch (variable.value()) {
            case Value.Default _ -> true;
            case Value.Appended appended -> appendable(variable.name(), appended);
            case Value.Int _, Value.Text _, Value.Word _, Value.Null _ ->
                shown(variable.name(), variable.value()) != null;
        };
    }

    private static boolean appendable(String name, Value.Appended appended) {
        boolean list = name.equals("sql_mode") || name.equals(TRACKED);
        return list
                && appended.variable().equals(name)
                && appended.suffix().startsWith(",")
                && shown(name, new Value.Text(appended.suffix().substring(1))) != null;
    }

    /**
     * The value the server will show after such an assignment, or null when that is not certain. {@code NULL} for a
     * character set is shown as the empty string. DEFAULT and CONCAT depend on the session and have no answer here.
     */
    static String shown(String name, Value value) {
        Rule rule = RULES.get(name);
        if (rule == null) {
            return null;
        }
        return switch (rule) {
            case Rule.Bool _ -> bool(value);
            case Rule.Range range ->
                value instanceof Value.Int(long number) && number >= range.least() && number <= range.most()
                        ? Long.toString(number)
                        : null;
            case Rule.OneOf one ->
                value instanceof Value.Text(String text)
                        ? one.words().stream()
                                .filter(text::equalsIgnoreCase)
                                .findFirst()
                                .orElse(null)
                        : null;
            case Rule.TimeZone _ -> timeZone(value);
            case Rule.Modes _ -> value instanceof Value.Null ? null : modes(value);
            case Rule.Charset set -> value instanceof Value.Null ? (set.nullable() ? "" : null) : charset(word(value));
            case Rule.OneCollation _ -> {
                String named = word(value);
                yield named == null || Collation.byName(named) == null ? null : named;
            }
            case Rule.TrackedNames _ -> value instanceof Value.Text(String text) ? trackedNames(text) : null;
        };
    }

    private static String bool(Value value) {
        return switch (value) {
            case Value.Int(long number) -> number == 0 ? "OFF" : number == 1 ? "ON" : null;
            case Value.Word(String word) ->
                switch (word.toUpperCase(Locale.ROOT)) {
                    case "ON", "TRUE" -> "ON";
                    case "OFF", "FALSE" -> "OFF";
                    default -> null;
                };
            case Value.Text(String text) ->
                text.equalsIgnoreCase("ON") ? "ON" : text.equalsIgnoreCase("OFF") ? "OFF" : null;
            case Value.Default _, Value.Null _, Value.Appended _ -> null;
        };
    }

    private static String timeZone(Value value) {
        String text = word(value);
        if (text == null) {
            return null;
        }
        if (text.equalsIgnoreCase("SYSTEM")) {
            return "SYSTEM";
        }
        return OFFSET.matcher(text).matches() ? text : null;
    }

    private static String modes(Value value) {
        String text = word(value);
        return text == null ? null : SqlMode.expand(text);
    }

    private static String trackedNames(String text) {
        if (text.isEmpty()) {
            return text;
        }
        for (String name : text.split(",", -1)) {
            if (!TRACKABLE.contains(name)) {
                return null;
            }
        }
        return text;
    }

    private static String word(Value value) {
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Word(String word) -> word;
            case Value.Int _, Value.Default _, Value.Null _, Value.Appended _ -> null;
        };
    }

    /**
     * A character set's name as servers show it, or null when not every server has it. {@code utf8} is given as utf8mb3,
     * which holds while {@code old_mode} has UTF8_IS_UTF8MB3.
     */
    static String charset(String name) {
        if (name == null) {
            return null;
        }
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "utf8", "utf8mb3" -> "utf8mb3";
            case "utf8mb4" -> "utf8mb4";
            case "latin1" -> "latin1";
            case "ascii" -> "ascii";
            case "binary" -> "binary";
            default -> null;
        };
    }

    private static boolean namesAccepted(Assignment.Names names) {
        return charset(names.charset()) != null && (names.collation() == null || collation(names) != null);
    }

    /** The collation a {@code SET NAMES ... COLLATE ...} names, or null when there is none or it does not fit. */
    static Collation collation(Assignment.Names names) {
        String name = names.collation();
        if (name == null) {
            return null;
        }
        // "utf8" means the same in both places, whichever it means.
        if (names.charset().equals("utf8") != name.startsWith("utf8_")) {
            return null;
        }
        Collation collation = Collation.byName(name.startsWith("utf8_") ? "utf8mb3_" + name.substring(5) : name);
        return collation != null && collation.charset().equals(charset(names.charset())) ? collation : null;
    }

    /** What these assignments leave behind that reading the session back cannot give. */
    static Set<Pin> pins(List<Assignment> assignments) {
        Set<Pin> pins = EnumSet.noneOf(Pin.class);
        for (Assignment assignment : assignments) {
            if (assignment instanceof Assignment.SystemVariable variable) {
                if (oneShot(variable.name())) {
                    pins.add(Pin.ONE_SHOT_VARIABLE);
                }
                if (variable.scope() != Assignment.Scope.SESSION && NEXT_TRANSACTION.contains(variable.name())) {
                    pins.add(Pin.NEXT_TRANSACTION);
                }
            }
        }
        return pins;
    }

    /** Whether a variable of that name (lower case) means the next statement, or reads back as something else. */
    static boolean oneShot(String name) {
        return ONE_SHOT.contains(name) || name.startsWith("pseudo_") || name.startsWith("gtid_");
    }

    /** Whether a variable of that name (lower case) means the next transaction when no scope is named. */
    static boolean nextTransaction(String name) {
        return NEXT_TRANSACTION.contains(name);
    }
}
