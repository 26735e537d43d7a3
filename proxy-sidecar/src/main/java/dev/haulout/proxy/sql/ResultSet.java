package dev.haulout.proxy.sql;

import dev.haulout.proxy.sql.Statement.Constant;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The one-row result of a {@link Statement.Select}, or a wake where a value or its column's definition is not certain. */
final class ResultSet {
    /** Variables the server shows as unsigned integers. */
    private static final Set<String> INTEGERS = Set.of(
            "auto_increment_increment",
            "interactive_timeout",
            "lower_case_table_names",
            "max_allowed_packet",
            "net_buffer_length",
            "net_write_timeout",
            "query_cache_size",
            "wait_timeout");

    /** Variables shown as 0 or 1. */
    private static final Set<String> BOOLEANS = Set.of("autocommit", "performance_schema");

    /** Variables shown as strings. */
    private static final Set<String> STRINGS = Set.of(
            "character_set_client",
            "character_set_connection",
            "character_set_results",
            "character_set_server",
            "collation_connection",
            "collation_server",
            "init_connect",
            "license",
            "query_cache_type",
            "sql_mode",
            "system_time_zone",
            "time_zone",
            "transaction_isolation",
            "tx_isolation",
            "version",
            "version_comment");

    /** Those of the above that no session has a value of its own for. */
    private static final Set<String> GLOBAL_ONLY = Set.of(
            "init_connect",
            "license",
            "lower_case_table_names",
            "performance_schema",
            "query_cache_size",
            "system_time_zone",
            "version",
            "version_comment");

    private static final Set<String> WIDE = Set.of("ucs2", "utf16", "utf16le", "utf32");
    private static final Set<String> MEASURED = Set.of("ascii", "latin1", "utf8mb3", "utf8mb4");

    /** Longest name the server returns from DATABASE(), in characters. */
    private static final int NAME_LENGTH = 64;

    private static final int INTEGER_LENGTH = 21;
    private static final int NOT_FIXED_DECIMALS = 39;

    private final SessionView view;
    private final List<byte[]> definitions = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    private ResultSet(SessionView view) {
        this.view = view;
    }

    static Answer of(SessionView view, Statement.Select select) {
        String limit = view.variable("sql_select_limit");
        String results = view.changed().getOrDefault("character_set_results", "");
        if (limit == null || limit.equals("0") || WIDE.contains(results)) {
            return new Answer.Wake("the session's results are limited or in a wide character set");
        }
        ResultSet set = new ResultSet(view);
        for (Statement.Column column : select.columns()) {
            if (!set.add(column)) {
                return new Answer.Wake("a value, or how the server would describe its column, is not known");
            }
        }
        return set.answer();
    }

    private Answer answer() {
        byte[] end = Packets.end(view.capabilities(), view.status());
        List<byte[]> payloads = new ArrayList<>();
        payloads.add(Packets.columnCount(view.capabilities(), definitions.size()));
        payloads.addAll(definitions);
        if (!view.has(Packets.CLIENT_DEPRECATE_EOF)) {
            payloads.add(end);
        }
        payloads.add(Packets.row(values));
        payloads.add(end);
        return new Answer.Packets(payloads, view, false);
    }

    private boolean add(Statement.Column column) {
        return switch (column.value()) {
            case Constant.Int(String digits) ->
                number(
                        column.name(),
                        digits,
                        digits.length(),
                        Packets.TYPE_LONG,
                        Packets.FLAG_NOT_NULL | Packets.FLAG_BINARY);
            case Constant.Text(String text) ->
                string(column.name(), text, text.length(), Packets.FLAG_NOT_NULL | binaryFlag());
            case Constant.Variable variable -> variable(column.name(), variable);
            case Constant.Function function ->
                switch (function) {
                    case VERSION -> known(column.name(), view.globals().get("version"), Packets.FLAG_NOT_NULL);
                    case DATABASE -> string(column.name(), view.database(), NAME_LENGTH, 0);
                };
        };
    }

    private boolean variable(String column, Constant.Variable variable) {
        String name = variable.name();
        String value = switch (variable.scope()) {
            case ANY -> view.variable(name);
            case SESSION -> GLOBAL_ONLY.contains(name) ? null : view.variable(name);
            case GLOBAL -> view.globals().get(name);
        };
        if (value == null) {
            return false;
        }
        if (INTEGERS.contains(name)) {
            return number(
                    column, value, INTEGER_LENGTH, Packets.TYPE_LONGLONG, Packets.FLAG_UNSIGNED | Packets.FLAG_BINARY);
        }
        if (BOOLEANS.contains(name)) {
            return number(column, value.equals("ON") ? "1" : "0", 1, Packets.TYPE_LONGLONG, Packets.FLAG_BINARY);
        }
        return STRINGS.contains(name) && known(column, value, 0);
    }

    private boolean number(String column, String value, int length, int type, int flags) {
        definitions.add(Packets.column(view.capabilities(), column, Packets.BINARY_CHARSET, length, type, flags, 0));
        values.add(value);
        return true;
    }

    private boolean known(String column, String value, int flags) {
        return value != null
                && StandardCharsets.US_ASCII.newEncoder().canEncode(value)
                && string(column, value, value.length(), flags);
    }

    private boolean string(String column, String value, int characters, int flags) {
        Collation collation = Collation.ofResults(view.resultsCollation());
        String connection = view.variable("character_set_connection");
        if (collation == null
                || connection == null
                || !MEASURED.contains(connection)
                || view.variable("collation_connection") == null) {
            return false;
        }
        definitions.add(Packets.column(
                view.capabilities(),
                column,
                collation.id(),
                (long) characters * collation.maxBytes(),
                Packets.TYPE_VAR_STRING,
                flags,
                NOT_FIXED_DECIMALS));
        values.add(value);
        return true;
    }

    private int binaryFlag() {
        String collation = view.variable("collation_connection");
        return collation != null && collation.endsWith("_bin") ? Packets.FLAG_BINARY : 0;
    }
}
