package dev.haulout.proxy.lua.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.lua.Script;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Section 11: json. */
class JsonLibraryTest {
    private final Script script = new WithLibraries().script;

    @AfterEach
    void close() {
        script.close();
    }

    @Test
    void tablesAreAlwaysObjectsWithSortedKeysAndNumbersIntegers() throws Exception {
        assertThat(script.value("json.dump({'a', 'b'})")).isEqualTo("{\"1\":\"a\",\"2\":\"b\"}");
        assertThat(script.value("json.dump({z = 1.9, b = -2.9, t = {x = true}, s = 'q\"\\n'})"))
                .isEqualTo("{\"b\":-2,\"s\":\"q\\\"\\n\",\"t\":{\"x\":true},\"z\":1}");
        assertThat(script.value("json.dump(nil), json.dump('x'), json.dump({})"))
                .isEqualTo("null \"x\" {}");
    }

    @Test
    void functionsBecomeStringsOfTheirType() throws Exception {
        assertThat(script.value("json.dump({f = print, t = coroutine.create(print)})"))
                .matches("\\{\"f\":\"function:0x[0-9a-f]+\",\"t\":\"thread:0x[0-9a-f]+\"}");
    }

    @Test
    void parseGivesValuesWithHolesForNull() throws Exception {
        script.run(
                "v = json.parse('{\"a\": [1, null, 2.5], \"b\": {\"c\": \"\\\\u00e4\"}, \"d\": false, \"n\": null}')");

        assertThat(script.value("v.a[1], v.a[2], v.a[3], #v.b.c, v.d, v.n, json.parse('null'), json.parse('3')"))
                .isEqualTo("1 nil 2.5 2 false nil nil 3");
        assertThat(script.value("json.parse('18446744073709551615')")).isEqualTo("-1");
    }

    @Test
    void whatIsNoJsonIsNilAndAMessage() throws Exception {
        assertThat(script.value("json.parse('{\"a\":')")).startsWith("nil ").hasSizeGreaterThan(8);
        assertThat(script.value("json.parse('')")).startsWith("nil ");
        assertThat(script.value("json.parse('1 2')")).startsWith("nil ");
    }

    @Test
    void endlessTablesAreAnError() {
        assertThatThrownBy(() -> script.run("local t = {} t.t = t json.dump(t)"))
                .hasMessageContaining("nested");
        assertThatThrownBy(() -> script.run("json.dump()")).hasMessageContaining("Not enough parameters");
    }
}
