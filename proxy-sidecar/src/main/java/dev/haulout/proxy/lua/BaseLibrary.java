package dev.haulout.proxy.lua;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaInteger;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The basic functions of Lua 5.1, but for those that read files. */
final class BaseLibrary {
    private static final LuaString PROTECTED = LuaValue.valueOf("__metatable");
    private static final LuaString PAIRS = LuaValue.valueOf("__pairs");

    private final Machine machine;

    private BaseLibrary(Machine machine) {
        this.machine = machine;
    }

    static void install(Machine machine) {
        BaseLibrary base = new BaseLibrary(machine);
        LuaTable globals = machine.globals();
        Library library = new Library(machine, globals)
                .add("_G", globals)
                .add("_VERSION", LuaValue.valueOf("Lua 5.1"))
                .add("assert", BaseLibrary::assertion)
                .add("collectgarbage", BaseLibrary::collectGarbage)
                .add("error", base::error)
                .add("gcinfo", args -> LuaValue.valueOf(usedKilobytes()))
                .add("getfenv", base::getEnvironment)
                .add("setfenv", base::setEnvironment)
                .add("getmetatable", base::getMetatable)
                .add("setmetatable", BaseLibrary::setMetatable)
                .add("load", base::load)
                .add("loadstring", base::load)
                .add("newproxy", args -> newProxy(args))
                .add("rawequal", args -> LuaValue.valueOf(args.any(1).raweq(args.any(2))))
                .add("rawget", args -> args.table(1).rawget(args.any(2)))
                .add("rawset", BaseLibrary::rawSet)
                .add("select", BaseLibrary::select)
                .add("tonumber", BaseLibrary::toNumber)
                .add("tostring", args -> machine.text(args.any(1)))
                .add("type", args -> LuaValue.valueOf(args.any(1).typename()))
                .add("unpack", args -> unpack(args));
        library.add("next", args -> args.table(1).next(args.value(2)));
        LuaValue next = globals.rawget("next");
        LuaValue step = Library.function(machine, "ipairs", BaseLibrary::nextInteger);
        library.add("pairs", args -> base.pairs(args, next));
        library.add("ipairs", args -> LuaValue.varargsOf(step, args.table(1), LuaValue.ZERO));
    }

    private static Varargs assertion(Args args) {
        if (args.any(1).toboolean()) {
            return args.all();
        }
        throw new Raised(args.count() > 1 ? args.value(2) : LuaValue.valueOf("assertion failed!"));
    }

    private static int usedKilobytes() {
        Runtime runtime = Runtime.getRuntime();
        return (int) ((runtime.totalMemory() - runtime.freeMemory()) >> 10);
    }

    private static Varargs collectGarbage(Args args) {
        return switch (args.text(1, "collect")) {
            case "count" -> LuaValue.valueOf(usedKilobytes());
            case "collect", "stop", "restart", "setpause", "setstepmul", "step" -> LuaValue.ZERO; // Java sees to it
            default -> throw new ArgumentError(1, "invalid option '" + args.text(1) + "'");
        };
    }

    private Varargs error(Args args) {
        LuaValue value = args.value(1);
        int level = args.integer(2, 1);
        if (level > 0 && value instanceof LuaString message) {
            String where = machine.where(level);
            if (!where.isEmpty()) {
                byte[] prefix = where.getBytes(StandardCharsets.UTF_8);
                byte[] whole = new byte[prefix.length + message.m_length];
                System.arraycopy(prefix, 0, whole, 0, prefix.length);
                message.copyInto(0, whole, prefix.length, message.m_length);
                value = LuaString.valueUsing(whole);
            }
        }
        throw new Raised(value);
    }

    private Closure closureAt(Args args, boolean functionWanted) {
        LuaValue which = args.isNil(1) && !functionWanted ? LuaValue.ONE : args.value(1);
        if (which.isfunction()) {
            return which instanceof Closure closure ? closure : null;
        }
        int level = args.isNil(1) ? 1 : args.integer(1);
        if (level < 0) {
            throw new ArgumentError(1, "level must be non-negative");
        }
        if (level == 0) {
            return null;
        }
        Frame frame = machine.frame(level);
        if (frame == null) {
            throw new ArgumentError(1, "invalid level");
        }
        return frame.closure;
    }

    private Varargs getEnvironment(Args args) {
        Closure closure = closureAt(args, false);
        return closure == null ? machine.globals() : closure.environment();
    }

    private Varargs setEnvironment(Args args) {
        LuaTable table = args.table(2);
        Closure closure = closureAt(args, true);
        if (closure == null) {
            throw new LuaError("'setfenv' cannot change environment of given object");
        }
        closure.environment(table);
        return closure;
    }

    private Varargs getMetatable(Args args) {
        LuaValue metatable = machine.metatable(args.any(1));
        if (metatable == null) {
            return LuaValue.NIL;
        }
        LuaValue shown = metatable.rawget(PROTECTED);
        return shown.isnil() ? metatable : shown;
    }

