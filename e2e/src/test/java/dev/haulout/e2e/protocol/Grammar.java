package dev.haulout.e2e.protocol;

import dev.haulout.e2e.protocol.Step.Value;
import dev.haulout.proxy.protocol.Command;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Draws conversations by lot. Not in them is what depends on the moment, on the connection or on chance, and what the start
 * of a server changes though nothing is lost: a value of AUTO_INCREMENT that was reserved and not used may be given after
 * all, and the optimizer may choose another plan, which shows in the flags of columns. {@code lc_messages} is not either: the
 * door speaks English.
 */
final class Grammar {
    /** What a conversation begins with, whatever the one before has left. */
    static final List<Step> SETTING = List.of(
                    "DROP TABLE IF EXISTS t1, t2, t3, t9",
                    "DROP VIEW IF EXISTS v",
                    "CREATE TABLE t1 (a INT AUTO_INCREMENT PRIMARY KEY, b VARCHAR(20), c TINYINT) ENGINE=InnoDB",
                    "CREATE TABLE t2 (a INT, b TEXT) ENGINE=MyISAM",
                    "INSERT INTO t1 (b, c) VALUES ('one', 1), ('two', 2), ('three', 3)",
                    "INSERT INTO t2 VALUES (1, 'first'), (2, 'second')",
                    "CREATE OR REPLACE PROCEDURE p (IN i INT, OUT o INT) BEGIN SELECT i; SELECT b FROM t1 ORDER BY a; SET o = i + 1; END",
                    "CREATE OR REPLACE PROCEDURE q (i INT) BEGIN SET @q = i; IF i > 5 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too much'; END IF; END",
                    "CREATE OR REPLACE PROCEDURE tmp () BEGIN CREATE OR REPLACE TEMPORARY TABLE tmp3 (a INT); END",
                    "CREATE OR REPLACE FUNCTION f (i INT) RETURNS INT BEGIN SET @f = i; RETURN i * 2; END")
            .stream()
            .map(Step.Query::new)
            .map(Step.class::cast)
            .toList();

    private static final int SLOTS = 4;

    /** A statement to be prepared, and how many parameters it has. */
    private record Template(String sql, int parameters) {}

    private static final List<Template> TEMPLATES = List.of(
            new Template("SELECT a, b, ? AS p FROM t1 WHERE a >= ? ORDER BY a", 2),
            new Template("SELECT a, b, ? AS p FROM t1 WHERE a >= ? ORDER BY a", 2),
            new Template("INSERT INTO t1 (b, c) VALUES (?, ?)", 2),
            new Template("UPDATE t1 SET b = ? WHERE a = ?", 2),
            new Template("DELETE FROM t1 WHERE a = ?", 1),
            new Template("SELECT ?", 1),
            new Template("SELECT * FROM t2 ORDER BY 1, 2", 0),
            new Template("SELECT * FROM t1 ORDER BY 1", 0),
            new Template("CALL p(?, ?)", 2),
            new Template("CALL q(?)", 1),
            new Template("SET @v = ?", 1),
            new Template("SELECT @v, @a", 0),
            new Template("SELECT DATABASE(), @@sql_mode", 0),
            new Template("SELECT f(?), @f", 1),
            new Template("SELECT \"a\"", 0),
            new Template("BEGIN", 0),
            new Template("COMMIT", 0),
            new Template("SET sql_select_limit = 2", 0),
            new Template("SET NAMES latin1", 0),
            new Template("CREATE TEMPORARY TABLE IF NOT EXISTS tmp2 (a INT)", 0),
            new Template("SELECT 1", 0),
            new Template("DO 1", 0),
            new Template("SELECT * FROM nowhere WHERE a = ?", 0),
            new Template("SELECT ? +", 0),
            new Template("USE side", 0),
            new Template("", 0));

    private static final List<String> DATABASES = List.of("app", "app", "side", "information_schema", "mysql", "none");

