package dev.haulout.proxy.lua.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.proxy.lua.LuaCall;
import dev.haulout.proxy.lua.Script;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Section 12: pg, against a real server. */
class PgLibraryTest {
    private static PostgresServer server;

    private Script script;

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> binaries = PostgresServer.installed();
        assumeTrue(binaries.isPresent(), "the package postgresql is not installed, so pg can't be tested");
        server = PostgresServer.start(binaries.get());
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void connect() throws Exception {
        script = new WithLibraries().script;
        script.run("db = pg:new('dbname=postgres user=tester host=" + server.folder + " port=" + server.port + "')"
                + " function all(...) local r, e = db:execute(...) if not r then return r, e end"
                + " local t = {} while true do local row = r:fetch({}, 'n') if not row then break end"
                + " local c = {} for i = 1, 4 do c[i] = tostring(row[i]) end t[#t + 1] = table.concat(c, ',') end"
                + " return table.concat(t, ';') end");
    }

    @AfterEach
    void close() {
        script.close();
    }

    private String call(String body) throws Exception {
        script.run("function f() " + body + " end");
        return script.call("f");
    }

    @Test
    void valuesAreTextAndNullIsNil() throws Exception {
        assertThat(call("return all([[SELECT 1, 'x', NULL, 1.50::numeric UNION ALL SELECT 2, 'ä', true::text, 3]])"))
                .isEqualTo("1,x,nil,1.50;2,ä,true,3");
    }

    @Test
    void fetchFillsATableByNameUnlessNumbersAreAskedFor() throws Exception {
        assertThat(call("""
                local r = assert(db:execute('SELECT 7 AS id, NULL AS name UNION ALL SELECT 8, $$n$$ ORDER BY 1'))
                local given = {name = 'old'}
                local row = r:fetch(given)
                local second = r:fetch(given, 'n')
                return row == given, row.id, row.name, second[1], second[2], select('#', r:fetch())
                """)).isEqualTo("true 7 nil 8 n 0");
    }

    @Test
    void parametersGoSeparately() throws Exception {
        assertThat(call("return all('SELECT $1, $2::text, $3::bool, $4::bigint + 1', {\"it's\", nil, true, 2^53})"))
                .isEqualTo("it's,nil,t,9007199254740993");
        assertThat(call("return all('SELECT $1::text, $2::float8, $3::int', {nil, 1.5, 42})"))
                .isEqualTo("nil,1.5,42,nil");
        assertThatThrownBy(() -> call("return db:execute('SELECT $1', {{}})"))
                .hasMessageContaining("a query parameter can't be a table");
    }

    @Test
    void severalStatementsGiveTheLastResult() throws Exception {
        assertThat(call("return all('CREATE TEMP TABLE t(a int); INSERT INTO t VALUES (5); SELECT a FROM t')"))
                .isEqualTo("5,nil,nil,nil");
    }

    @Test
    void mistakesInSqlAreNilAndAMessageAndTheConnectionGoesOn() throws Exception {
        assertThat(call("return db:execute('SELECT nonsense')"))
                .startsWith("nil ERROR:  column \"nonsense\" does not exist");
        assertThat(call("return db:execute('SELECT $1::int', {'x'})")).startsWith("nil ERROR:  invalid input syntax");
        assertThat(call("return all('SELECT 1')")).isEqualTo("1,nil,nil,nil");
    }

    @Test
    void manyTasksShareOneConnectionInTurn() throws Exception {
        script.run("function f(n) return all('SELECT $1::int, pg_backend_pid()', {n}) end");
        java.util.List<LuaCall> calls = new java.util.ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(script.begin("f", org.luaj.vm2.LuaValue.valueOf(i)));
        }

