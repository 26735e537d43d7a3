package dev.haulout.proxy.lua;

import org.luaj.vm2.Lua;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;
import org.luaj.vm2.Varargs;

/** The debug library, but for hooks, which never run. */
public final class DebugLibrary {
    private static final int SHOWN_AT_EACH_END = 11;

    private final Machine machine;

    private DebugLibrary(Machine machine) {
        this.machine = machine;
    }

    /** Puts it into a machine's globals. */
    public static void install(Machine machine) {
        DebugLibrary debug = new DebugLibrary(machine);
        LuaTable table = new LuaTable();
        new Library(machine, table)
                .add("debug", args -> LuaValue.NONE)
                .add("getfenv", args -> args.value(1) instanceof Closure c ? c.environment() : machine.globals())
                .add("setfenv", DebugLibrary::setEnvironment)
                .add("gethook", args -> LuaValue.NIL)
                .add("sethook", args -> LuaValue.NONE)
                .add("getinfo", debug::getInfo)
                .add("getlocal", debug::getLocal)
                .add("setlocal", debug::setLocal)
                .add("getmetatable", args -> orNil(machine.metatable(args.any(1))))
                .add("setmetatable", DebugLibrary::setMetatable)
                .add("getregistry", args -> new LuaTable())
                .add("getupvalue", args -> upvalue(args, false))
                .add("setupvalue", args -> upvalue(args, true))
                .add("upvalueid", DebugLibrary::upvalueId)
                .add("upvaluejoin", DebugLibrary::upvalueJoin)
                .add("traceback", debug::traceback);
        machine.globals().rawset("debug", table);
    }

    private static LuaValue orNil(LuaValue value) {
        return value == null ? LuaValue.NIL : value;
    }

    private static Varargs setEnvironment(Args args) {
        if (args.value(1) instanceof Closure closure) {
            closure.environment(args.table(2));
        }
        return args.value(1);
    }

    private static Varargs setMetatable(Args args) {
        LuaValue value = args.any(1);
        if (value instanceof LuaTable || value.isuserdata()) {
            value.setmetatable(args.isNil(2) ? null : args.table(2));
        }
        return value;
    }

    private Frame top(Args args) {
        return args.value(1) instanceof Coroutine other ? other.top : machine.top();
    }

    private static Frame below(Frame top, int level) {
        Frame frame = top;
        for (int i = 0; i < level && frame != null; i++) {
            frame = frame.below;
        }
        return frame;
    }

    private Varargs getInfo(Args args) {
        boolean other = args.value(1) instanceof Coroutine;
        int first = other ? 2 : 1;
        LuaTable info = new LuaTable();
        Frame frame = null;
        LuaValue function;
        if (args.value(first).isfunction()) {
            function = args.value(first);
        } else {
            int level = args.integer(first);
            if (level == 0 && !other) {
                function = null; // getinfo itself
            } else {
                frame = below(top(args), other ? level : level - 1);
                if (level < 0 || frame == null) {
                    return LuaValue.NIL;
                }
                function = frame.closure;
            }
        }
        describe(info, function, frame);
        return info;
    }

    private static void describe(LuaTable info, LuaValue function, Frame frame) {
        if (function instanceof Closure closure) {
            Prototype p = closure.p;
            info.rawset("source", p.source);
            info.rawset("short_src", LuaValue.valueOf(Text.chunk(p.source.tojstring())));
            info.rawset("what", LuaValue.valueOf(p.linedefined == 0 ? "main" : "Lua"));
            info.rawset("linedefined", LuaValue.valueOf(p.linedefined));
            info.rawset("lastlinedefined", LuaValue.valueOf(p.lastlinedefined));
            info.rawset("nups", LuaValue.valueOf(p.upvalues.length));
            info.rawset("nparams", LuaValue.valueOf(p.numparams));
            info.rawset("isvararg", LuaValue.valueOf(p.is_vararg != 0));
        } else {
            info.rawset("source", LuaValue.valueOf("=[C]"));
            info.rawset("short_src", LuaValue.valueOf("[C]"));
            info.rawset("what", LuaValue.valueOf("C"));
            info.rawset("linedefined", LuaValue.valueOf(-1));
            info.rawset("lastlinedefined", LuaValue.valueOf(-1));
            info.rawset("nups", LuaValue.ZERO);
        }
        boolean lua = frame != null && frame.kind == Frame.Kind.LUA;
        info.rawset("currentline", LuaValue.valueOf(lua ? frame.line() : -1));
        Names.Name name = frame == null ? null : calledAs(frame);
        info.rawset("namewhat", LuaValue.valueOf(name == null ? "" : name.kind()));
        if (name != null) {
            info.rawset("name", LuaValue.valueOf(name.name()));
        }
        if (function != null) {
            info.rawset("func", function);
        }
    }