    private static Varargs setMetatable(Args args) {
        LuaTable table = args.table(1);
        if (!args.isNil(2) || args.count() < 2) {
            if (!(args.value(2) instanceof LuaTable)) {
                throw new ArgumentError(2, "nil or table expected");
            }
        }
        LuaValue before = table.getmetatable();
        if (before != null && !before.rawget(PROTECTED).isnil()) {
            throw new LuaError("cannot change a protected metatable");
        }
        return table.setmetatable(args.isNil(2) ? null : args.table(2));
    }

    private Varargs load(Args args) {
        LuaValue environment = args.count() >= 4 ? args.value(4) : machine.globals();
        byte[] source;
        String usual;
        if (args.value(1).isfunction()) {
            source = read(args.value(1));
            usual = "=(load)";
        } else {
            source = args.bytes(1);
            usual = args.text(1);
        }
        if (source.length > 0 && source[0] == 27) {
            return LuaValue.varargsOf(
                    LuaValue.NIL, LuaValue.valueOf("compiled code can't be loaded, only source text"));
        }
        machine.charge(source.length);
        try {
            return machine.load(source, args.text(2, usual), environment);
        } catch (LuaError e) {
            return LuaValue.varargsOf(LuaValue.NIL, Machine.value(e));
        }
    }

    private byte[] read(LuaValue reader) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (; ; ) {
            LuaValue piece = machine.callFromJava(reader, LuaValue.NONE).arg1();
            if (piece.isnil()) {
                return text.toByteArray();
            }
            if (!(piece instanceof LuaString string)) {
                throw new LuaError("reader function must return a string");
            }
            if (string.m_length == 0) {
                return text.toByteArray();
            }
            machine.allocate(text.size() + (long) string.m_length);
            text.write(string.m_bytes, string.m_offset, string.m_length);
        }
    }

    private static Varargs newProxy(Args args) {
        org.luaj.vm2.LuaUserdata proxy = new org.luaj.vm2.LuaUserdata(new Object());
        if (args.value(1) instanceof org.luaj.vm2.LuaUserdata other) {
            proxy.setmetatable(other.getmetatable());
        } else if (args.value(1).toboolean()) {
            proxy.setmetatable(new LuaTable());
        }
        return proxy;
    }

    private static Varargs rawSet(Args args) {
        LuaTable table = args.table(1);
        LuaValue key = args.any(2);
        if (!key.isvalidkey()) {
            throw new LuaError("table index is " + (key.isnil() ? "nil" : "NaN"));
        }
        table.rawset(key, args.any(3));
        return table;
    }

    private static Varargs select(Args args) {
        if (args.value(1) instanceof LuaString string && string.tojstring().equals("#")) {
            return LuaValue.valueOf(args.count() - 1);
        }
        int index = args.integer(1);
        if (index < 0) {
            index += args.count();
        }
        if (index < 1) {
            throw new ArgumentError(1, "index out of range");
        }
        return index >= args.count() ? LuaValue.NONE : args.from(index + 1);
    }

    private static Varargs toNumber(Args args) {
        if (args.isNil(2) || args.integer(2) == 10) {
            LuaValue value = args.any(1);
            if (value instanceof LuaNumber) {
                return value;
            }
            LuaValue parsed = value instanceof LuaString string ? Numbers.parse(string) : null;
            return parsed == null ? LuaValue.NIL : parsed;
        }
        int base = args.integer(2);
        if (base < 2 || base > 36) {
            throw new ArgumentError(2, "base out of range");
        }
        String text = args.string(1).tojstring().strip();
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        if (base == 16 && (digits.startsWith("0x") || digits.startsWith("0X"))) {
            digits = digits.substring(2);
        }
        double value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = Character.digit(digits.charAt(i), base);
            if (digit < 0) {
                return LuaValue.NIL;
            }
            value = value * base + digit;
        }
        return digits.isEmpty() ? LuaValue.NIL : LuaValue.valueOf(negative ? -value : value);
    }

    static Varargs unpack(Args args) {
        LuaTable table = args.table(1);
        int from = args.integer(2, 1);
        int to = args.isNil(3) ? table.rawlen() : args.integer(3);
        long count = (long) to - from + 1;
        if (count <= 0) {
            return LuaValue.NONE;
        }
        if (count > 8000) {
            throw new LuaError("too many results to unpack");
        }
        LuaValue[] values = new LuaValue[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = table.rawget(from + i);
        }
        return LuaValue.varargsOf(values);
    }

    private Varargs pairs(Args args, LuaValue next) {
        LuaValue custom = args.isNil(1) ? LuaValue.NIL : machine.handler(args.value(1), PAIRS);
        if (!custom.isnil()) {
            Varargs three = machine.callFromJava(custom, args.value(1));
            return LuaValue.varargsOf(three.arg(1), three.arg(2), three.arg(3));
        }
        return LuaValue.varargsOf(next, args.table(1), LuaValue.NIL);
    }

    private static Varargs nextInteger(Args args) {
        int index = args.integer(2) + 1;
        LuaValue value = args.table(1).rawget(index);
        return value.isnil() ? LuaValue.NONE : LuaValue.varargsOf(LuaInteger.valueOf(index), value);
    }
}
