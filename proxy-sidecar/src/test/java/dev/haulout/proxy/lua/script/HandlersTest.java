package dev.haulout.proxy.lua.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.lua.Limits;
import dev.haulout.proxy.lua.LuaFailure;
import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.script.Verdict.Connect;
import dev.haulout.proxy.lua.script.Verdict.Failed;
import dev.haulout.proxy.lua.script.Verdict.GoOn;
import dev.haulout.proxy.lua.script.Verdict.Refuse;
import dev.haulout.proxy.lua.script.Verdict.Rewrite;
import dev.haulout.proxy.lua.script.Verdict.UseDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luaj.vm2.LuaError;

/** Sections 0, 1, 2, 4, 5 and 8, as far as they need no session. */
class HandlersTest {
    private static final String LOGIN = "on_handshake_response = function(c, h) return c:connect('10.0.0.1', h) end";
    private static final Limits PATIENT = new Limits(50_000_000, Duration.ofMinutes(2), 64 << 20, 1 << 30);

    @TempDir
    private Path folder;

    private final List<Handlers> listeners = new ArrayList<>();
    private final List<String> opened = new ArrayList<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private ProxyScript script;

    private final Listeners recording = new Listeners() {
        @Override
        public void mysql(Address address, Handlers handlers, Options options) {
            opened.add("mysql " + address.tojstring() + (options.equals(Options.NONE) ? "" : " " + options));
            listeners.add(handlers);
        }

        @Override
        public void inherited(Handlers handlers, Options options) {
            opened.add("systemd");
            listeners.add(handlers);
        }

        @Override
        public void control(Address address, Optional<InetAddress> group, Optional<String> networkInterface) {
            opened.add("control " + address.tojstring()
                    + group.map(g -> " " + g.getHostAddress()).orElse("")
                    + networkInterface.map(i -> " " + i).orElse(""));
        }

        @Override
        public void prometheus(Address address) {
            opened.add("prometheus " + address.tojstring());
        }
    };

    @AfterEach
    void close() {
        if (script != null) {
            script.close();
        }
    }

    private Handlers read(String source) throws Exception {
        Path config = folder.resolve("config.lua");
        Files.writeString(config, source);
        script = ProxyScript.read(config, recording, new PrintStream(out, true), PATIENT, log::add);
        return listeners.isEmpty() ? null : listeners.getLast();
    }

    private Handlers handlers(String members) throws Exception {
        return read("mysql_listen('@x', {" + members + "})");
    }