    private static final List<String> DDL = List.of(
            "CREATE TABLE IF NOT EXISTS t3 (x INT DEFAULT 3, y VARCHAR(9))",
            "CREATE TABLE t3 AS SELECT a, b FROM t1",
            "DROP TABLE IF EXISTS t3",
            "DROP TABLE t3",
            "ALTER TABLE t1 ADD COLUMN IF NOT EXISTS d INT DEFAULT 5",
            "ALTER TABLE t1 DROP COLUMN IF EXISTS d",
            "ALTER TABLE t2 ADD COLUMN e INT",
            "ALTER TABLE t2 DROP COLUMN e",
            "TRUNCATE TABLE t2",
            "CREATE OR REPLACE VIEW v AS SELECT a FROM t1",
            "DROP VIEW v",
            "RENAME TABLE t2 TO t9",
            "RENAME TABLE t9 TO t2",
            "CREATE INDEX i ON t1 (c)",
            "DROP INDEX i ON t1",
            "ANALYZE TABLE t1",
            "SHOW CREATE TABLE t1",
            "DESCRIBE t1",
            "SHOW TABLES");

    private static final List<String> DML = List.of(
            "INSERT INTO t1 (b, c) VALUES ('x', 4)",
            "INSERT INTO t1 (b, c) VALUES ('x', 4), ('y', 5)",
            "INSERT INTO t1 (a, b) VALUES (1, 'again')",
            "INSERT INTO t1 (a, b) VALUES (90, 'far')",
            "INSERT IGNORE INTO t1 (a, b, c) VALUES (1, 'again', 1), (91, 'a text that is much too long', 1000)",
            "INSERT INTO t1 (a, b) VALUES (1, 'dup') ON DUPLICATE KEY UPDATE b = 'updated', a = LAST_INSERT_ID(a)",
            "INSERT INTO t1 (c) VALUES (9) RETURNING a, c",
            "INSERT INTO t1 (c) VALUES (1000)",
            "INSERT INTO t2 SELECT a, b FROM t1",
            "REPLACE INTO t1 (a, b) VALUES (2, 'replaced')",
            "UPDATE t1 SET c = c + 1",
            "UPDATE t1 SET b = 'u' WHERE a = 2",
            "UPDATE t1 SET b = b",
            "DELETE FROM t1 WHERE a = 3",
            "DELETE FROM t2",
            "SELECT * FROM t1 ORDER BY a",
            "SELECT STRAIGHT_JOIN * FROM t1, t2 WHERE t1.a = t2.a ORDER BY 1",
            "SELECT * FROM t2 WHERE a = 1",
            "SELECT b FROM t1 WHERE a = 2 FOR UPDATE",
            "SELECT COUNT(*), SUM(c) FROM t1",
            "SELECT SQL_CALC_FOUND_ROWS a FROM t1 ORDER BY a LIMIT 1; SELECT FOUND_ROWS()",
            "UPDATE t1 SET c = 7 WHERE a < 3; SELECT ROW_COUNT()",
            "SELECT * FROM v",
            "SELECT x FROM t3",
            "SELECT f(3), @f",
            "LOAD DATA LOCAL INFILE '/nowhere' INTO TABLE t2");

