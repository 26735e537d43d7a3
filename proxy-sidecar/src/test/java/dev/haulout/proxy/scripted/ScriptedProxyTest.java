package dev.haulout.proxy.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.account.RealServer;
import dev.haulout.proxy.control.ControlCommand;
import dev.haulout.proxy.control.ControlDatagram;
import dev.haulout.proxy.door.InheritedSockets;
import dev.haulout.proxy.lua.Limits;
import dev.haulout.proxy.lua.LuaFailure;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations as CM4all's myproxy takes them, with the {@code mariadb} client and a real server. */
class ScriptedProxyTest {
    /** Passes everybody on as he comes. */
    private static final String PASS =
            "local h = {on_handshake_response = function(client, hr)" + " return client:connect(SERVER, hr) end}\n";

    private static RealServer server;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private ScriptedProxy proxy;

    @BeforeAll
    static void serve() throws Exception {
        server = RealServer.start();
        server.execute(
                "CREATE DATABASE shop",
                "CREATE DATABASE other",
                "CREATE USER app IDENTIFIED BY 'secret'",
                "GRANT ALL ON *.* TO app",
                "CREATE USER empty",
                "INSTALL SONAME 'auth_ed25519'",
                "CREATE USER signer IDENTIFIED VIA ed25519 USING PASSWORD('secret')");
    }