    private static final ClientFacts LOCAL = new ClientFacts(
            Optional.of(new ClientFacts.Peer(42, 1000, 100)), Optional.empty(), Optional.of("/user.slice/a.scope"));
    private static final ClientFacts TCP = new ClientFacts(
            Optional.empty(),
            Optional.of(Address.of(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 5000))),
            Optional.empty());

    private static Verdict verdict(Handlers.Pending pending) throws Exception {
        return pending.verdict().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private static Verdict login(Handlers handlers, Client client) throws Exception {
        return verdict(handlers.onHandshakeResponse(client, "joe", Optional.of("shop"), () -> {
            throw new AssertionError("nobody asked for the password");
        }));
    }

    private Verdict connectPhase(String body) throws Exception {
        Handlers handlers = handlers("on_connect = function(client) " + body + " end, " + LOGIN);
        return verdict(handlers.onConnect(handlers.client(LOCAL)));
    }

    private Verdict loginPhase(String body) throws Exception {
        Handlers handlers = handlers("on_handshake_response = function(client, hr) " + body + " end");
        return login(handlers, handlers.client(LOCAL));
    }

    @Test
    void onConnectGoesOnUnlessItRefuses() throws Exception {
        assertThat(connectPhase("")).isEqualTo(new GoOn());
        assertThat(connectPhase("return nil")).isEqualTo(new GoOn());
        assertThat(connectPhase("return client:err('no entry')")).isEqualTo(new Refuse("no entry"));
        assertThat(connectPhase("return 5")).isInstanceOf(Failed.class);
        assertThat(connectPhase("return client:init_db('x')")).isInstanceOf(Failed.class);
        assertThat(connectPhase("error('oops')")).isEqualTo(new Failed(folder.resolve("config.lua") + ":1: oops"));
    }

    @Test
    void onHandshakeResponseMustConnectOrRefuse() throws Exception {
        assertThat(loginPhase("return client:connect('10.0.0.1', hr)")).isInstanceOf(Connect.class);
        assertThat(loginPhase("return client:err('no')")).isEqualTo(new Refuse("no"));
        assertThat(loginPhase("")).isInstanceOf(Failed.class);
        assertThat(loginPhase("return nil")).isInstanceOf(Failed.class);
        assertThat(loginPhase("return 'x'")).isInstanceOf(Failed.class);
        assertThat(loginPhase("return client:init_db('x')")).isInstanceOf(Failed.class);
        assertThat(loginPhase("error({})")).isInstanceOf(Failed.class);
    }

    @Test
    void onlyTheLastValueCounts() throws Exception {
        assertThat(loginPhase("return 5, client:err('last')")).isEqualTo(new Refuse("last"));
        assertThat(loginPhase("return client:err('first'), 5")).isInstanceOf(Failed.class);
    }

    @Test
    void onCommandPhaseMayOnlyGoOn() throws Exception {
        for (String[] one :
                new String[][] {{"", "GoOn"}, {"return client:err('x')", "Failed"}, {"return 1", "Failed"}}) {
            Handlers handlers = handlers("on_command_phase = function(client) " + one[0] + " end, " + LOGIN);
            assertThat(verdict(handlers.onCommandPhase(handlers.client(LOCAL)))
                            .getClass()
                            .getSimpleName())
                    .isEqualTo(one[1]);
        }
    }

    @Test
    void onInitDbNamesADatabaseOrRefuses() throws Exception {
        Handlers handlers =
                handlers("on_init_db = function(client, name) if name == 'a' then return client:init_db('b') end"
                        + " if name == 'c' then return client:err('not ' .. name) end if name == 'd' then return 5 end end, "
                        + LOGIN);
        Client client = handlers.client(LOCAL);

        assertThat(verdict(handlers.onInitDb(client, "a"))).isEqualTo(new UseDatabase("b"));
        assertThat(verdict(handlers.onInitDb(client, "c"))).isEqualTo(new Refuse("not c"));
        assertThat(verdict(handlers.onInitDb(client, "d"))).isInstanceOf(Failed.class);
        assertThat(verdict(handlers.onInitDb(client, "e"))).isInstanceOf(Failed.class);
    }

    @Test
    void onQueryGoesOnRewritesOrRefuses() throws Exception {
        Handlers handlers = handlers("on_query = function(client, sql) if sql == 'a' then return 'b' end"
                + " if sql == 'c' then return client:err('no') end end, " + LOGIN);
        Client client = handlers.client(LOCAL);

        assertThat(verdict(handlers.onQuery(client, "a"))).isEqualTo(new Rewrite("b"));
        assertThat(verdict(handlers.onQuery(client, "c"))).isEqualTo(new Refuse("no"));
        assertThat(verdict(handlers.onQuery(client, "ä"))).isEqualTo(new GoOn());
    }

    @Test
    void aResponsePassedOnUntouchedNeverAsksForThePassword() throws Exception {
        Connect connect = (Connect) loginPhase("hr.database = 'other' return client:connect('10.0.0.1:3307', hr)");

        assertThat(connect.login())
                .isEqualTo(new Verdict.Login("joe", Optional.empty(), Optional.empty(), Optional.of("other"), true));
        assertThat(((Verdict.Target.Server) connect.target()).address().tojstring())
                .isEqualTo("10.0.0.1:3307");
    }

    @Test
    void readingThePasswordAsksForItOnce() throws Exception {
        Handlers handlers = handlers("on_handshake_response = function(client, hr) local p = hr.password .. hr.password"
                + " return client:connect('10.0.0.1', {user = p, password = hr.password, database = hr.database}) end");
        AtomicInteger asked = new AtomicInteger();
        Supplier<CompletionStage<String>> password = () -> {
            asked.incrementAndGet();
            return CompletableFuture.supplyAsync(() -> "sesäme");
        };

        Verdict verdict =
                verdict(handlers.onHandshakeResponse(handlers.client(LOCAL), "joe", Optional.empty(), password));

        assertThat(((Connect) verdict).login())
                .isEqualTo(new Verdict.Login(
                        "sesämesesäme", Optional.of("sesäme"), Optional.empty(), Optional.empty(), false));
        assertThat(asked).hasValue(1);
    }

    @Test
    void aPasswordThatWasReadGoesWithTheResponse() throws Exception {
        Handlers handlers = handlers("on_handshake_response = function(client, hr) if #hr.password == 2 then"
                + " return client:connect('10.0.0.1', hr) end end");

        Verdict verdict = verdict(handlers.onHandshakeResponse(
                handlers.client(LOCAL), "joe", Optional.empty(), () -> CompletableFuture.completedFuture("pw")));

        assertThat(((Connect) verdict).login())
                .isEqualTo(new Verdict.Login("joe", Optional.of("pw"), Optional.empty(), Optional.empty(), false));
    }

    @Test
    void aPasswordThatCantBeHadIsAnErrorOfTheScript() throws Exception {
        Handlers handlers = handlers("on_handshake_response = function(client, hr) return client:err(hr.password) end");

        Verdict verdict = verdict(handlers.onHandshakeResponse(
                handlers.client(TCP),
                "joe",
                Optional.empty(),
                () -> CompletableFuture.failedFuture(new LuaError("the channel is not safe"))));

        assertThat(verdict).isInstanceOf(Failed.class).asString().contains("config.lua:1: the channel is not safe");
    }

    @Test
    void aClientThatVanishesEndsItsCallbackAndTheQuestion() throws Exception {
        Handlers handlers = handlers("on_handshake_response = function(client, hr) return client:err(hr.password) end");
        CompletableFuture<String> never = new CompletableFuture<>();
        CompletableFuture<Void> asked = new CompletableFuture<>();

        Handlers.Pending pending = handlers.onHandshakeResponse(handlers.client(LOCAL), "joe", Optional.empty(), () -> {
            asked.complete(null);
            return never;
        });
        asked.get(60, TimeUnit.SECONDS);
        pending.cancel();

        Awaitility.await().until(never::isCancelled);
        assertThat(pending.verdict().toCompletableFuture()).failsWithin(Duration.ofSeconds(60));
    }

    @Test
    void connectKnowsItsKeysAndOptions() throws Exception {
        assertThat(loginPhase(
                        "return client:connect('@x', {user = 5, password_sha1 = ('x'):rep(20)}, {read_only = true})"))
                .isInstanceOfSatisfying(Connect.class, connect -> {
                    assertThat(connect.readOnly()).isTrue();
                    assertThat(connect.login().user()).isEqualTo("5");
                    assertThat(connect.login().passwordSha1().orElseThrow()).hasSize(20);
                });
        assertThat(loginPhase("return client:connect('@x', {usr = 'x'})"))
                .asString()
                .contains("Unknown attribute 'usr'");
        assertThat(loginPhase("return client:connect('@x', hr, {readonly = true})"))
                .asString()
                .contains("Unknown option 'readonly'");
        assertThat(loginPhase("return client:connect('db1', hr)")).asString().contains("'db1' is no numeric address");
        assertThat(loginPhase("return client:connect('@x', {password_sha1 = 'short'})"))
                .asString()
                .contains("20 raw ones");
    }

    @Test
    void theClientHasItsAttributes() throws Exception {
        Handlers handlers = handlers("on_connect = function(client) client.notes.n = (client.notes.n or 0) + 1"
                + " client.account = 'acct' client.server_version = '11.4.2'"
                + " return client:err(table.concat({client.pid, client.uid, client.gid, client.account, client.notes.n,"
                + " client.cgroup.path, client.cgroup.parent.path, tostring(client.cgroup.parent.parent),"
                + " tostring(client.cgroup.nothing), tostring(client.address)}, ' ')) end, " + LOGIN);
        Client client = handlers.client(LOCAL);

        verdict(handlers.onConnect(client));
        Verdict second = verdict(handlers.onConnect(client));

        assertThat(second).isEqualTo(new Refuse("42 1000 100 acct 2 /user.slice/a.scope /user.slice nil nil nil"));
        assertThat(client.account()).contains("acct");
        assertThat(client.serverVersion()).isEqualTo("11.4.2");
    }

    @Test
    void onTcpThereIsNoProcess() throws Exception {
        Handlers handlers = handlers(
                "on_connect = function(client) return client:err(tostring(client.pid) ..tostring(client.cgroup)"
                        + " .. tostring(client.account) .. client.server_version .. ' ' .. tostring(client.address)) end, "
                        + LOGIN);

        assertThat(verdict(handlers.onConnect(handlers.client(TCP))))
                .isEqualTo(new Refuse("nilnilnil5.7.30 127.0.0.1:5000"));
    }

    @Test
    void unknownAttributesAndStaleClientsAreErrors() throws Exception {
        assertThat(connectPhase("return client.foo")).asString().contains("Unknown attribute 'foo'");
        assertThat(connectPhase("client.foo = 1")).asString().contains("Unknown attribute 'foo'");
        assertThat(connectPhase("client.account = ''")).asString().contains("must be a string that is not empty");
        assertThat(connectPhase("client.account = 'x' client.account = nil")).isEqualTo(new GoOn());
        assertThat(connectPhase("client.server_version = ''"))
                .asString()
                .contains("must be a string that is not empty");
        Handlers handlers = handlers("on_connect = function(client) return client.pid end, " + LOGIN);
        Client client = handlers.client(LOCAL);
        client.gone();
        assertThat(verdict(handlers.onConnect(client))).asString().contains("Stale object");
    }

    @Test
    void handlersAreThoseOfTheTimeOfListening() throws Exception {
        Handlers handlers = read("h = {" + LOGIN + ", on_connect = function(c) return c:err('first') end}"
                + " mysql_listen('@x', h) h.on_connect = function(c) return c:err('second') end");

        assertThat(verdict(handlers.onConnect(handlers.client(LOCAL)))).isEqualTo(new Refuse("first"));
        assertThat(handlers.has("on_init_db")).isFalse();
    }

    @Test
    void listenersAreOpenedAsTheScriptSays() throws Exception {
        read("mysql_listen('/run/x.sock', {" + LOGIN + "}) mysql_listen('127.0.0.1:3306', {" + LOGIN + "})"
                + " mysql_listen(systemd, {" + LOGIN + "}) mysql_listen(mysql_resolve('127.0.0.1:3307'), {" + LOGIN
                + "},"
                + " {allow_cleartext = true}) control_listen('*') control_listen('127.0.0.1:1234',"
                + " {multicast_group = '224.0.0.42', interface = 'lo'}) control_listen('@c')"
                + " prometheus_listen('*:8022') prometheus_listen('/run/p')");

        assertThat(opened)
                .containsExactly(
                        "mysql /run/x.sock",
                        "mysql 127.0.0.1:3306",
                        "systemd",
                        "mysql 127.0.0.1:3307 Options[certificate=Optional.empty, key=Optional.empty, proxies=[], allowCleartext=true]",
                        "control 0.0.0.0:5478",
                        "control 127.0.0.1:1234 224.0.0.42 lo",
                        "control @c",
                        "prometheus 0.0.0.0:8022",
                        "prometheus /run/p");
    }

    @Test
    void inheritedSocketsCanBeTakenOnce() {
        assertThatThrownBy(() -> read("mysql_listen(systemd, {" + LOGIN + "}) mysql_listen(systemd, {" + LOGIN + "})"))
                .isInstanceOf(LuaFailure.class)
                .hasMessageContaining("No systemd socket");
    }

    @Test
    void afterTheConfigurationListeningIsGoneAndTheRestStays() throws Exception {
        Handlers handlers =
                handlers("on_connect = function(client) return client:err(table.concat({tostring(mysql_listen),"
                        + " tostring(control_listen), tostring(prometheus_listen), type(mysql_cluster), type(control_resolve),"
                        + " type(mysql_resolve), type(sleep), type(systemd), tostring(mysql_resolve('10.0.0.1'))}, ' ')) end, "
                        + LOGIN);

        assertThat(verdict(handlers.onConnect(handlers.client(LOCAL))))
                .isEqualTo(new Refuse("nil nil nil function function function function userdata 10.0.0.1:3306"));
    }

    @Test
    void relativeFilesAreThoseBesideTheConfiguration() throws Exception {
        Files.writeString(folder.resolve("part.lua"), "part = ...");
        Files.writeString(folder.resolve("mod.lua"), "return {name = (...)}");

        read("dofile('part.lua') print(require('mod').name, io.open('part.lua'):read('*a'))");

        assertThat(out.toString()).isEqualTo("mod\tpart = ...\n");
    }

    @Test
    void reloadRunsOnceMoreForAnyNumberOfHangups() throws Exception {
        read(
                "runs = 0 function reload() runs = runs + 1 print('run', runs) sleep(0.3) if runs == 2 then error('boom') end end");

        script.reload();
        Awaitility.await().until(() -> out.toString().contains("1"));
        for (int i = 0; i < 5; i++) {
            script.reload();
        }

        Awaitility.await().until(() -> !log.isEmpty());
        assertThat(out.toString()).isEqualTo("run\t1\nrun\t2\n");
        assertThat(log).singleElement().asString().contains("boom");
    }

    @Test
    void withoutReloadNothingHappens() throws Exception {
        read("populate_io_buffers = 0");

        script.reload();

        assertThat(script.populatesIoBuffers()).isTrue();
        assertThat(log).isEmpty();
    }
}
