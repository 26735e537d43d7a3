package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.lua.Machine;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** A client as scripts see it. */
public final class Client extends LuaObject {
    private static final String USUAL_VERSION = "5.7.30";

    private final ClientFacts facts;
    private final Methods methods;
    private volatile String account;
    private volatile String serverVersion = USUAL_VERSION;
    private volatile boolean gone;
    private LuaTable notes;

    Client(ClientFacts facts, Methods methods) {
        this.facts = facts;
        this.methods = methods;
    }

    /** What scripts call on any client: made once per engine. */
    record Methods(Machine machine, LuaValue err, LuaValue connect, LuaValue initDb) {
        static Methods of(Machine machine) {
            return new Methods(
                    machine,
                    Library.function(machine, "err", args -> new Action(new Verdict.Refuse(args.text(2)))),
                    Library.function(machine, "connect", Client::connect),
                    Library.function(machine, "init_db", args -> new Action(new Verdict.UseDatabase(args.text(2)))));
        }
    }

    /** A verdict on its way from a client's method to what the callback returns. */
    static final class Action extends LuaObject {
        final Verdict verdict;

        Action(Verdict verdict) {
            this.verdict = verdict;
        }

        @Override
        protected LuaValue read(String name) {
            throw new LuaError("Unknown attribute");
        }
    }

    /** The account that the script gave it: the key by which a cluster chooses. */
    public Optional<String> account() {
        return Optional.ofNullable(account);
    }

    /** The version to announce, unless the script left it alone: then {@code 5.7.30}. */
    public String serverVersion() {
        return serverVersion;
    }

    /** Whether the script chose the version to announce. */
    public boolean versionChosen() {
        return !serverVersion.equals(USUAL_VERSION);
    }

    /** The server it is connected to has told its version. */
    public void serverVersion(String version) {
        serverVersion = version;
    }

    /** The client is gone: whatever a script still asks it is an error. */
    public void gone() {
        gone = true;
    }

    public ClientFacts facts() {
        return facts;
    }

    private static Varargs connect(Args args) {
        Verdict.Target target = args.value(2) instanceof Cluster cluster
                ? new Verdict.Target.Member(cluster)
                : new Verdict.Target.Server(Cluster.node(args, 2));
        Verdict.Login login = HandshakeResponse.login(args.table(3), 3);
        boolean readOnly = false;
        if (!args.isNil(4)) {
            LuaTable options = args.table(4);
            for (Varargs e = options.next(LuaValue.NIL); !e.arg1().isnil(); e = options.next(e.arg1())) {
                if (!e.arg1().tojstring().equals("read_only")) {
                    throw new ArgumentError(4, "Unknown option '" + e.arg1().tojstring() + "'");
                }
                if (!e.arg(2).isboolean()) {
                    throw new ArgumentError(4, "read_only is not a boolean");
                }
                readOnly = e.arg(2).toboolean();
            }
        }
        if (args.count() > 4) {
            throw new LuaError("Too many parameters");
        }
        return new Action(new Verdict.Connect(target, login, readOnly));
    }

    @Override
    protected LuaValue read(String name) {
        if (gone) {
            throw new LuaError("Stale object");
        }
        return switch (name) {
            case "pid" ->
                facts.peer().<LuaValue>map(peer -> LuaValue.valueOf(peer.pid())).orElse(LuaValue.NIL);
            case "uid" ->
                facts.peer().<LuaValue>map(peer -> unsigned(peer.uid())).orElse(LuaValue.NIL);
            case "gid" ->
                facts.peer().<LuaValue>map(peer -> unsigned(peer.gid())).orElse(LuaValue.NIL);
            case "account" -> account == null ? LuaValue.NIL : text(account);
            case "server_version" -> text(serverVersion);
            case "notes" -> {
                notes = notes == null ? new LuaTable() : notes;
                yield notes;
            }
            case "cgroup" ->
                facts.cgroup().<LuaValue>map(path -> new Cgroup(path)).orElse(LuaValue.NIL);
            case "address" -> facts.address().<LuaValue>map(address -> address).orElse(LuaValue.NIL);
            case "err" -> methods.err();
            case "connect" -> methods.connect();
            case "init_db" -> methods.initDb();
            default -> throw new LuaError("Unknown attribute '" + name + "'");
        };
    }

    @Override
    protected void write(String name, LuaValue value) {
        if (gone) {
            throw new LuaError("Stale object");
        }
        switch (name) {
            case "account" -> account = value.isnil() ? null : nonEmpty(name, value);
            case "server_version" -> serverVersion = nonEmpty(name, value);
            case "pid", "uid", "gid", "notes", "cgroup", "address", "err", "connect", "init_db" ->
                throw new LuaError("Attribute '" + name + "' can't be set");
            default -> throw new LuaError("Unknown attribute '" + name + "'");
        }
    }

    private static String nonEmpty(String name, LuaValue value) {
        if (!value.isstring() || value.strvalue().m_length == 0) {
            throw new LuaError(name + " must be a string that is not empty, not "
                    + (value.isstring() ? "an empty one" : value.typename()));
        }
        return value.isnumber() && value.type() == LuaValue.TNUMBER
                ? dev.haulout.proxy.lua.Numbers.text(value.todouble())
                : value.tojstring();
    }

    private static LuaValue text(String value) {
        return org.luaj.vm2.LuaString.valueOf(value.getBytes(StandardCharsets.UTF_8));
    }

    private static LuaValue unsigned(int id) {
        return LuaValue.valueOf((double) Integer.toUnsignedLong(id));
    }
}
