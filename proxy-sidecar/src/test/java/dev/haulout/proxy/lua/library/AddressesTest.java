package dev.haulout.proxy.lua.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.lua.Script;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luaj.vm2.LuaError;

/** Section 5: addresses, and when names are resolved. */
class AddressesTest {
    @TempDir
    private Path folder;

    @Test
    void addressesAreReadAsScriptsWriteThem() {
        assertThat(List.of("192.168.0.2", "[::1]:4321", "[::1]", "::1", "10.0.0.1:1", "/run/server5.sock", "@server4"))
                .map(text -> Addresses.numeric(text, 3306).tojstring())
                .containsExactly(
                        "192.168.0.2:3306",
                        "[0:0:0:0:0:0:0:1]:4321",
                        "[0:0:0:0:0:0:0:1]:3306",
                        "[0:0:0:0:0:0:0:1]:3306",
                        "10.0.0.1:1",
                        "/run/server5.sock",
                        "@server4");
        assertThat(Addresses.listening("*", 9100).ip().getPort()).isEqualTo(9100);
        assertThat(Addresses.listening("*:8022", 9100).ip().getAddress().isAnyLocalAddress())
                .isTrue();
    }

    @Test
    void whatIsNoAddressIsAnError() {
        for (String text :
                List.of("db1", "db1:3306", "300.1.1.1", "1.2.3", "1.2.3.4:x", "1.2.3.4:70000", "[::1", "", "::zz")) {
            assertThatThrownBy(() -> Addresses.numeric(text, 3306)).as(text).isInstanceOf(LuaError.class);
        }
    }

    @Test
    void whileTheConfigurationIsReadNamesAreResolvedOrAnError() throws Exception {
        try (Script script = new WithLibraries().script) {
            assertThat(script.value("mysql_resolve('localhost:1234')"))
                    .matches("(127\\.0\\.0\\.1|\\[0:0:0:0:0:0:0:1\\]):1234");
            assertThat(script.value("mysql_resolve('127.0.0.1'), control_resolve('127.0.0.1')"))
                    .isEqualTo("127.0.0.1:3306 127.0.0.1:5478");
            assertThatThrownBy(() -> script.value("mysql_resolve('no-such-host.invalid')"))
                    .hasMessageContaining("Failed to resolve 'no-such-host.invalid'");
        }
    }

    @Test
    void inCallbacksNamesAreAskedOfSystemdResolved() throws Exception {
        Path socket = folder.resolve("resolved");
        try (Script script = Script.trusted();
                ServerSocketChannel resolved = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            resolved.bind(UnixDomainSocketAddress.of(socket));
            Libraries libraries = Libraries.install(script.engine, _ -> {}, socket);
            script.engine.execute(libraries::configurationRead);
            script.run("function f(name) return mysql_resolve(name) end");

            CompletableFuture<String> asked = answer(
                    resolved,
                    "{\"parameters\":{\"addresses\":[{\"ifindex\":2,\"family\":2,\"address\":[10,1,2,3]}],\"name\":\"db\"}}");
            assertThat(script.call("f", org.luaj.vm2.LuaValue.valueOf("db:1234")))
                    .isEqualTo("10.1.2.3:3306");
            assertThat(asked.join())
                    .isEqualTo(
                            "{\"method\":\"io.systemd.Resolve.ResolveHostname\",\"parameters\":{\"name\":\"db:1234\",\"family\":0,\"flags\":0}}");

            answer(resolved, "{\"error\":\"io.systemd.Resolve.NoSuchResourceRecord\",\"parameters\":{}}");
            assertThat(script.call("f", org.luaj.vm2.LuaValue.valueOf("other")))
                    .startsWith("nil ")
                    .contains("NoSuchResourceRecord");
            assertThat(script.call("f", org.luaj.vm2.LuaValue.valueOf("10.0.0.1:5")))
                    .isEqualTo("10.0.0.1:5");
        }
    }

    private static CompletableFuture<String> answer(ServerSocketChannel server, String reply) {
        return CompletableFuture.supplyAsync(() -> {
            try (SocketChannel client = server.accept()) {
                StringBuilder question = new StringBuilder();
                ByteBuffer one = ByteBuffer.allocate(1);
                while (client.read(one.clear()) > 0 && one.get(0) != 0) {
                    question.append((char) one.get(0));
                }
                client.write(ByteBuffer.wrap((reply + "\0").getBytes(StandardCharsets.UTF_8)));
                return question.toString();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Test
    void sleepWaits() throws Exception {
        try (Script script = new WithLibraries().script) {
            script.run("function f() return sleep(0.01), 'woke' end function g() sleep(-1) end");

            assertThat(script.call("f")).isEqualTo("nil woke");
            assertThatThrownBy(() -> script.call("g")).hasMessageContaining("Negative sleep");
        }
    }
}
