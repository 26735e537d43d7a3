package dev.haulout.proxy.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes up statements: sensible ones, odd ones and nonsense, the same for the same seed. */
final class Soup {
    private static final List<String> SELECTED = List.of(
            "1",
            "0",
            "-1",
            "- 1",
            "+1",
            "007",
            "999999999",
            "1234567890",
            "1.5",
            "1e3",
            "0x41",
            "'x'",
            "'a b'",
            "' a'",
            "'it''s'",
            "'a\\'b'",
            "\"x\"",
            "''",
            "NULL",
            "TRUE",
            "@@version",
            "@@VERSION",
            "@@version_comment",
            "@@global.version",
            "VERSION()",
            "version()",
            "VERSION ()",
            "DATABASE()",
            "database()",
            "SCHEMA()",
            "NOW()",
            "1+1",
            "@a",
            "'keep-alive: ok'",
            "@@wait_timeout",
            "@@session.time_zone",
            "@@sql_mode",
            "@@local.autocommit",
            "@@global.autocommit",
            "@@collation_connection",
            "@@tx_isolation",
            "@@transaction_isolation",
            "@@max_allowed_packet",
            "@@session.version",
            "@@session.license",
            "@@global.init_connect",
            "@@session.net_buffer_length",
            "@@local.query_cache_type",
            "@@session.max_allowed_packet",
            "@@global.auto_increment_increment",
            "@@lower_case_table_names",
            "@@global.time_zone",
            "1, 'x'",
            "1 a, 2, @@license l",
            "@@character_set_results, @@character_set_client",
            "@@interactive_timeout,1",
            "'x' 'y'",
            "x'41'",
            "N'x'",
            "_utf8'x'",
            "@@autocommit",
            "CONNECTION_ID()",
            "@@version_commentx",
            "'2024-01-01'",
            "-0",
            "00",
            "1 1",
            "'\u00e9'");
    private static final List<String> ALIASES = List.of(
            "",
            "",
            "",
            "",
            " AS x",
            " x",
            " AS `x`",
            " `y`",
            " AS 'x'",
            " AS value",
            " one",
            " select",
            " AS from",
            " AS ` x`",
            " AS rank",
            " AS 1a",
            " window",
            " AS ok_1",
            " alive",
            " AS x y",
            " AS ``");
    private static final List<String> TAILS = List.of(
            "",
            "",
            "",
            "",
            " FROM DUAL",
            " LIMIT 1",
            " FROM DUAL LIMIT 1",
            " LIMIT 0",
            " LIMIT 1,1",
            " FROM dual;",
            ";",
            " ; ",
            ";;",
            "; SELECT 2",
            " -- x",
            " --x",
            " # x",
            " /* x */",
            " /*! x */",
            " LIMIT 10 OFFSET 1",
            " FOR UPDATE",
            " FROM mysql.user LIMIT 1",
            " WHERE 1",
            " /* x",
            " UNION SELECT 2",
            " INTO @a",
            " LIMIT ROWS EXAMINED 1");
    private static final List<String> HEADS = List.of(
            "", "", "", "", "/* ping */ ", "/*!40101 ", "-- x\n", "# x\n", " ", "\t\n", "/**/", "(", "/*M!100100 */");
    private static final List<String> VARIABLES = List.of(
            "autocommit",
            "AUTOCOMMIT",
            "foreign_key_checks",
            "unique_checks",
            "check_constraint_checks",
            "sql_safe_updates",
            "sql_big_selects",
            "sql_auto_is_null",
            "sql_quote_show_create",
            "low_priority_updates",
            "session_track_schema",
            "session_track_state_change",
            "wait_timeout",
            "interactive_timeout",
            "net_read_timeout",
            "net_write_timeout",
            "lock_wait_timeout",
            "innodb_lock_wait_timeout",
            "idle_transaction_timeout",
            "max_statement_time",
            "group_concat_max_len",
            "sql_select_limit",
            "auto_increment_increment",
            "auto_increment_offset",
            "div_precision_increment",
            "default_week_format",
            "lc_time_names",
            "lc_messages",
            "time_zone",
            "sql_mode",
            "character_set_client",
            "character_set_connection",
            "character_set_results",
            "session_track_system_variables",
            "character_set_server",
            "collation_connection",
            "collation_server",
            "tx_isolation",
            "transaction_isolation",
            "tx_read_only",
            "completion_type",
            "max_allowed_packet",
            "sql_notes",
            "big_tables",
            "no_such_variable",
            "timestamp",
            "insert_id",
            "profiling",
            "sort_buffer_size",
            "old_mode",
            "`autocommit`",
            "sql_log_bin",
            "session_track_transaction_info",
            "net_buffer_length",
            "version",
            "a.b");
    private static final List<String> VALUES = List.of(
            "0",
            "1",
            "2",
            "-1",
            "4",
            "30",
            "31",
            "65535",
            "65536",
            "100000000",
            "31536000",
            "31536001",
            "4294967295",
            "4294967296",
            "9223372036854775807",
            "999999999999999999",
            "ON",
            "OFF",
            "on",
            "TRUE",
            "false",
            "'ON'",
            "'off'",
            "'1'",
            "''",
            "DEFAULT",
            "NULL",
            "'SYSTEM'",
            "SYSTEM",
            "'+00:00'",
            "'-00:00'",
            "'-00:30'",
            "'+05:30'",
            "'+13:00'",
            "'+13:01'",
            "'-12:59'",
            "'-13:00'",
            "'+5:00'",
            "'UTC'",
            "'Europe/Berlin'",
            "utf8",
            "utf8mb3",
            "utf8mb4",
            "'utf8mb4'",
            "latin1",
            "ascii",
            "binary",
            "'binary'",
            "ucs2",
            "utf8mb4_bin",
            "'utf8mb4_unicode_ci'",
            "latin1_swedish_ci",
            "utf8_general_ci",
            "'en_US'",
            "en_US",
            "'de_DE'",
            "'ANSI'",
            "ANSI",
            "TRADITIONAL",
            "'STRICT_TRANS_TABLES'",
            "'ansi_quotes,no_backslash_escapes'",
            "'STRICT_ALL_TABLES,,NO_ZERO_DATE'",
            "'ORACLE'",
            "'NO_SUCH_MODE'",
            "'ONLY_FULL_GROUP_BY'",
            "1.5",
            "'autocommit'",
            "'autocommit,time_zone'",
            "'time_zone,tx_isolation'",
            "'*'",
            "'autocommit, time_zone'",
            "'redirect_url,autocommit'",
            "'READ-COMMITTED'",
            "'transaction_isolation,character_set_results'",
            "CONCAT(@@sql_mode,',STRICT_TRANS_TABLES')",
            "concat(@@session.sql_mode, ',ANSI_QUOTES')",
            "CONCAT(@@GLOBAL.sql_mode,',NO_SUCH')",
            "CONCAT(@@global.session_track_system_variables,',tx_isolation')",
            "CONCAT(@@session_track_system_variables,',transaction_isolation')",
            "(SELECT 1)",
            "1+1",
            "@a",
            "@@autocommit",
            "\"SYSTEM\"",
            "'it\\'s'");
    private static final List<String> SCOPES = List.of(
            "", "", "", "SESSION ", "session ", "LOCAL ", "@@", "@@session.", "@@local.", "GLOBAL ", "@@global.");
    private static final List<String> CHARSETS =
            List.of("utf8mb4", "'utf8mb4'", "utf8", "utf8mb3", "latin1", "ascii", "binary", "ucs2", "nope", "DEFAULT");
    private static final List<String> COLLATIONS = List.of(
            "utf8mb4_general_ci",
            "utf8mb4_bin",
            "utf8mb4_unicode_ci",
            "utf8mb4_unicode_520_ci",
            "latin1_swedish_ci",
            "latin1_bin",
            "latin1_general_ci",
            "utf8_general_ci",
            "utf8mb3_unicode_ci",
            "utf8_bin",
            "ascii_bin",
            "binary",
            "utf8mb4_uca1400_ai_ci",
            "nope");
    private static final List<String> PLAIN = List.of(
            "BEGIN",
            "BEGIN WORK",
            "START TRANSACTION",
            "START TRANSACTION READ ONLY",
            "COMMIT",
            "COMMIT WORK",
            "ROLLBACK",
            "rollback;",
            "COMMIT AND CHAIN",
            "ROLLBACK TO a",
            "USE mysql",
            "USE `mysql`",
            "use one",
            "USE Two",
            "USE `no`",
            "USE information_schema",
            "USE INFORMATION_SCHEMA",
            "DO 1",
            "DO 'x'",
            "DO 1,2",
            "DO SLEEP(0)",
            "BEGIN NOT ATOMIC",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SET SESSION TRANSACTION READ ONLY",
            "SET SESSION TRANSACTION READ WRITE",
            "SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE",
            "SET TRANSACTION READ ONLY",
            "SET CHARACTER SET utf8mb4",
            "SET CHARACTER SET latin1",
            "SET ROLE NONE",
            "",
            ";",
            "SET",
            "USE",
            "SET @a = 'x', @b := 5",
            "SET @a = NULL",
            "SET @`a b` = 1");

