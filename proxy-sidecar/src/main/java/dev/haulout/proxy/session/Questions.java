package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.QueryResult;
import dev.haulout.proxy.sql.Pin;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Asks a session about itself over its own backend connection, just before that is given up: only there can its
 * variables, role and locks be seen. A few statements, each well under a millisecond; between statements of the client
 * only, because they clear warnings and reset {@code ROW_COUNT()} and {@code FOUND_ROWS()}.
 */
final class Questions {
    /** What a session says of itself. */
    sealed interface Answer {
        /**
         * It can be rebuilt.
         *
         * @param database the current one, empty for none
         * @param statements what to say to a fresh connection after login, in order
         * @param variables system variables that differ from the globals, by lower-case name; NULL is the empty string
         */
        record Carried(String database, List<byte[]> statements, Map<String, String> variables) implements Answer {}

        /** It holds what can't be rebuilt. @param why in words */
        record Pinned(String why) implements Answer {}

        /** It could not be asked. @param why in words */
        record Unknown(String why) implements Answer {}
    }

    private static final int MOST_USER_VARIABLES = 100;

    private static final String GENERAL = "SELECT HEX(DATABASE()), HEX(CURRENT_ROLE()), @@in_transaction,"
            + " @@last_insert_id, (SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS"
            + " WHERE VARIABLE_NAME = 'COM_CREATE_TEMPORARY_TABLE') LIMIT 1";

    private static final String LOCKS = "SELECT LOCK_TYPE, HEX(TABLE_SCHEMA), HEX(TABLE_NAME)"
            + " FROM information_schema.METADATA_LOCK_INFO WHERE THREAD_ID = CONNECTION_ID() LIMIT 1";

    /**
     * What differs from the globals, and what a fresh login may make differ from them, by the client's character set, its
     * being interactive or {@code init_connect}. Without those not settable per session, or following from the account; of
     * those that follow from the database only what was set in spite of it, as is done before LOAD DATA.
     */
    private static final String VARIABLES = "SELECT VARIABLE_NAME, HEX(SESSION_VALUE), VARIABLE_TYPE"
            + " FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE = 'SESSION' AND READ_ONLY = 'NO'"
            + " AND (NOT (SESSION_VALUE <=> GLOBAL_VALUE) OR VARIABLE_NAME IN ('CHARACTER_SET_CLIENT',"
            + " 'CHARACTER_SET_CONNECTION', 'CHARACTER_SET_RESULTS', 'COLLATION_CONNECTION', 'WAIT_TIMEOUT')"
            + " OR (@@init_connect <> '' AND (@@init_connect LIKE CONCAT('%', VARIABLE_NAME, '%')"
            + " OR VARIABLE_NAME IN ('TX_ISOLATION', 'TX_READ_ONLY')))) AND VARIABLE_NAME NOT IN ('MAX_ALLOWED_PACKET',"
            + " 'NET_BUFFER_LENGTH', 'MAX_USER_CONNECTIONS', 'CHARACTER_SET_DATABASE', 'COLLATION_DATABASE')"
            + " OR VARIABLE_NAME = 'COLLATION_DATABASE' AND SESSION_VALUE <> COALESCE((SELECT DEFAULT_COLLATION_NAME"
            + " FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()), GLOBAL_VALUE)"
            + " ORDER BY VARIABLE_NAME LIMIT 2000";

    private static final String USER_VARIABLES = "SELECT HEX(VARIABLE_NAME), VARIABLE_TYPE, HEX(VARIABLE_VALUE)"
            + " FROM information_schema.USER_VARIABLES LIMIT " + (MOST_USER_VARIABLES + 1);

    /** Shown as the empty string when they are NULL, and accepting only NULL for that. */
    private static final Set<String> NULLABLE =
            Set.of("character_set_results", "default_tmp_storage_engine", "enforce_storage_engine");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final BackendConnection backend;
    private final Set<Pin> suspected;
    private final Consumer<Answer> then;
    private final List<byte[]> statements = new ArrayList<>();
    private final Map<String, String> variables = new HashMap<>();
    private String database;

    private Questions(BackendConnection backend, Set<Pin> suspected, Consumer<Answer> then) {
        this.backend = backend;
        this.suspected = suspected;
        this.then = then;
    }

    /**
     * Asks; the answer comes on the event loop. Where the connection is lost meanwhile no answer comes: the
     * connection's owner hears of it.
     *
     * @param suspected what statement texts suggest that the session may hold
     */
    static void ask(BackendConnection backend, Set<Pin> suspected, Consumer<Answer> then) {
        for (Pin pin : suspected) {
            if (!pin.askable()) {
                then.accept(new Answer.Pinned(words(pin)));
                return;
            }
        }
        Questions questions = new Questions(backend, suspected, then);
        backend.query(GENERAL, questions::general);
    }

    private void general(QueryResult result) {
        if (unanswered(result)) {
            return;
        }
        List<String> row = result.text().getFirst();
        if (!"0".equals(row.get(2))) {
            then.accept(new Answer.Pinned("an open transaction"));
            return;
        }
        if (!"0".equals(row.get(4))) {
            then.accept(new Answer.Pinned("temporary tables"));
            return;
        }
        database = row.get(0) == null ? "" : text(row.get(0));
        if (row.get(1) != null) {
            say("SET ROLE `" + text(row.get(1)).replace("`", "``") + "`");
        } else if (suspected.contains(Pin.ROLE)) {
            say("SET ROLE NONE");
        }
        if (!"0".equals(row.get(3))) {
            say("SET last_insert_id = " + row.get(3));
        }
        backend.query(LOCKS, this::locks);
    }

