package dev.haulout.proxy.lua.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuaCheckTest {
    private static final String HANDLER = "function(client, response) return client:connect('127.0.0.1', response) end";

    @TempDir
    private Path folder;

    private List<String> check(String script) throws IOException {
        Path file = folder.resolve("config.lua");
        Files.writeString(file, script);
        String prefix = file + ":";
        return LuaCheck.check(file).stream()
                .map(finding -> finding.toString().substring(prefix.length()))
                .toList();
    }

    private List<String> checkWithListener(String script) throws IOException {
        return check(script + "\nmysql_listen('@x', {on_handshake_response = " + HANDLER + "})");
    }

    @Test
    void aGoodScriptHasNothingToTell() throws IOException {
        assertThat(check("""
                cluster = mysql_cluster({'10.0.0.1', mysql_resolve('db.example:3307')}, {monitoring = true})
                print(string.format('%d', 1), math.pow(2, 3), unpack({1, 2}))
                local handler = {}
                function handler.on_connect(client) client.server_version = '11.4' client.notes.x = client.pid end
                function handler.on_handshake_response(client, response)
                  client.account = response.user
                  return client:connect(cluster, {user = 'x', password_sha1 = secret}, {read_only = true})
                end
                function reload() secret = nil end
                mysql_listen('/run/x.sock', handler)
                control_listen('*', {multicast_group = '224.0.0.42', interface = 'eth1'})
                prometheus_listen('*:8022')
                """)).isEmpty();
    }

    @Test
    void syntaxIsTold() throws IOException {
        assertThat(check("x = 1\ny = = 2\n")).containsExactly("2: unexpected symbol near '='");
    }

    @Test
    void unknownGlobalsAreToldWhereverTheyAreRead() throws IOException {
        assertThat(checkWithListener("function f()\n  return function() return tabel.concat({}), strnig end\nend"))
                .containsExactly("2: unknown global 'strnig'", "2: unknown global 'tabel'");
    }

    @Test
    void unknownMembersOfLibrariesAreTold() throws IOException {
        assertThat(checkWithListener("function f()\n  return table.unpack({}), string.rep('x', 2)\nend"))
                .containsExactly("2: 'table' has no 'unpack'");
    }

    @Test
    void filesThatAreLoadedAreSearchedToo() throws IOException {
        Files.writeString(folder.resolve("more.lua"), "function more()\n return nothere\nend");

        Path file = folder.resolve("config.lua");
        Files.writeString(file, "dofile('more.lua') mysql_listen('@x', {on_handshake_response = " + HANDLER + "})");

        assertThat(LuaCheck.check(file)).hasToString("[more.lua:2: unknown global 'nothere']");
    }

    @Test
    void wrongHandlersAreTold() throws IOException {
        assertThat(check("mysql_listen('@x', {})"))
                .containsExactly("1: bad argument #2 to 'mysql_listen' (No on_handshake_response handler)");
        assertThat(check("mysql_listen('@x', {on_conect = print})"))
                .containsExactly("1: bad argument #2 to 'mysql_listen' (Unrecognized key 'on_conect')");
        assertThat(check("mysql_listen('@x', {on_connect = 5})"))
                .containsExactly("1: bad argument #2 to 'mysql_listen' (Value is not a function: on_connect)");
        assertThat(check("mysql_listen('@x', {print})"))
                .containsExactly("1: bad argument #2 to 'mysql_listen' (Key is not a string)");
        assertThat(check("mysql_listen(5, {})"))
                .containsExactly("1: bad argument #1 to 'mysql_listen' (path expected)");
    }

    @Test
    void wrongOptionsAreTold() throws IOException {
        assertThat(checkWithListener("mysql_cluster({'10.0.0.1'}, {monitor = true})"))
                .containsExactly("1: bad argument #2 to 'mysql_cluster' (Unknown option 'monitor')");
        assertThat(checkWithListener("control_listen('*', {multicast = 'x'})"))
                .containsExactly("1: bad argument #2 to 'control_listen' (Unknown option 'multicast')");
        assertThat(
                        checkWithListener(
                                "function f(client, hr)\n return client:connect('1.2.3.4', {usr = 'x'}, {readonly = true})\nend"))
                .containsExactly("2: client:connect knows no 'readonly'", "2: client:connect knows no 'usr'");
    }

    @Test
    void likelyMistakesAreTold() throws IOException {
        assertThat(check("mysql_listen('127.0.0.1:3306', {on_handshake_response = " + HANDLER + "})"))
                .singleElement()
                .asString()
                .startsWith("1: mysql_listen takes '127.0.0.1:3306' as the name of a unix socket");
        assertThat(checkWithListener("function f(client, hr)\n  return client:connect('db1.local', hr)\nend"))
                .singleElement()
                .asString()
                .startsWith("2: client:connect takes no host name such as 'db1.local'");
        assertThat(checkWithListener("function f(client)\n  client.acount = 'x'\n  return client.pidd\nend"))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("2: a client's 'acount' can't be set"))
                .contains("3: a client has no 'pidd'");
        assertThat(check("x = 1")).containsExactly(" No listeners configured");
        assertThat(checkWithListener("\nsleep(1)")).singleElement().asString().startsWith("2: 'sleep' has to wait");
        assertThat(checkWithListener("os.exit(0)")).containsExactly("1: os.exit ends the proxy");
    }

    @Test
    void theDocumentationsFirstExampleHasAMistakeThatIsFound() throws IOException {
        assertThat(check("""
                handler = {}
                function handler.on_connect(client)
                end
                function handler.on_handshake_response(client, handshake_response)
                  return m:connect('192.168.1.99', handshake_response)
                end
                mysql_listen('/run/cm4all/myproxy/myproxy.sock', handler)
                """)).containsExactly("5: unknown global 'm'");
    }
}