    private static Names.Name calledAs(Frame frame) {
        Frame caller = frame.below;
        if (caller == null || caller.kind != Frame.Kind.LUA || caller.pc < 0) {
            return null;
        }
        int i = caller.closure.p.code[caller.pc];
        return Lua.GET_OPCODE(i) == Lua.OP_CALL ? Names.of(caller.closure.p, caller.pc, Lua.GETARG_A(i)) : null;
    }

    private Varargs getLocal(Args args) {
        int first = args.value(1) instanceof Coroutine ? 2 : 1;
        Frame frame = below(top(args), args.integer(first) - (first == 1 ? 1 : 0));
        LuaString name = local(args, first, frame);
        if (name == null) {
            return LuaValue.NIL;
        }
        LuaValue value = frame.stack[args.integer(first + 1) - 1];
        return LuaValue.varargsOf(name, orNil(value));
    }

    private Varargs setLocal(Args args) {
        int first = args.value(1) instanceof Coroutine ? 2 : 1;
        Frame frame = below(top(args), args.integer(first) - (first == 1 ? 1 : 0));
        LuaString name = local(args, first, frame);
        if (name == null) {
            return LuaValue.NIL;
        }
        frame.stack[args.integer(first + 1) - 1] = args.value(first + 2);
        return name;
    }

    private static LuaString local(Args args, int first, Frame frame) {
        if (frame == null) {
            throw new ArgumentError(first, "level out of range");
        }
        return frame.closure == null
                ? null
                : frame.closure.p.getlocalname(args.integer(first + 1), Math.max(frame.pc, 0));
    }

    private static Varargs upvalue(Args args, boolean set) {
        int index = args.integer(2) - 1;
        if (!(args.function(1) instanceof Closure closure) || index < 0 || index >= closure.upValues.length) {
            return LuaValue.NONE;
        }
        LuaString name = closure.p.upvalues[index].name;
        if (set) {
            closure.upValues[index].setValue(args.value(3));
            return name;
        }
        return LuaValue.varargsOf(name, closure.upValues[index].getValue());
    }

    private static Varargs upvalueId(Args args) {
        int index = args.integer(2) - 1;
        return args.function(1) instanceof Closure closure && index >= 0 && index < closure.upValues.length
                ? LuaValue.valueOf(System.identityHashCode(closure.upValues[index]))
                : LuaValue.NIL;
    }

    private static Varargs upvalueJoin(Args args) {
        if (args.function(1) instanceof Closure to && args.function(3) instanceof Closure from) {
            int n = args.integer(2) - 1;
            int m = args.integer(4) - 1;
            if (n < 0 || m < 0 || n >= to.upValues.length || m >= from.upValues.length) {
                throw new ArgumentError(2, "invalid upvalue index");
            }
            to.upValues[n] = from.upValues[m];
        }
        return LuaValue.NONE;
    }

    private Varargs traceback(Args args) {
        boolean other = args.value(1) instanceof Coroutine;
        int first = other ? 2 : 1;
        LuaValue message = args.value(first);
        if (!message.isnil() && !message.isstring()) {
            return message;
        }
        StringBuilder text = new StringBuilder(message.isnil() ? "" : message.tojstring() + "\n");
        text.append("stack traceback:");
        Frame frame = below(top(args), Math.max(0, args.integer(first + 1, other ? 0 : 1) - (other ? 0 : 1)));
        int depth = frame == null ? 0 : frame.depth;
        for (int n = 0; frame != null; frame = frame.below, n++) {
            if (n == SHOWN_AT_EACH_END && depth > 2 * SHOWN_AT_EACH_END) {
                text.append("\n\t...");
            }
            if (n < SHOWN_AT_EACH_END || frame.depth <= SHOWN_AT_EACH_END) {
                text.append(line(frame));
            }
        }
        return LuaValue.valueOf(text.toString());
    }

    private static String line(Frame frame) {
        if (frame.kind != Frame.Kind.LUA) {
            return "\n\t[C]: in function " + (frame.kind == Frame.Kind.PROTECTED ? "'pcall'" : "at the proxy");
        }
        Prototype p = frame.closure.p;
        Names.Name name = calledAs(frame);
        String what = p.linedefined == 0
                ? "in main chunk"
                : name != null
                        ? "in " + (name.kind().equals("global") ? "function" : name.kind()) + " '" + name.name() + "'"
                        : "in function <" + Text.chunk(p.source.tojstring()) + ":" + p.linedefined + ">";
        return "\n\t" + frame.where() + what;
    }
}
