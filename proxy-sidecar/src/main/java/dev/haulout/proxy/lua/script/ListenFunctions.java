package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.library.Addresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** mysql_listen, control_listen, prometheus_listen: there only while the configuration is read. */
final class ListenFunctions {
    private static final int PROMETHEUS = 9100;
    private static final List<String> NAMES = List.of("mysql_listen", "control_listen", "prometheus_listen");

    private final LuaEngine engine;
    private final Listeners listeners;
    private final Client.Methods methods;
    private final LuaObject systemd = new Systemd();
    private boolean inheritedTaken;

    ListenFunctions(LuaEngine engine, Listeners listeners) {
        this.engine = engine;
        this.listeners = listeners;
        this.methods = Client.Methods.of(engine.machine());
    }

    /** The global {@code systemd}. */
    private static final class Systemd extends LuaObject {
        @Override
        protected LuaValue read(String name) {
            throw new LuaError("Unknown attribute");
        }
    }

    void install() {
        Machine machine = engine.machine();
        new Library(machine, machine.globals())
                .add("systemd", systemd)
                .add("mysql_listen", this::mysql)
                .add("control_listen", this::control)
                .add("prometheus_listen", this::prometheus);
    }

    void remove() {
        NAMES.forEach(name -> engine.machine().globals().rawset(name, LuaValue.NIL));
    }

    private static void atMost(Args args, int count) {
        if (args.count() > count) {
            throw new LuaError("Too many parameters");
        }
    }

    private Varargs mysql(Args args) {
        atMost(args, 3);
        if (args.count() < 2) {
            throw new LuaError("Not enough parameters");
        }
        LuaValue where = args.value(1);
        boolean isPath = where.type() == LuaValue.TSTRING;
        if (!isPath && where != systemd && !(where instanceof Address)) {
            throw new ArgumentError(1, "path expected");
        }
        Handlers handlers = Handlers.of(engine, methods, args.table(2));
        Listeners.Options options = args.isNil(3) ? Listeners.Options.NONE : options(args.table(3));
        if (where == systemd) {
            if (inheritedTaken) {
                throw new LuaError("No systemd socket");
            }
            inheritedTaken = true;
            listeners.inherited(handlers, options);
        } else {
            listeners.mysql(isPath ? Address.local(args.text(1)) : (Address) where, handlers, options);
        }
        return LuaValue.NONE;
    }

    private static Listeners.Options options(LuaTable table) {
        Optional<String> certificate = Optional.empty();
        Optional<String> key = Optional.empty();
        List<String> proxies = new ArrayList<>();
        boolean cleartext = false;
        for (Varargs e = table.next(LuaValue.NIL); !e.arg1().isnil(); e = table.next(e.arg1())) {
            LuaValue value = e.arg(2);
            switch (e.arg1().tojstring()) {
                case "tls_certificate" -> certificate = Optional.of(value.checkjstring());
                case "tls_key" -> key = Optional.of(value.checkjstring());
                case "proxy_protocol_networks" -> {
                    LuaTable networks = value.checktable();
                    for (int i = 1; i <= networks.rawlen(); i++) {
                        proxies.add(networks.rawget(i).checkjstring());
                    }
                }
                case "allow_cleartext" -> cleartext = value.checkboolean();
                default ->
                    throw new ArgumentError(3, "Unknown option '" + e.arg1().tojstring() + "'");
            }
        }
        if (certificate.isPresent() != key.isPresent()) {
            throw new ArgumentError(3, "tls_certificate and tls_key go together");
        }
        return new Listeners.Options(certificate, key, proxies, cleartext);
    }

    private Varargs control(Args args) {
        atMost(args, 2);
        Optional<InetAddress> group = Optional.empty();
        Optional<String> networkInterface = Optional.empty();
        if (!args.isNil(2)) {
            LuaTable table = args.table(2);
            for (Varargs e = table.next(LuaValue.NIL); !e.arg1().isnil(); e = table.next(e.arg1())) {
                switch (e.arg1().tojstring()) {
                    case "multicast_group" -> group = Optional.of(group(e.arg(2).checkjstring()));
                    case "interface" -> networkInterface = Optional.of(e.arg(2).checkjstring());
                    default ->
                        throw new ArgumentError(2, "Unknown option '" + e.arg1().tojstring() + "'");
                }
            }
        }
        listeners.control(listening(args, Addresses.CONTROL), group, networkInterface);
        return LuaValue.NONE;
    }

    private static InetAddress group(String text) {
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            if (address.isMulticastAddress()) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new ArgumentError(2, "'" + text + "' is no multicast address");
    }

    private Varargs prometheus(Args args) {
        atMost(args, 1);
        listeners.prometheus(listening(args, PROMETHEUS));
        return LuaValue.NONE;
    }

    private static Address listening(Args args, int usualPort) {
        return args.value(1) instanceof Address address ? address : Addresses.listening(args.text(1), usualPort);
    }
}
