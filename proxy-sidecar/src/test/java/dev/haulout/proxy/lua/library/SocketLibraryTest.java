package dev.haulout.proxy.lua.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.control.ControlDatagram;
import dev.haulout.proxy.lua.Script;
import dev.haulout.proxy.socket.NativeSocket;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Section 9: socket, and section 6's control_client. */
class SocketLibraryTest {
    @TempDir
    private Path folder;

    private final Script script = new WithLibraries().running().script;

    @AfterEach
    void close() {
        script.close();
    }

    @Test
    void streamsConnectByTcpAndSend() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            script.run("function f() local s = assert(socket:connect('127.0.0.1:" + server.getLocalPort()
                    + "')) local n = s:send('hello') s:close() return n, s:send('x') end");

            assertThat(script.call("f")).isEqualTo("5 nil Bad file descriptor");
            try (Socket client = server.accept()) {
                assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("hello");
            }
        }
    }

    @Test
    void everyTypeOfLocalSocketIsReached() throws Exception {
        String path = folder.resolve("d").toString();
        try (NativeSocket named = NativeSocket.local(NativeSocket.Type.DATAGRAM);
                NativeSocket hidden = NativeSocket.local(NativeSocket.Type.DATAGRAM)) {
            named.bindLocal(path);
            hidden.bindLocal("@haulout-test-" + ProcessHandle.current().pid());

            script.run("function f() local s = assert(socket:connect('" + path
                    + "', {type = 'dgram'})) return s:send('one') end"
                    + " function g() local s = assert(socket:connect('@haulout-test-"
                    + ProcessHandle.current().pid() + "', {type = 'dgram'})) return s:send('two') end"
                    + " function h() return socket:connect('" + path + "', {type = 'seqpacket'}) end");

            assertThat(script.call("f")).isEqualTo("3");
            assertThat(new String(named.receive(100), StandardCharsets.UTF_8)).isEqualTo("one");
            assertThat(script.call("g")).isEqualTo("3");
            assertThat(new String(hidden.receive(100), StandardCharsets.UTF_8)).isEqualTo("two");
            assertThat(script.call("h")).isEqualTo("nil Protocol wrong type for socket");
        }
    }

    @Test
    void whileTheConfigurationIsReadConnectingBlocks() throws Exception {
        try (DatagramSocket server = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            script.run("socket:connect('127.0.0.1:" + server.getLocalPort() + "', {type = 'dgram'}):send('now')");

            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            server.receive(packet);
            assertThat(packet.getLength()).isEqualTo(3);
        }
    }

    @Test
    void positionsCountFromOneAndTheEndIsAppliedFirst() throws Exception {
        try (NativeSocket server = NativeSocket.local(NativeSocket.Type.DATAGRAM)) {
            String path = folder.resolve("p").toString();
            server.bindLocal(path);
            script.run("s = socket:connect('" + path + "', {type = 'dgram'})");
            String[][] cases = {{"2", "bcdef"}, {"-2", "ef"}, {"1, 3", "abc"}, {"2, -2", "bcde"}, {"-2, 4", "cd"}};
            for (String[] one : cases) {
                script.run("s:send('abcdef', " + one[0] + ")");
                assertThat(new String(server.receive(100), StandardCharsets.UTF_8))
                        .as(one[0])
                        .isEqualTo(one[1]);
            }
            assertThatThrownBy(() -> script.run("s:send('abcdef', 8)")).hasMessageContaining("out of range");
            assertThatThrownBy(() -> script.run("s:send('abcdef', 1, 7)")).hasMessageContaining("out of range");
        }
    }

    @Test
    void failuresAreNilAndWhyButBadArgumentsErrors() throws Exception {
        script.run("function refused() return socket:connect('127.0.0.1:1') end"
                + " function missing() return socket:connect('/nothing/here') end"
                + " function name() return socket:connect('localhost:1234') end"
                + " function option() return socket:connect('@x', {typ = 'dgram'}) end"
                + " function kind() return socket:connect('@x', {type = 'raw'}) end");

        assertThat(script.call("refused")).isEqualTo("nil Connection refused");
        assertThat(script.call("missing")).isEqualTo("nil No such file or directory");
        assertThatThrownBy(() -> script.call("name")).hasMessageContaining("'localhost:1234' is no numeric address");
        assertThatThrownBy(() -> script.call("option")).hasMessageContaining("Unknown option 'typ'");
        assertThatThrownBy(() -> script.call("kind")).hasMessageContaining("Unknown socket type 'raw'");
    }

    @Test
    void controlClientsSendTheCommandsTheyBuild() throws Exception {
        try (NativeSocket server = NativeSocket.local(NativeSocket.Type.DATAGRAM)) {
            String path = folder.resolve("c").toString();
            server.bindLocal(path);
            script.run("c = assert(control_client:new('" + path + "'))"
                    + " function f() return c:send(c:build():fade_children('a', 'bc'):flush_http_cache('d')"
                    + ":disconnect_database('acct'):cancel_job('p', '7'):discard_session('s'):flush_filter_cache('t')"
                    + ":reset_limiter('l'):terminate_children('e')) end");

            assertThat(script.call("f")).isEqualTo("true");

            ControlDatagram.Reading reading = ControlDatagram.read(server.receive(4096));
            assertThat(reading.fault()).isEmpty();
            assertThat(reading.commands())
                    .hasToString("[8(a), 8(bc), 15(d), 20(acct), 25(p\0" + "7), 14(s), 12(t), 22(l), 16(e)]");
        }
    }

    @Test
    void rejectAndTarpitCarryTheExpiryTheProtocolWants() throws Exception {
        try (NativeSocket server = NativeSocket.local(NativeSocket.Type.DATAGRAM)) {
            String path = folder.resolve("r").toString();
            server.bindLocal(path);
            script.run("c = control_client:new('" + path
                    + "') c:send(c:build():reject_client('10.0.0.1'):tarpit_client('x'))");

            ControlDatagram.Reading reading = ControlDatagram.read(server.receive(4096));
            assertThat(reading.commands().get(0).id()).isEqualTo(23);
            assertThat(Arrays.copyOf(reading.commands().get(0).payload(), 4)).containsExactly(0, 0, 1, 44);
            assertThat(reading.commands().get(0).text()).endsWith("10.0.0.1");
        }
    }

    @Test
    void wrongNumbersOfArgumentsAreErrorsAndFailuresNil() throws Exception {
        assertThat(script.value("control_client:new('@haulout-nobody')")).isEqualTo("nil Connection refused");
        script.run("c = control_client:new('127.0.0.1')");
        assertThatThrownBy(() -> script.run("c:build():fade_children()")).hasMessageContaining("Not enough parameters");
        assertThatThrownBy(() -> script.run("c:build():cancel_job('p')")).hasMessageContaining("Not enough parameters");
        assertThatThrownBy(() -> script.run("c:build():cancel_job('p', 'i', 'x')"))
                .hasMessageContaining("Too many parameters");
    }
}