    private static final List<String> SETS = List.of(
            "SET NAMES latin1",
            "SET NAMES utf8mb4",
            "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci",
            "SET NAMES binary",
            "SET character_set_results = NULL",
            "SET character_set_client = latin1",
            "SET collation_connection = latin1_swedish_ci",
            "SET CHARACTER SET utf8mb4",
            "SET sql_mode = ''",
            "SET sql_mode = 'ANSI_QUOTES'",
            "SET sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES'",
            "SET sql_mode = DEFAULT",
            "SET sql_mode = 'ORACLE'",
            "SET sql_mode = 'rubbish'",
            "SET @@sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')",
            "SET autocommit = 0",
            "SET autocommit = 1",
            "SET autocommit = 1",
            "SET autocommit = ON, time_zone = '+02:00'",
            "SET time_zone = 'nowhere'",
            "SET group_concat_max_len = 5",
            "SET SESSION sql_select_limit = 1",
            "SET sql_select_limit = DEFAULT",
            "SET foreign_key_checks = 0",
            "SET unique_checks = 0, sql_safe_updates = 1",
            "SET sql_safe_updates = 0",
            "SET sql_big_selects = 0",
            "SET div_precision_increment = 9",
            "SET last_insert_id = 17",
            "SET insert_id = 77",
            "SET timestamp = 1000000000",
            "SET timestamp = DEFAULT",
            "SET rand_seed1 = 5, rand_seed2 = 7",
            "SET STATEMENT group_concat_max_len = 3 FOR SELECT GROUP_CONCAT(b) FROM t1",
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET SESSION TRANSACTION READ ONLY",
            "SET SESSION TRANSACTION READ WRITE",
            "SET tx_isolation = 'READ-UNCOMMITTED'",
            "SET tx_read_only = 0",
            "SET ROLE clerk",
            "SET ROLE NONE",
            "SET ROLE nobody",
            "SET wait_timeout = 1000",
            "SET net_write_timeout = 100, net_read_timeout = 50",
            "SET max_statement_time = 50",
            "SET default_storage_engine = MyISAM",
            "SET GLOBAL max_connections = 5",
            "SET nothing = 1",
            "SET max_allowed_packet = 4096",
            "SET sql_quote_show_create = 0",
            "SET session_track_schema = 0",
            "SET session_track_system_variables = '*'",
            "SET session_track_state_change = 1",
            "SET sql_warnings = 1",
            "SET sql_notes = 0",
            "SET sql_notes = 1",
            "SET lc_time_names = 'de_DE'",
            "SET max_error_count = 1",
            "SET max_sort_length = 64",
            "SET completion_type = 1",
            "SET completion_type = 0",
            "SET character_set_database = latin1",
            "SET sql_log_bin = 0",
            "SET pseudo_thread_id = 5",
            "SET profiling = 1",
            "SET old_mode = ''",
            "SET optimizer_switch = 'index_merge=off'",
            "SET sql_if_exists = 1",
            "SET innodb_lock_wait_timeout = 3");

    private static final List<String> VARIABLES = List.of(
            "SET @a = 1",
            "SET @a = 'text', @b = X'00ff'",
            "SET @a := 1.50, @b = NULL",
            "SET @a = 1e3",
            "SET @`odd name` = 'gr\u00fc\u00df'",
            "SET @a = _latin1'x' COLLATE latin1_bin",
            "SELECT @a := 5",
            "SELECT @n := IFNULL(@n, 0) + 1",
            "SELECT a INTO @x FROM t1 ORDER BY a LIMIT 1",
            "SELECT b INTO @x FROM t1 WHERE a = 99",
            "DO @d := 4",
            "SELECT @a, @b, @x, @d, @n",
            "SELECT @a, COLLATION(@a), COERCIBILITY(@a), @`odd name`",
            "SET @a = (SELECT MAX(a) FROM t1)",
            "CALL q(3)",
            "SELECT @q, @f");

    private static final List<String> TRANSACTIONS = List.of(
            "BEGIN",
            "BEGIN WORK",
            "START TRANSACTION",
            "START TRANSACTION READ ONLY",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            "COMMIT",
            "COMMIT",
            "COMMIT",
            "ROLLBACK",
            "ROLLBACK",
            "COMMIT AND CHAIN",
            "COMMIT AND NO CHAIN",
            "SAVEPOINT s",
            "ROLLBACK TO s",
            "RELEASE SAVEPOINT s",
            "SELECT @@in_transaction",
            "BEGIN NOT ATOMIC INSERT INTO t1 (c) VALUES (8); END",
            "XA START 'x'",
            "XA END 'x'",
            "XA ROLLBACK 'x'");

    private static final List<String> HOLDS = List.of(
            "CREATE TEMPORARY TABLE tmp1 (a INT)",
            "CREATE TEMPORARY TABLE IF NOT EXISTS tmp1 SELECT a FROM t1",
            "INSERT INTO tmp1 VALUES (1)",
            "SELECT * FROM tmp1",
            "DROP TEMPORARY TABLE IF EXISTS tmp1",
            "DROP TABLE tmp1",
            "CALL tmp()",
            "DROP TEMPORARY TABLE IF EXISTS tmp2, tmp3",
            "DO GET_LOCK('lock', 5)",
            "SELECT GET_LOCK('lock', 5), GET_LOCK('other lock', 5)",
            "SELECT RELEASE_LOCK('lock')",
            "SELECT RELEASE_ALL_LOCKS()",
            "SELECT IS_FREE_LOCK('lock')",
            "LOCK TABLES t1 WRITE, t2 READ",
            "UNLOCK TABLES",
            "UNLOCK TABLES",
            "HANDLER t1 OPEN",
            "HANDLER t1 READ FIRST",
            "HANDLER t1 CLOSE",
            "PREPARE s FROM 'SELECT ?'",
            "EXECUTE s USING @a",
            "DEALLOCATE PREPARE s",
            "EXECUTE IMMEDIATE 'SET @a = 6'");

