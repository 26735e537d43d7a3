package dev.haulout.proxy.session;

import dev.haulout.proxy.sql.Assignment;
import dev.haulout.proxy.sql.Statement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What decides how the server reads a text, besides the text: {@code sql_mode}, character set and collation, and the
 * current database. A prepared statement keeps those of its preparation, so it must be known when they change. Where a text
 * doesn't tell they are taken to change. (A stored procedure has its own {@code sql_mode} and no USE.)
 */
final class ParseContext {
    private static final List<String> OF_READING = List.of("sql_mode", "names", "character", "charset", "collation");

    /** As words, for tables are called "users" and columns "user_names". */
    private static final Pattern SPEAKS_OF_READING =
            words("sql_mode|names|character(?:_set)?(?:_\\w+)?|charset|collation(?:_\\w+)?");

    private static final Pattern SPEAKS_OF_DATABASE = words("use|database|schema");

    private ParseContext() {}

    /**
     * Whether the statement may change how later texts are read.
     *
     * @param severalAtOnce whether the server takes several statements in one text
     */
    static boolean mayChange(RunningCommand command, boolean severalAtOnce) {
        return switch (command.statement()) {
            case null -> false;
            case Statement.SetVariables set ->
                set.assignments().stream().anyMatch(assignment -> switch (assignment) {
                    case Assignment.Names names -> true;
                    case Assignment.CharacterSet set1 -> true;
                    case Assignment.SystemVariable variable ->
                        OF_READING.stream().anyMatch(variable.name()::contains);
                    case Assignment.UserVariable variable -> false;
                    case Assignment.Isolation isolation -> false;
                    case Assignment.Access access -> false;
                });
            case Statement.Other other ->
                !other.neutral() && (speaks(SPEAKS_OF_READING, command.body()) || hides(other, severalAtOnce));
            case Statement.Select select -> false;
            case Statement.Do dummy -> false;
            case Statement.Use use -> false;
            case Statement.Begin begin -> false;
            case Statement.Commit commit -> false;
            case Statement.Rollback rollback -> false;
        };
    }

    /** Whether the statement may change the current database otherwise than a plain USE, which says to what. */
    static boolean mayChangeDatabase(RunningCommand command, boolean severalAtOnce) {
        return command.statement() instanceof Statement.Other other
                && (!other.neutral() || other.keyword().equals("DROP"))
                && (speaks(SPEAKS_OF_DATABASE, command.body()) || hides(other, severalAtOnce));
    }

    /** Whether the part of the text that isn't looked at may hold anything of that kind. */
    private static boolean hides(Statement.Other other, boolean severalAtOnce) {
        return other.truncated() && (severalAtOnce || other.keyword().equals("SET"));
    }

    private static Pattern words(String alternatives) {
        return Pattern.compile("(?<!\\w)(?:" + alternatives + ")(?!\\w)", Pattern.CASE_INSENSITIVE);
    }

    private static boolean speaks(Pattern words, byte[] text) {
        return words.matcher(new String(text, StandardCharsets.ISO_8859_1)).find();
    }
}
