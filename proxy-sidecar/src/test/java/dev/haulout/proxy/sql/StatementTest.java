package dev.haulout.proxy.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.sql.Assignment.Value;
import dev.haulout.proxy.sql.Statement.Constant;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTest {
    @Test
    void literalSelectsKeepTheirColumnName() {
        assertThat(read("/* ping */ select 1;")).isEqualTo(select(new Constant.Int("1"), "1"));
        assertThat(read("SELECT 'x' AS `y` FROM DUAL LIMIT 1")).isEqualTo(select(new Constant.Text("x"), "y"));
        assertThat(read("SELECT @@Version"))
                .isEqualTo(select(new Constant.Variable("version", Constant.Scope.ANY), "@@Version"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1; SELECT 2",
                "SELECT 1; -- done",
                "/*! SELECT 1 */",
                "/*M!100100 SELECT 1 */",
                "SELECT /*!50000 1 */ 1",
                "SELECT 1 /* open",
                "SELECT 'a\\'b'",
                "SELECT \"x\"",
                "SELECT ' x'",
                "SELECT 1 AS select",
                "SELECT 1 LIMIT 0",
                "SELECT 1 INTO @a",
                "SELECT @a",
                "SELECT VERSION ()",
                "COMMIT AND CHAIN",
                "ROLLBACK RELEASE",
                "START TRANSACTION READ ONLY",
                "START TRANSACTION WITH CONSISTENT SNAPSHOT",
                "USE \"one\"",
                "SET GLOBAL autocommit=1",
                "SET ROLE admin",
                "SET PASSWORD = 'x'",
                "SET TRANSACTION READ ONLY",
                "SET STATEMENT max_statement_time=1 FOR SELECT 1",
                "SET NAMES DEFAULT",
                "SET sql_mode=\"ANSI\"",
                "SET @a = (SELECT 1)",
                ""
            })
    void whatCanBeReadInTwoWaysIsLeftToTheServer(String text) {
        assertThat(read(text)).isInstanceOf(Statement.Other.class);
    }

    @Test
    void connectorsFirstSetIsDeferrable() {
        Statement statement =
                read("set sql_mode=CONCAT(@@sql_mode,',STRICT_TRANS_TABLES'),session_track_system_variables"
                        + " = CONCAT(@@global.session_track_system_variables,',tx_isolation'),NAMES utf8mb4");

        assertThat(statement.deferrable()).isTrue();
        assertThat(((Statement.SetVariables) statement).assignments())
                .element(1)
                .isEqualTo(new Assignment.SystemVariable(
                        "session_track_system_variables",
                        Assignment.Scope.PLAIN,
                        new Value.Appended("session_track_system_variables", true, ",tx_isolation")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET wait_timeout=0",
                "SET wait_timeout=31536001",
                "SET autocommit=2",
                "SET autocommit='1'",
                "SET no_such_variable=1",
                "SET time_zone='Europe/Berlin'",
                "SET time_zone='+13:01'",
                "SET sql_mode='ORACLE'",
                "SET NAMES utf8mb4 COLLATE latin1_bin",
                "SET NAMES koi8r",
                "SET tx_isolation='READ-COMMITTED'",
                "SET session_track_system_variables='*'",
                "SET @a = CURRENT_USER",
                "SET timestamp=1"
            })
    void valuesTheProxyCannotCheckAreNotDeferrable(String text) {
        assertThat(read(text)).isInstanceOf(Statement.SetVariables.class);
        assertThat(read(text).deferrable()).isFalse();
    }

    @Test
    void onlyWhatDoesNothingKeepsAlive() {
        for (String text : List.of("SELECT 1", "SELECT 'x'", "DO 1")) {
            assertThat(read(text).keepAlive(true)).as(text).isTrue();
        }
        for (String text : List.of("COMMIT", "ROLLBACK", "SET autocommit=1", "SET SESSION autocommit=0")) {
            assertThat(read(text).keepAlive(false)).as(text).isTrue();
            assertThat(read(text).keepAlive(true)).as(text).isFalse();
        }
        for (String text : List.of("SELECT VERSION()", "BEGIN", "USE one", "SET NAMES utf8mb4", "SELECT 1 FROM t")) {
            assertThat(read(text).keepAlive(false)).as(text).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM t WHERE a IN (1, 2) AND b = UPPER('x')",
                "INSERT INTO one.t (a, b) VALUES (1, NOW())",
                "INSERT t (a) VALUES ('it\\'s')",
                "UPDATE t SET a = a + 1",
                "SELECT @@autocommit",
                "SELECT LAST_INSERT_ID()",
                "CREATE TABLE t (a INT, b VARCHAR(10), KEY k (a))",
                "SHOW TABLES",
                "(SELECT 1) UNION (SELECT 2)",
                "COMMIT AND CHAIN"
            })
    void plainStatementsAreNeutral(String text) {
        assertThat(read(text).neutral()).isTrue();
        assertThat(read(text).pins()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT @a := 1",
                "SELECT 1 INTO @a",
                "SELECT my_function(1)",
                "SELECT one.my_function(1)",
                "SELECT `count`(1)",
                "SELECT LAST_INSERT_ID(5)",
                "SELECT NEXT VALUE FOR s",
                "CALL p()",
                "DO GET_LOCK('a', 1)",
                "SELECT 'a\\', GET_LOCK('b', 1), 'c'",
                "CREATE TEMPORARY TABLE t (a INT)",
                "CREATE OR REPLACE TEMPORARY TABLE t SELECT 1",
                "SELECT 1; SET @a = 1",
                "/*!50000 SET @a = 1 */",
                "SET ROLE admin",
                "BEGIN NOT ATOMIC SET @a = 1; END"
            })
    void whatMayChangeTheSessionUnseenIsNotNeutral(String text) {
        assertThat(read(text).neutral()).isFalse();
    }

    @Test
    void pinsNameWhatIsLeftBehind() {
        assertThat(read("PREPARE s FROM 'SELECT 1'").pins()).contains(Pin.PREPARED_TEXT);
        assertThat(read("DROP PREPARE s").pins()).contains(Pin.PREPARED_TEXT);
        assertThat(read("SET timestamp = 1").pins()).contains(Pin.ONE_SHOT_VARIABLE);
        assertThat(read("SET SESSION gtid_domain_id = 1 + 1").pins()).contains(Pin.ONE_SHOT_VARIABLE);
        assertThat(read("SET TRANSACTION READ ONLY").pins()).contains(Pin.NEXT_TRANSACTION);
        assertThat(read("SET @@tx_isolation = 'SERIALIZABLE'").pins()).contains(Pin.NEXT_TRANSACTION);
        assertThat(read("SET SESSION TRANSACTION READ ONLY").pins()).isEmpty();
        assertThat(read("XA START 'a'").pins()).contains(Pin.XA);
        assertThat(read("HANDLER t OPEN").pins()).contains(Pin.HANDLER);
        assertThat(read("FLUSH TABLES t WITH READ LOCK").pins()).contains(Pin.FLUSH_LOCK);
        assertThat(read("BACKUP STAGE START").pins()).contains(Pin.BACKUP);
        assertThat(read("LOCK TABLES t READ").pins()).contains(Pin.TABLE_LOCK);
        assertThat(read("SELECT GET_LOCK('a', 1)").pins()).contains(Pin.USER_LOCK);
        assertThat(read("CREATE TEMPORARY TABLE t (a INT)").pins()).contains(Pin.TEMPORARY_TABLE);
    }

    @Test
    void writesSayThatTriggersMayFire() {
        assertThat(((Statement.Other) read("DELETE FROM t")).mayFireTriggers()).isTrue();
        assertThat(((Statement.Other) read("WITH c AS (SELECT 1) DELETE FROM t")).mayFireTriggers())
                .isTrue();
        assertThat(((Statement.Other) read("SELECT a FROM t")).mayFireTriggers())
                .isFalse();
    }

    @Test
    void aPrefixIsNeverAnsweredNorNeutral() {
        Statement.Other insert = Statement.readPrefix("INSERT INTO t VALUES ('aaa".getBytes(StandardCharsets.US_ASCII));

        assertThat(insert.keyword()).isEqualTo("INSERT");
        assertThat(insert.truncated()).isTrue();
        assertThat(insert.neutral()).isFalse();
        assertThat(Statement.readPrefix("SELECT 1".getBytes(StandardCharsets.US_ASCII))
                        .deferrable())
                .isFalse();
    }

    @Test
    void noBytesMakeTheReaderThrow() {
        Soup soup = new Soup(7);
        int known = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = soup.bytes();
            Statement statement = Statement.read(bytes);
            known += statement instanceof Statement.Other ? 0 : 1;
            assertThat(Statement.readPrefix(bytes).truncated()).isTrue();
        }
        assertThat(known).isBetween(5_000, 90_000);
    }

    private static Statement.Select select(Constant value, String name) {
        return new Statement.Select(List.of(new Statement.Column(value, name)));
    }

    private static Statement read(String text) {
        return Statement.read(text.getBytes(StandardCharsets.UTF_8));
    }
}