    private static final List<String> ERRORS = List.of(
            "SELECT * FROM nowhere",
            "SELEC 1",
            "SELECT 1/0",
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ours'",
            "SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'a warning'",
            "CALL q(9)",
            "CALL nobody()",
            "DROP DATABASE mysql",
            "SELECT * FROM mysql.user",
            "SELECT 'a' + 1",
            "SELECT CAST('12x' AS INT)",
            "DROP TABLE IF EXISTS nowhere");

    private static final List<String> ASKED = List.of(
            "SHOW WARNINGS",
            "SHOW WARNINGS",
            "SHOW ERRORS",
            "SHOW COUNT(*) WARNINGS",
            "show  warnings ;",
            "SHOW WARNINGS LIMIT 1",
            "SELECT LAST_INSERT_ID()",
            "SELECT DATABASE(), USER(), CURRENT_USER(), CURRENT_ROLE()",
            "SELECT @@sql_mode, @@autocommit, @@time_zone, @@tx_isolation, @@tx_read_only",
            "SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection",
            "SELECT @@character_set_database, @@collation_database",
            "SELECT @@sql_select_limit, @@group_concat_max_len, @@sql_safe_updates, @@foreign_key_checks, @@unique_checks",
            "SELECT @@session.wait_timeout, @@interactive_timeout, @@net_write_timeout, @@max_statement_time",
            "SHOW VARIABLES LIKE 'character%'",
            "SHOW VARIABLES LIKE 'session_track%'",
            "SELECT GROUP_CONCAT(b ORDER BY a) FROM t1",
            "SELECT NOW() < '2002-01-01', DAYNAME('2024-01-01')",
            "SELECT \"double\", 'a\\nb', 'x' || 'y'",
            "SELECT 1/3",
            "SELECT 'gr\u00fc\u00df', LENGTH('\u00fc'), CHARSET('a')");

    private static final List<String> KEEP_ALIVES = List.of(
            "SELECT 1",
            "/* ping */ SELECT 1",
            "select 1 from dual",
            "DO 1",
            "SELECT DATABASE()",
            "SELECT @@version",
            "SELECT @@session.autocommit",
            "SELECT @@autocommit",
            "SELECT @@tx_isolation",
            "SELECT @@max_allowed_packet",
            "SELECT @@sql_mode",
            "SELECT @@character_set_results AS x, @@time_zone",
            "SELECT @@warning_count > 100",
            "",
            ";",
            " ",
            "-- nothing",
            "/*!40101 SET NAMES utf8 */",
            "/*M! SELECT 1 */");

    private static final List<List<String>> KINDS = List.of(
            DDL,
            DML,
            DML,
            DML,
            SETS,
            SETS,
            VARIABLES,
            VARIABLES,
            TRANSACTIONS,
            HOLDS,
            ERRORS,
            ASKED,
            ASKED,
            KEEP_ALIVES);

    private final Random random;

    // what the last preparation and execution of each slot were, so that most executions make sense
    private final Map<Integer, Template> prepared = new HashMap<>();
    private final Map<Integer, List<Value>> said = new HashMap<>();
    private final Map<Integer, Integer> sent = new HashMap<>();

    Grammar(long seed) {
        random = new Random(seed);
        for (int i = 0; i < 10; i++) {
            random.nextInt(); // the first numbers of seeds that follow one another are alike
        }
    }

    /** Which of those, drawn by lot. */
    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    /** So many commands, with sleeps between some of them. */
    List<Step> conversation(int commands, int percentSleeps) {
        List<Step> steps = new ArrayList<>(SETTING);
        for (int i = 0; i < commands; i++) {
            if (chance(percentSleeps)) {
                steps.add(new Step.Sleep());
            }
            steps.add(chance(5) ? new Step.Pipelined(single(), single()) : step());
        }
        return steps;
    }

