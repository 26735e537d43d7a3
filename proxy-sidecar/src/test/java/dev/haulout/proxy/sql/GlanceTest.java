package dev.haulout.proxy.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlanceTest {
    private static final List<String> PARTS = List.of(
            "SELECT",
            "select",
            "INSERT",
            "UPDATE",
            "DELETE",
            "REPLACE",
            "INTO",
            "IGNORE",
            "FROM",
            "from",
            "FROM DUAL",
            "dual",
            "WHERE",
            "SET",
            "VALUES",
            "ORDER BY",
            "LIMIT 1",
            "AS",
            "IN",
            "FOR UPDATE",
            "GROUP BY",
            "JOIN",
            "ON",
            "UNION",
            "SHOW",
            "WITH",
            "COUNT",
            "sum",
            "NOW",
            "last_insert_id",
            "get_lock",
            "f",
            "my_function",
            "t",
            "app.t",
            "`t`",
            "app.`t`",
            "`a``b`",
            "c1",
            "id",
            "_x",
            "1",
            "42",
            "1.5",
            "0x1f",
            "9a",
            "1e5",
            "'x'",
            "'it''s'",
            "'a\\'",
            "\"x\"",
            "\"a\"\"b\"",
            "'é'",
            "`é`",
            "é",
            "'",
            "`",
            "(",
            ")",
            "(",
            ")",
            ",",
            "=",
            "*",
            "+",
            "-",
            "--",
            "-- x\n",
            "#",
            "/",
            "/*",
            "*/",
            "/*! 1 */",
            ".",
            ";",
            "@",
            "@a",
            "@@version",
            ":=",
            "?",
            "!",
            "<",
            "%",
            "|",
            "$",
            "{",
            "\\",
            "\0",
            "\t",
            "\n",
            " ",
            "TEMPORARY",
            "NEXT",
            "PROCEDURE",
            "FUNCTION",
            "RELEASE_LOCK",
            "NULL",
            "version()");

    private static int glance(byte[] text) {
        byte[] padded = new byte[text.length + 7];
        System.arraycopy(text, 0, padded, 5, text.length);
        return Glance.at(Unpooled.wrappedBuffer(padded), 5, 5 + text.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT c FROM sbtest1 WHERE id=5003",
                "SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN 1 AND 100",
                "SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN 1 AND 100 ORDER BY c",
                "UPDATE sbtest1 SET k=k+1 WHERE id=7",
                "DELETE FROM sbtest1 WHERE id=7",
                "INSERT INTO sbtest1 (id, k, c, pad) VALUES (7, 8, 'it''s', 'é')",
                "insert into `t` (`a`) values (1);",
                "select t.a, `b` from app.t as t where t.c in (select d from e) and f = \"x\" limit 5",
            })
    void ordinaryStatementsNeedNoCloserLook(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        assertThat(glance(bytes)).isNotNegative();
        assertThat(Statement.read(bytes)).isEqualTo(Glance.answers().get(glance(bytes)));
    }

    @Test
    void whatItSaysIsWhatACloserLookSays() {
        Random random = new Random(11);
        int seen = 0;
        for (int round = 0; round < 400_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 1 + random.nextInt(10); i > 0; i--) {
                int part = text.isEmpty() && random.nextInt(4) > 0 ? random.nextInt(6) : random.nextInt(PARTS.size());
                text.append(PARTS.get(part)).append(random.nextInt(3) == 0 ? "" : " ");
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);

            int answer = glance(bytes);

            if (answer >= 0) {
                seen++;
                assertThat(Statement.read(bytes))
                        .as(text.toString())
                        .isEqualTo(Glance.answers().get(answer));
            }
        }
        assertThat(seen).as("statements that were enough for a glance").isGreaterThan(20_000);
    }
}