    private final Random random;

    Soup(long seed) {
        random = new Random(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    String statement() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2 ->
                any(HEADS)
                        + (random.nextBoolean() ? "SELECT " : "select  ")
                        + any(SELECTED)
                        + any(ALIASES)
                        + any(TAILS);
            case 3, 4, 5 -> set();
            default -> any(PLAIN) + (random.nextInt(8) == 0 ? any(TAILS) : "");
        };
    }

    /** Every variable with every value, and every character set with every collation. */
    static List<String> assignments() {
        List<String> all = new ArrayList<>();
        for (String variable : VARIABLES) {
            for (String value : VALUES) {
                all.add("SESSION " + variable + " = " + value);
            }
        }
        for (String charset : CHARSETS) {
            all.add("NAMES " + charset);
            all.add("CHARACTER SET " + charset);
            for (String collation : COLLATIONS) {
                all.add("NAMES " + charset + " COLLATE " + collation);
            }
        }
        return all;
    }

    /** A SET statement; about half of its values fit their variables. */
    String set() {
        StringBuilder text = new StringBuilder("SET ");
        int count = 1 + (random.nextInt(3) == 0 ? random.nextInt(3) : 0);
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ", ").append(assignment());
        }
        return text.toString();
    }

    private String assignment() {
        if (random.nextInt(6) == 0) {
            return "NAMES " + any(CHARSETS) + (random.nextBoolean() ? "" : " COLLATE " + any(COLLATIONS));
        }
        String equals = random.nextInt(5) == 0 ? " := " : random.nextBoolean() ? "=" : " = ";
        return any(SCOPES) + any(VARIABLES) + equals + any(VALUES);
    }

    /** A statement with some of its bytes changed, or plain noise. */
    byte[] bytes() {
        byte[] bytes = random.nextInt(4) == 0
                ? new byte[random.nextInt(60)]
                : statement().getBytes(StandardCharsets.ISO_8859_1);
        int changes = random.nextInt(6);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            byte[] odd = {'\'', '"', '`', '\\', '/', '*', '!', '-', '#', '@', ';', 0, (byte) 0xe9, '(', ' ', '\n'};
            bytes[random.nextInt(bytes.length)] =
                    random.nextBoolean() ? odd[random.nextInt(odd.length)] : (byte) random.nextInt(256);
        }
        return bytes;
    }
}