    private Step step() {
        int kind = random.nextInt(100);
        if (kind < 12) {
            return prepare();
        }
        if (kind < 34) {
            return execute();
        }
        if (kind < 36) {
            return longData(slot());
        }
        if (kind < 37) {
            return one(List.of(
                    new Step.ChangeUser("app", "secret", "app"),
                    new Step.ChangeUser("other", "secret", "side"),
                    new Step.ChangeUser("other", "secret", ""),
                    new Step.ChangeUser("other", "secret", "none"),
                    new Step.ChangeUser("app", chance(30) ? "wrong" : "secret", "app"))); // refusals take a second
        }
        return single();
    }

    /** A parameter that there is not is never forgotten by a server, but by a sleep. */
    private Step longData(int slot) {
        int parameters = prepared.containsKey(slot) ? prepared.get(slot).parameters() : 0;
        if (parameters == 0) {
            return prepare();
        }
        sent.put(slot, random.nextInt(parameters));
        return new Step.LongData(slot, sent.get(slot), one(List.of("long", "longer still", "")));
    }

    private int slot() {
        return random.nextInt(SLOTS);
    }

    private Step prepare() {
        int slot = slot();
        Template template = one(TEMPLATES);
        prepared.put(slot, template);
        said.remove(slot);
        sent.remove(slot);
        return new Step.Prepare(slot, template.sql());
    }

    private Step execute() {
        int slot = slot();
        int parameters = prepared.containsKey(slot) ? prepared.get(slot).parameters() : random.nextInt(2);
        boolean types = chance(60) || !said.containsKey(slot) && chance(90);
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < parameters; i++) {
            boolean ahead = sent.getOrDefault(slot, -1) == i;
            values.add(ahead ? new Value.Sent() : types ? value(prepared.get(slot)) : like(said.get(slot), i));
        }
        if (types) {
            said.put(slot, values);
        }
        sent.remove(slot);
        return new Step.Execute(slot, chance(15), values, types);
    }

    private Value value(Template of) {
        // what is wrong with a procedure's parameter is told with the number of some row that was sent before
        return switch (random.nextInt(of != null && of.sql().startsWith("CALL") ? 3 : 5)) {
            case 0 -> new Value.Null();
            case 1, 2 -> new Value.Number(random.nextInt(5));
            default -> new Value.Text(one(List.of("", "x", "some text", "7")));
        };
    }

    /** A value that is read with the type of the one before. */
    private Value like(List<Value> before, int at) {
        Value then = before == null || at >= before.size() ? new Value.Null() : before.get(at);
        return switch (then) {
            case Value.Number n -> new Value.Number(random.nextInt(5));
            case Value.Text t -> new Value.Text("again");
            case Value.Null n -> n;
            case Value.Sent s -> new Value.Text("in place of long data");
        };
    }

    /** A command that stands for itself. */
    private Step single() {
        int kind = random.nextInt(100);
        if (kind < 70) {
            return new Step.Query(chance(8) ? one(one(KINDS)) + "; " + one(one(KINDS)) : one(one(KINDS)));
        }
        return switch ((kind - 70) / 2) {
            case 0, 1 -> new Step.Simple(Command.PING, "");
            case 2 -> new Step.Simple(Command.INIT_DB, one(DATABASES));
            case 3 -> new Step.Query("USE " + one(DATABASES));
            case 4 -> new Step.Simple(Command.SET_OPTION, one(List.of("\0\0", "\0\0", "\1\0", "\2\0")));
            case 5 -> new Step.FieldList(one(List.of("t1", "t2", "nowhere")));
            case 6 -> new Step.Simple(Command.STATISTICS, "");
            case 7 ->
                new Step.Simple(one(List.of(0x00, 0x05, 0x0b, 0x0f, 0x1d, 0x20, 0x55, 0xf0)), one(List.of("", "abc")));
            case 8, 9 -> new Step.Fetch(slot(), random.nextInt(3));
            case 10 -> new Step.Reset(slot());
            case 11 -> new Step.Close(slot());
            case 12 -> chance(50) ? new Step.Simple(Command.RESET_CONNECTION, "") : new Step.Query(one(ASKED));
            default -> new Step.Query(one(one(KINDS)));
        };
    }
}