    private void locks(QueryResult result) {
        if (result.error() != null) {
            // without the plugin only the texts tell
            for (Pin pin : List.of(Pin.USER_LOCK, Pin.TABLE_LOCK)) {
                if (suspected.contains(pin)) {
                    then.accept(new Answer.Pinned(words(pin)));
                    return;
                }
            }
        } else if (!result.rows().isEmpty()) {
            List<String> row = result.text().getFirst();
            then.accept(new Answer.Pinned("a lock: " + row.get(0).toLowerCase(Locale.ROOT)));
            return;
        }
        backend.query(VARIABLES, this::variables);
    }

    private void variables(QueryResult result) {
        if (unanswered(result)) {
            return;
        }
        List<String> assignments = new ArrayList<>();
        for (List<String> row : result.text()) {
            String name = row.get(0).toLowerCase(Locale.ROOT);
            String hex = NULLABLE.contains(name) && "".equals(row.get(1)) ? null : row.get(1);
            assignments.add(name + " = " + literal(hex, row.get(2)));
            variables.put(name, row.get(1) == null ? "" : text(row.get(1)));
        }
        if (!assignments.isEmpty()) {
            say("SET SESSION " + String.join(", ", assignments));
        }
        backend.query(USER_VARIABLES, this::userVariables);
    }

    private static String text(String hex) {
        return new String(HEX.parseHex(hex), StandardCharsets.UTF_8);
    }

    private static String literal(String hex, String type) {
        if (hex == null) {
            return "NULL";
        }
        String value = text(hex);
        boolean bare = type.startsWith("INT")
                || type.startsWith("BIGINT")
                || type.startsWith("DOUBLE")
                || type.startsWith("BOOLEAN");
        return bare ? value : quoted(value);
    }

    /** A literal that reads the same whatever sql_mode says of backslashes. */
    private static String quoted(String value) {
        return value.indexOf('\\') < 0
                ? "'" + value.replace("'", "''") + "'"
                : "CONVERT(X'" + HEX.formatHex(value.getBytes(StandardCharsets.UTF_8)) + "' USING utf8mb4)";
    }

    private void userVariables(QueryResult result) {
        if (unanswered(result)) {
            return;
        }
        if (result.rows().size() > MOST_USER_VARIABLES) {
            then.accept(new Answer.Pinned("more than " + MOST_USER_VARIABLES + " user variables"));
            return;
        }
        List<String> texts = new ArrayList<>();
        for (List<String> row : result.text()) {
            String name = identifier(row.get(0));
            String value = row.get(2) == null ? "NULL" : text(row.get(2));
            switch (row.get(1)) {
                case "INT", "INT UNSIGNED", "BIGINT", "BIGINT UNSIGNED", "DECIMAL" ->
                    say("SET @" + name + " = " + value);
                case "VARCHAR" -> texts.add(name);
                default -> {
                    then.accept(new Answer.Pinned("the user variable @" + name + " of type " + row.get(1)));
                    return;
                }
            }
        }
        if (texts.isEmpty()) {
            done();
            return;
        }
        List<String> columns = new ArrayList<>();
        for (String name : texts) {
            columns.add("HEX(@" + name + "), CHARSET(@" + name + "), COLLATION(@" + name + ")");
        }
        backend.query("SELECT " + String.join(", ", columns) + " LIMIT 1", answer -> texts(texts, answer));
    }

    private void texts(List<String> names, QueryResult result) {
        if (unanswered(result)) {
            return;
        }
        List<String> row = result.text().getFirst();
        for (int i = 0; i < names.size(); i++) {
            String hex = row.get(3 * i);
            String charset = row.get(3 * i + 1);
            String collation = row.get(3 * i + 2);
            say("SET @" + names.get(i) + " = " + literal(hex, charset, collation));
        }
        done();
    }

    private static String literal(String hex, String charset, String collation) {
        if (hex == null) {
            return "NULL";
        }
        // bytes have no character set, and the collation's name is a word of the language
        return charset.equals("binary") ? "X'" + hex + "'" : "_" + charset + " X'" + hex + "' COLLATE " + collation;
    }

    private static String identifier(String hex) {
        return "`" + text(hex).replace("`", "``") + "`";
    }

    private void say(String sql) {
        statements.add(sql.getBytes(StandardCharsets.UTF_8));
    }

    private void done() {
        then.accept(new Answer.Carried(database, statements, variables));
    }

    private boolean unanswered(QueryResult result) {
        if (result.error() == null && !(result.rows().isEmpty() && statements.isEmpty() && database == null)) {
            return false;
        }
        then.accept(new Answer.Unknown(
                "it could not be asked about itself: " + (result.error() == null ? "no answer" : result.error())));
        return true;
    }

    private static String words(Pin pin) {
        return switch (pin) {
            case PREPARED_TEXT -> "statements prepared by PREPARE";
            case ONE_SHOT_VARIABLE -> "a variable that can't be read back";
            case NEXT_TRANSACTION -> "settings for the next transaction";
            case XA -> "an XA transaction";
            case HANDLER -> "an open HANDLER";
            case FLUSH_LOCK -> "FLUSH TABLES WITH READ LOCK";
            case BACKUP -> "a backup";
            case SAVEPOINT -> "a savepoint";
            case USER_LOCK -> "a lock by GET_LOCK";
            case TABLE_LOCK -> "LOCK TABLES";
            case TEMPORARY_TABLE -> "temporary tables";
            case USER_VARIABLE -> "user variables";
            case ROLE -> "a role";
        };
    }
}
