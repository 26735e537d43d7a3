package dev.haulout.proxy.lua.check;

import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Limits;
import dev.haulout.proxy.lua.LuaFailure;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.library.Addresses;
import dev.haulout.proxy.lua.script.Handlers;
import dev.haulout.proxy.lua.script.Listeners;
import dev.haulout.proxy.lua.script.ProxyScript;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;

/**
 * Checks a configuration: reads it as the proxy would, opening no listener, no connection, and running no program; then
 * searches its functions for unknown names. Callbacks are not run.
 */
public final class LuaCheck {
    private static final Pattern POSITION = Pattern.compile("^(.*?):(\\d+): (.*)$", Pattern.DOTALL);
    private static final Pattern LIKE_TCP =
            Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}(:\\d+)?|\\[.*](:\\d+)?|[\\w.-]+:\\d+");
    /** Who reads a configuration does so in moments; a loop without end has to be told. */
    private static final Limits LIMITS = new Limits(2_000_000_000L, Duration.ofSeconds(20), 256 << 20, 4L << 30);

    private final SortedSet<Finding> findings = new TreeSet<>();
    private final List<Prototype> chunks = new ArrayList<>();
    private final AtomicReference<Machine> machine = new AtomicReference<>();
    private final Set<String> there = new TreeSet<>();
    private boolean listens;

    private LuaCheck() {}

    /**
     * What is wrong with a script, by file and line; nothing when all seems well.
     *
     * @throws IOException when it can't be read
     */
    public static SortedSet<Finding> check(Path file) throws IOException {
        return new LuaCheck().run(file);
    }

    private SortedSet<Finding> run(Path file) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        boolean read = false;
        try (ProxyScript script =
                ProxyScript.read(file, new Noting(), nowhere, LIMITS, LIMITS, _ -> {}, this::prepare)) {
            read = true;
            if (!listens) {
                findings.add(new Finding(file.toString(), 0, "No listeners configured"));
            }
        } catch (LuaFailure e) {
            Matcher position = POSITION.matcher(e.getMessage());
            findings.add(
                    position.matches()
                            ? new Finding(position.group(1), Integer.parseInt(position.group(2)), position.group(3))
                            : new Finding(file.toString(), 0, e.getMessage()));
        }
        if (machine.get() != null && (read || !chunks.isEmpty())) {
            new ChunkScan(there, machine.get().globals(), findings).scan(chunks);
        }
        return findings;
    }

    private void prepare(Machine prepared) {
        machine.set(prepared);
        prepared.watch(chunks::add);
        LuaTable globals = prepared.globals();
        for (LuaValue name : globals.keys()) {
            there.add(name.tojstring());
        }
        LuaTable socket = new LuaTable();
        new Library(prepared, socket)
                .add("send", args -> LuaValue.valueOf(args.string(2).m_length))
                .add("close", args -> LuaValue.NONE);
        new Library(prepared, (LuaTable) globals.rawget("socket")).add("connect", args -> {
            address(args.value(2), 0);
            return socket;
        });
        new Library(prepared, globals)
                .add("mysql_resolve", args -> resolved(args.text(1), Addresses.MYSQL))
                .add("control_resolve", args -> resolved(args.text(1), Addresses.CONTROL));
        LuaTable database = new LuaTable();
        new Library(prepared, database)
                .add("listen", args -> {
                    args.function(3);
                    return LuaValue.NONE;
                })
                .addWait("execute", args -> java.util.concurrent.CompletableFuture.completedFuture(LuaValue.NIL));
        new Library(prepared, (LuaTable) globals.rawget("pg")).add("new", args -> {
            args.string(2);
            return database;
        });
        new Library(prepared, (LuaTable) globals.rawget("os"))
                .add("exit", args -> {
                    throw new LuaError("os.exit ends the proxy");
                })
                .add("execute", args -> LuaValue.ZERO)
                .add("remove", args -> LuaValue.TRUE)
                .add("rename", args -> LuaValue.TRUE);
        new Library(prepared, (LuaTable) globals.rawget("io"))
                .add(
                        "popen",
                        args -> LuaValue.varargsOf(LuaValue.NIL, LuaValue.valueOf("programs are not run by a check")));
    }

    private static void address(LuaValue value, int usualPort) {
        Addresses.argument(value, usualPort);
    }

    /** A host name counts as known: who checks may be elsewhere than where it is. */
    private static Address resolved(String text, int usualPort) {
        try {
            return Addresses.numeric(text, usualPort);
        } catch (LuaError e) {
            return Address.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), usualPort));
        }
    }

    private void noted(String text) {
        Matcher position = POSITION.matcher(machine.get().position() + text);
        if (position.matches()) {
            findings.add(new Finding(position.group(1), Integer.parseInt(position.group(2)), position.group(3)));
        }
    }

    /** Listeners that are not opened. */
    private final class Noting implements Listeners {
        @Override
        public void mysql(Address address, Handlers handlers, Options options) {
            listens = true;
            String local = address.local();
            if (local == null || Addresses.isLocal(local)) {
                return;
            }
            noted(
                    LIKE_TCP.matcher(local).matches()
                            ? "mysql_listen takes '" + local + "' as the name of a unix socket; to listen on TCP write"
                                    + " mysql_listen(mysql_resolve('" + local + "'), ...)"
                            : "mysql_listen('" + local + "') makes a socket in the configuration's folder; give a whole"
                                    + " path, or @" + local + " for an abstract socket");
        }

        @Override
        public void inherited(Handlers handlers, Options options) {
            listens = true;
        }

        @Override
        public void control(Address address, Optional<InetAddress> group, Optional<String> networkInterface) {}

        @Override
        public void prometheus(Address address) {}
    }
}
