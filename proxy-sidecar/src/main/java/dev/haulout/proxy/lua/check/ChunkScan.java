package dev.haulout.proxy.lua.check;

import dev.haulout.proxy.lua.library.Addresses;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.luaj.vm2.Lua;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;

/** Searches compiled functions for names that are not there. */
final class ChunkScan {
    private static final Set<String> CLIENT = Set.of(
            "pid",
            "uid",
            "gid",
            "account",
            "notes",
            "server_version",
            "cgroup",
            "address",
            "err",
            "connect",
            "init_db");
    private static final Set<String> CLIENT_SETTABLE = Set.of("account", "server_version");
    private static final Set<String> LOGIN = Set.of("user", "password", "password_sha1", "database");
    private static final Set<String> CONNECT_OPTIONS = Set.of("read_only");

    private final LuaTable globals;
    private final Set<String> there;
    private final Collection<Finding> findings;
    private final Set<String> written = new TreeSet<>();

    /**
     * A search.
     *
     * @param there the names of what is there while a script is read
     * @param globals as they are after that
     */
    ChunkScan(Set<String> there, LuaTable globals, Collection<Finding> findings) {
        this.there = there;
        this.globals = globals;
        this.findings = findings;
    }

    void scan(List<Prototype> chunks) {
        chunks.forEach(this::collectWritten);
        chunks.forEach(this::scan);
    }

    private void collectWritten(Prototype p) {
        for (int i : p.code) {
            if (Lua.GET_OPCODE(i) == Lua.OP_SETTABUP && isEnvironment(p, Lua.GETARG_A(i))) {
                String name = constant(p, Lua.GETARG_B(i));
                if (name != null) {
                    written.add(name);
                }
            }
        }
        for (Prototype inner : p.p) {
            collectWritten(inner);
        }
    }

    private void scan(Prototype p) {
        for (int pc = 0; pc < p.code.length; pc++) {
            int i = p.code[pc];
            switch (Lua.GET_OPCODE(i)) {
                case Lua.OP_GETTABUP -> global(p, pc, i);
                case Lua.OP_GETTABLE, Lua.OP_SELF -> attribute(p, pc, i);
                case Lua.OP_SETTABLE -> setAttribute(p, pc, i);
                default -> {}
            }
        }
        for (Prototype inner : p.p) {
            scan(inner);
        }
    }

    private void found(Prototype p, int pc, String text) {
        String source = p.source.tojstring();
        findings.add(new Finding(
                source.startsWith("@") || source.startsWith("=") ? source.substring(1) : source, p.lineinfo[pc], text));
    }

    private void global(Prototype p, int pc, int i) {
        String name = constant(p, Lua.GETARG_C(i));
        if (name == null || !isEnvironment(p, Lua.GETARG_B(i))) {
            return;
        }
        LuaValue value = globals.rawget(name);
        if (value.isnil()
                && !there.contains(name)
                && !written.contains(name)
                && !name.equals("reload")
                && !name.equals("populate_io_buffers")) {
            found(p, pc, "unknown global '" + name + "'");
        } else if (value instanceof LuaTable library && !written.contains(name) && pc + 1 < p.code.length) {
            member(p, pc + 1, Lua.GETARG_A(i), name, library);
        }
    }

    private void member(Prototype p, int pc, int register, String name, LuaTable library) {
        int i = p.code[pc];
        int op = Lua.GET_OPCODE(i);
        String member = constant(p, Lua.GETARG_C(i));
        if ((op == Lua.OP_GETTABLE || op == Lua.OP_SELF)
                && Lua.GETARG_B(i) == register
                && member != null
                && library.getmetatable() == null
                && library.rawget(member).isnil()
                && !assignsMember(p, member)) {
            found(p, pc, "'" + name + "' has no '" + member + "'");
        }
    }

    /** Whether the same function gives some table that member, such as one of a library that it extends. */
    private static boolean assignsMember(Prototype p, String member) {
        for (int i : p.code) {
            if (Lua.GET_OPCODE(i) == Lua.OP_SETTABLE && member.equals(constant(p, Lua.GETARG_B(i)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isClient(Prototype p, int pc, int register) {
        LuaString name = register < p.numparams ? p.getlocalname(register + 1, pc) : null;
        return name != null && name.tojstring().equals("client");
    }

    private void attribute(Prototype p, int pc, int i) {
        String name = constant(p, Lua.GETARG_C(i));
        if (name == null || !isClient(p, pc, Lua.GETARG_B(i))) {
            return;
        }
        if (!CLIENT.contains(name)) {
            found(p, pc, "a client has no '" + name + "'");
        } else if (name.equals("connect") && Lua.GET_OPCODE(i) == Lua.OP_SELF) {
            connect(p, pc, Lua.GETARG_A(i));
        }
    }

    private void setAttribute(Prototype p, int pc, int i) {
        String name = constant(p, Lua.GETARG_B(i));
        if (name != null && isClient(p, pc, Lua.GETARG_A(i)) && !CLIENT_SETTABLE.contains(name)) {
            found(p, pc, "a client's '" + name + "' can't be set; 'notes' is the table for what is a script's own");
        }
    }

    /** The arguments of client:connect(address, login, options), as far as they are written out there. */
    private void connect(Prototype p, int self, int register) {
        Map<Integer, Set<String>> keys = Map.of(register + 3, LOGIN, register + 4, CONNECT_OPTIONS);
        for (int pc = self + 1; pc < p.code.length; pc++) {
            int i = p.code[pc];
            int a = Lua.GETARG_A(i);
            switch (Lua.GET_OPCODE(i)) {
                case Lua.OP_CALL, Lua.OP_TAILCALL -> {
                    if (a == register) {
                        return;
                    }
                }
                case Lua.OP_LOADK -> {
                    LuaValue address = p.k[Lua.GETARG_Bx(i)];
                    if (a == register + 2 && address instanceof LuaString && !isNumeric(address.tojstring())) {
                        found(
                                p,
                                pc,
                                "client:connect takes no host name such as '" + address.tojstring()
                                        + "': resolve it once, with mysql_resolve() at the start");
                    }
                }
                case Lua.OP_SETTABLE -> {
                    String key = constant(p, Lua.GETARG_B(i));
                    Predicate<String> known = keys.getOrDefault(a, Set.of())::contains;
                    if (key != null && keys.containsKey(a) && !known.test(key)) {
                        found(p, pc, "client:connect knows no '" + key + "'");
                    }
                }
                default -> {}
            }
        }
    }

    private static boolean isNumeric(String address) {
        try {
            Addresses.numeric(address, Addresses.MYSQL);
            return true;
        } catch (org.luaj.vm2.LuaError e) {
            return false;
        }
    }

    private static boolean isEnvironment(Prototype p, int upvalue) {
        LuaString name = upvalue < p.upvalues.length ? p.upvalues[upvalue].name : null;
        return name != null && name.tojstring().equals("_ENV");
    }

    /** The string that is a constant operand; null when the operand is something else. */
    private static String constant(Prototype p, int operand) {
        return Lua.ISK(operand) && p.k[Lua.INDEXK(operand)] instanceof LuaString string ? string.tojstring() : null;
    }
}