    @AfterAll
    static void end() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (proxy != null) {
            proxy.stop(Duration.ZERO);
        }
    }

    // ------------------------------------------------------------ connecting

    @Test
    void clientsOfEveryPluginLogIn() throws Exception {
        run(PASS + "mysql_listen(SOCKET, h)");
        assertThat(client("app", "secret", "shop", "SELECT CURRENT_USER(), DATABASE()"))
                .isEqualTo("app@%\tshop");
        assertThat(client("signer", "secret", "", "SELECT CURRENT_USER()")).isEqualTo("signer@%");
        assertThat(client("app", "wrong", "", "SELECT 1")).contains("ERROR 1045 (28000)");
    }

    @Test
    void accountsWithAnEmptyPasswordWork() throws Exception {
        run(PASS + "mysql_listen(SOCKET, h)");
        assertThat(client("empty", "", "", "SELECT CURRENT_USER()")).isEqualTo("empty@%");
        close();
        run("mysql_listen(SOCKET, {on_handshake_response = function(client, hr)"
                + " return client:connect(SERVER, {user = 'empty', password = ''}) end})");
        assertThat(client("anybody", "x", "", "SELECT CURRENT_USER()")).isEqualTo("empty@%");
    }

    @Test
    void theScriptMayGiveAnotherLogin() throws Exception {
        run("""
                mysql_listen(SOCKET, {on_handshake_response = function(client, hr)
                  if hr.user == 'hash' then
                    return client:connect(SERVER, {user = 'app', password_sha1 =
                      sodium.hex2bin('e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4')})
                  end
                  return client:connect(SERVER, {user = 'app', password = 'secret', database = 'other'})
                end})""");
        assertThat(client("somebody", "else", "shop", "SELECT CURRENT_USER(), DATABASE()"))
                .isEqualTo("app@%\tother");
        assertThat(client("hash", "else", "", "SELECT CURRENT_USER()")).isEqualTo("app@%");
    }

    @Test
    void aPasswordIsAskedForWhenTheScriptReadsIt() throws Exception {
        run("""
                mysql_listen(SOCKET, {on_handshake_response = function(client, hr)
                  print(hr.user .. '/' .. hr.password .. '/' .. tostring(hr.database))
                  hr.user = 'app'
                  hr.password = 'secret'
                  return client:connect(SERVER, hr)
                end})""");
        assertThat(client("customer", "its own", "", "SELECT CURRENT_USER()")).isEqualTo("app@%");
        assertThat(printed()).contains("customer/its own/nil");
    }

    @Test
    void theSessionHasTheCharsetThatTheClientAskedFor() throws Exception {
        run(PASS + "mysql_listen(SOCKET, h)");
        assertThat(client("app", "secret", "", "SELECT @@character_set_client", "--default-character-set=utf8mb4"))
                .isEqualTo("utf8mb4");
        assertThat(client("app", "secret", "", "SELECT @@character_set_client", "--default-character-set=latin1"))
                .isEqualTo("latin1");
    }

    @Test
    void theNextNodeIsTriedWhereOneCannotBeReached() throws Exception {
        run("local c = mysql_cluster({'127.0.0.1:1', '127.0.0.1:2', SERVER, '127.0.0.1:3'})\n"
                + "mysql_listen(SOCKET, {on_handshake_response = function(client, hr)"
                + " client.account = hr.user return client:connect(c, hr) end})");
        assertThat(client("app", "secret", "", "SELECT 1")).isEqualTo("1");
    }

    @Test
    void whereNoNodeCanBeReachedTheClientIsTold() throws Exception {
        run("mysql_listen(SOCKET, {on_handshake_response = function(client, hr)"
                + " return client:connect('127.0.0.1:1', hr) end})");
        assertThat(client("app", "secret", "", "SELECT 1")).contains("ERROR 1043 (08S01): Connection error");
    }

    // ------------------------------------------------------------ what callbacks return

    @Test
    void onConnectMayRefuse() throws Exception {
        run(PASS + """
                local say = 0
                h.on_connect = function(client)
                  say = say + 1
                  if say == 1 then return client:err('not today') end
                  if say == 2 then error('broken') end
                  if say == 3 then return 17 end
                end
                mysql_listen(SOCKET, h)""");
        assertThat(client("app", "secret", "", "SELECT 1"))
                .contains("ERROR 1043")
                .contains("not today");
        assertThat(client("app", "secret", "", "SELECT 1"))
                .contains("ERROR 1043")
                .contains("Lua error");
        assertThat(client("app", "secret", "", "SELECT 1"))
                .contains("ERROR 1043")
                .contains("Lua error");
        assertThat(client("app", "secret", "", "SELECT 1")).isEqualTo("1");
    }

    @Test
    void onHandshakeResponseMustSayWhere() throws Exception {
        run("""
                mysql_listen(SOCKET, {on_handshake_response = function(client, hr)
                  if hr.user == 'told' then return client:err('no ' .. hr.user) end
                  if hr.user == 'broken' then error('broken') end
                  if hr.user == 'wrong' then return client:init_db('shop') end
                end})""");
        assertThat(client("told", "", "", "SELECT 1")).contains("ERROR 1043 (08S01): no told");
        for (String user : List.of("broken", "wrong", "nothing")) {
            assertThat(client(user, "", "", "SELECT 1")).as(user).contains("ERROR 1043 (08S01): Lua error");
        }
    }

    @Test
    void commandsWaitForOnCommandPhase() throws Exception {
        run(PASS + """
                h.on_command_phase = function(client)
                  sleep(0.2)
                  print('in', client.server_version)
                  if client.account then error('out') end
                end
                mysql_listen(SOCKET, h)
                local before = h.on_handshake_response
                mysql_listen(OTHER, {on_command_phase = h.on_command_phase,
                  on_handshake_response = function(client, hr) client.account = 'x' return before(client, hr) end})""");
        assertThat(client("app", "secret", "", "SELECT VERSION()")).contains("MariaDB");
        assertThat(printed()).contains("in\t5.5.5-10.").contains("MariaDB");
        assertThat(clientAt("other", "app", "secret", "", "SELECT 1")).contains("ERROR 2013");
    }

    @Test
    void onInitDbChooses() throws Exception {
        run(PASS + """
                h.on_init_db = function(client, name)
                  if name == 'nosuch' then return client:err('no ' .. name) end
                  if name == 'broken' then error('broken') end
                  return client:init_db(name == 'shop' and 'other' or name)
                end
                mysql_listen(SOCKET, h)""");
        assertThat(client("app", "secret", "", """
                        use shop
                        SELECT DATABASE();
                        use nosuch
                        use nosuch
                        use broken
                        SELECT DATABASE();"""))
                .contains("ERROR 1044 (42000) at line 3: no nosuch")
                .contains("ERROR 1044 (42000) at line 4: no nosuch")
                .contains("ERROR 1044 (42000) at line 5: Lua error")
                .startsWith("other\n")
                .endsWith("other");
    }

    @Test
    void theDatabaseIsTheOneNamed() throws Exception {
        run(PASS + "mysql_listen(SOCKET, h)");
        assertThat(client("app", "secret", "shop", "use other\nuse shop\nSELECT DATABASE();"))
                .isEqualTo("shop");
    }

    // ------------------------------------------------------------ besides

    @Test
    void scriptsSeeWhoTheClientIs() throws Exception {
        run(PASS + """
                h.on_connect = function(client)
                  print(client.pid > 1, client.uid == UID, client.gid, client.address, client.cgroup ~= nil)
                end
                mysql_listen(SOCKET, h)""".replace("UID", Integer.toString(uid())));
        client("app", "secret", "", "SELECT 1");
        assertThat(printed()).contains("true\ttrue\t");
    }

    @Test
    void anAccountIsDisconnectedByControl() throws Exception {
        int control = freePort();
        run("control_listen('127.0.0.1:" + control + "')\n"
                + "mysql_listen(SOCKET, {on_handshake_response = function(client, hr)"
                + " client.account = hr.user .. '-account' return client:connect(SERVER, hr) end})");
        try (Talk one = new Talk("app", "secret");
                Talk other = new Talk("signer", "secret")) {
            assertThat(one.ask("SELECT 1;")).isEqualTo("1");
            assertThat(other.ask("SELECT 1;")).isEqualTo("1");
            send(control, new ControlCommand(17, "app-account".getBytes(StandardCharsets.US_ASCII)));
            send(
                    control,
                    new ControlCommand(
                            ControlCommand.DISCONNECT_DATABASE, "app-account".getBytes(StandardCharsets.US_ASCII)));
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> one.ask("SELECT 2;").contains("ERROR 20"));
            assertThat(other.ask("SELECT 3;")).isEqualTo("3");
        }
    }

    @Test
    void reloadIsTheScripts() throws Exception {
        run(PASS + "mysql_listen(SOCKET, h)\nfunction reload() print('once more', mysql_listen) end");
        proxy.reload();
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(printed()).contains("once more\tnil"));
    }

    @Test
    void aConfigurationThatOpensNothingIsRefused() {
        assertThatThrownBy(() -> run("print('nothing')"))
                .isInstanceOf(LuaFailure.class)
                .hasMessage("No listeners configured");
        assertThatThrownBy(() -> run("mysql_listen(SOCKET, {})"))
                .isInstanceOf(LuaFailure.class)
                .hasMessageContaining("No on_handshake_response handler");
        assertThat(folder.resolve("sock")).doesNotExist();
    }

    // ------------------------------------------------------------ tools

    private void run(String script) throws Exception {
        InetSocketAddress where = server.tcp();
        Path config = Files.writeString(
                folder.resolve("config.lua"),
                script.replace("SERVER", "'127.0.0.1:" + where.getPort() + "'")
                        .replace("SOCKET", "'" + folder.resolve("sock") + "'")
                        .replace("OTHER", "'" + folder.resolve("other") + "'"));
        proxy = ScriptedProxy.start(config, InheritedSockets.NONE, new PrintStream(printed, true), Limits.CALLBACK);
    }

    private void close() throws InterruptedException {
        proxy.stop(Duration.ZERO);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static int uid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void send(int port, ControlCommand command) throws IOException {
        byte[] bytes = ControlDatagram.write(List.of(command));
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
        }
    }

    private List<String> command(String socket, String user, String password, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "mariadb",
                "--no-defaults",
                "--skip-ssl",
                "--force",
                "--skip-reconnect",
                "--unbuffered",
                "--socket=" + folder.resolve(socket),
                "-u" + user,
                "--password=" + password,
                "-BN"));
        command.addAll(List.of(options));
        return command;
    }

    private String client(String user, String password, String database, String sql, String... options)
            throws Exception {
        return clientAt("sock", user, password, database, sql, options);
    }

    /** What the client prints. It asks by COM_INIT_DB where a line says {@code use}. */
    private String clientAt(String socket, String user, String password, String database, String sql, String... options)
            throws Exception {
        List<String> command = command(socket, user, password, options);
        if (!database.isEmpty()) {
            command.add(database);
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (Writer in = process.outputWriter()) {
            in.append(sql).append('\n');
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }

    /** A client that goes on. */
    private final class Talk implements AutoCloseable {
        private final Process process;
        private final Writer in;
        private final BufferedReader out;

        Talk(String user, String password) throws IOException {
            process = new ProcessBuilder(command("sock", user, password))
                    .redirectErrorStream(true)
                    .start();
            in = process.outputWriter();
            out = process.inputReader();
        }

        String ask(String sql) throws IOException {
            in.append(sql).append('\n').flush();
            return out.readLine();
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            process.destroy();
        }
    }
}