        java.util.Set<String> servers = new java.util.HashSet<>();
        for (int i = 0; i < 50; i++) {
            String[] row = script.result(calls.get(i)).split(",");
            assertThat(row[0]).isEqualTo("" + i);
            servers.add(row[1]);
        }
        assertThat(servers).hasSize(1);
    }

    @Test
    void aSchemaIsTheSearchPath() throws Exception {
        call("return all([[CREATE SCHEMA IF NOT EXISTS \"s'x\"]])");
        script.run("other = pg:new('dbname=postgres user=tester host=" + server.folder + " port=" + server.port
                + "', \"s'x\")");
        assertThat(call("return other:execute('SHOW search_path'):fetch().search_path"))
                .contains("s'x");
    }

    @Test
    void passwordsAreProvedByScramOverTcp() throws Exception {
        script.run("tcp = pg:new('dbname=postgres user=tester password=sesame host=127.0.0.1 port=" + server.port + "')"
                + " wrong = pg:new('dbname=postgres user=tester password=no host=127.0.0.1 port=" + server.port + "')"
                + " odd = pg:new('dbnam=x')");
        assertThat(call("return tcp:execute('SELECT 1 AS one'):fetch().one")).isEqualTo("1");
        assertThat(call("return wrong:execute('SELECT 1')")).startsWith("nil FATAL:  password authentication failed");
        assertThat(call("return odd:execute('SELECT 1')")).isEqualTo("nil invalid connection option \"dbnam\"");
    }

    @Test
    void notificationsCallTheirFunctionWithoutArguments() throws Exception {
        script.run(
                "heard = 0 db:listen('Ding \"x\"', function(...) heard = heard + 1 arguments = select('#', ...) end)");
        assertThatThrownBy(() -> script.run("db:listen('Ding \"x\"', print)"))
                .hasMessageContaining("Duplicate notify name");
        call("return all('SELECT 1')");

        call("return all([[NOTIFY \"Ding \"\"x\"\"\"]])");

        await().untilAsserted(() -> assertThat(script.value("heard, arguments")).isEqualTo("1 0"));
    }

    @Test
    void afterTheServerWasAwayQueriesAndNotificationsWorkAgain() throws Exception {
        script.run("heard = 0 db:listen('back', function() heard = heard + 1 end)");
        call("return all('SELECT 1')");
        script.run("function hang() return select('#', db:execute('SELECT pg_sleep(600)')) end");
        LuaCall hanging = script.begin("hang");
        script.run("other = pg:new('dbname=postgres user=tester host=" + server.folder + " port=" + server.port + "')");
        await().until(() -> call("return other:execute([[SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE"
                        + " '%pg_sleep(600)%' AND state = 'active' AND pid <> pg_backend_pid()]]):fetch().n")
                .equals("1"));

        server.down();

        assertThat(script.result(hanging))
                .as("values when the connection broke mid-query")
                .isIn("0", "2");
        assertThat(call("return all('SELECT 1')")).startsWith("nil ");
        server.up();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> call("return all('SELECT 1')").equals("1,nil,nil,nil"));
        call("return all('NOTIFY back')");
        await().untilAsserted(() -> assertThat(script.value("heard")).isEqualTo("1"));
    }

    @Test
    void arraysAreWrittenAndRead() throws Exception {
        assertThat(script.value("pg:encode_array({'a', 'b\"c', 'd\\\\', 5}), pg:encode_array({})"))
                .isEqualTo("{\"a\",\"b\\\"c\",\"d\\\\\",\"5\"} {}");
        assertThat(script.value("unpack(pg:decode_array('{a,\"b,\\\\\"c\",NULL,5}'))"))
                .isEqualTo("a b,\"c NULL 5");
        assertThat(script.value("#pg:decode_array('{}')")).isEqualTo("0");
        for (String bad : new String[] {"", "a", "{a", "{{a},{b}}", "{\"a}", "{a,}", "{a\"b\"}"}) {
            assertThatThrownBy(() -> script.value("(pg:decode_array('" + bad + "'))"))
                    .as(bad)
                    .isNotNull();
        }
        assertThatThrownBy(() -> script.value("pg:encode_array({{}})")).hasMessageContaining("not a table");
        assertThat(call("return all('SELECT $1::text[]', {pg:encode_array({'x y', 'q\"'})})"))
                .isEqualTo("{\"x y\",\"q\\\"\"},nil,nil,nil");
    }

    @Test
    void atTheTopLevelNothingCanBeAsked() {
        assertThatThrownBy(() -> script.run("db:execute('SELECT 1')")).hasMessageContaining("'execute' has to wait");
    }
}
