package dev.haulout.proxy.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which texts are one of the statements that an owner calls keep-alives. */
class KeepAlivesTest {
    private static final KeepAlives LISTED =
            new KeepAlives(List.of("SELECT COUNT(*) FROM health WHERE name = 'Web'", "SHOW TABLES"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT COUNT(*) FROM health WHERE name = 'Web'",
                "select count(*)\n\tfrom HEALTH where name='Web' ;",
                "/* ping of pool 7 */ SELECT COUNT ( * ) FROM health WHERE name = 'Web' -- done",
                "show tables"
            })
    void whatIsTheSameWordForWordIsOne(String text) {
        assertThat(LISTED.contains(bytes(text))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT COUNT(*) FROM health WHERE name = 'web'",
                "SELECT COUNT(*) FROM `health` WHERE name = 'Web'",
                "SELECT COUNT(*) FROM health WHERE name = \"Web\"",
                "SELECT COUNT(*) FROM health",
                "SHOW TABLES; DELETE FROM health",
                "SHOW TABLES;;",
                "SHOW TABLES /*! LIKE 'x' */",
                "SHOWTABLES",
                "SHOW 'TABLES'"
            })
    void whatDiffersInAWordIsNone(String text) {
        assertThat(LISTED.contains(bytes(text))).isFalse();
    }

    @Test
    void aVeryLongTextIsNone() {
        assertThat(LISTED.contains(bytes("SHOW TABLES" + " ".repeat(5000)))).isFalse();
    }

    @Test
    void anEmptyTextIsNoneThoughAnUnreadableOneIsListed() {
        KeepAlives listed = new KeepAlives(List.of("SELECT \"a\""));

        assertThat(listed.contains(bytes(""))).isFalse();
        assertThat(listed.contains(bytes("SELECT \"a\""))).isFalse();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
