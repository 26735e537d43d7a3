package dev.haulout.proxy.lua;

import org.luaj.vm2.Lua;
import org.luaj.vm2.LuaDouble;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;
import org.luaj.vm2.Varargs;

/** What the interpreter does with values when it isn't simple: coercions, metamethods, errors that name variables. */
final class Operations {
    private static final int MOST_HOPS = 100;
    private static final LuaString INDEX = LuaValue.valueOf("__index");
    private static final LuaString NEWINDEX = LuaValue.valueOf("__newindex");
    private static final LuaString CONCAT = LuaValue.valueOf("__concat");
    private static final LuaString LENGTH = LuaValue.valueOf("__len");
    private static final LuaString EQUAL = LuaValue.valueOf("__eq");
    private static final LuaString LESS = LuaValue.valueOf("__lt");
    private static final LuaString LESS_EQUAL = LuaValue.valueOf("__le");
    private static final LuaString MINUS = LuaValue.valueOf("__unm");

    private final Machine machine;

    Operations(Machine machine) {
        this.machine = machine;
    }

    /** {@code object[key]}; null when a Lua function has been pushed that gives it. */
    LuaValue index(LuaValue object, LuaValue key, int register) {
        LuaValue at = object;
        for (int hops = 0; hops < MOST_HOPS; hops++) {
            LuaValue handler;
            if (at instanceof LuaTable table) {
                LuaValue value = table.rawget(key);
                if (!value.isnil()) {
                    return value;
                }
                LuaValue metatable = table.getmetatable();
                handler = metatable == null ? LuaValue.NIL : metatable.rawget(INDEX);
                if (handler.isnil()) {
                    return LuaValue.NIL;
                }
            } else if (at instanceof LuaObject java) {
                return java.get(key);
            } else {
                handler = machine.handler(at, INDEX);
                if (handler.isnil()) {
                    throw new LuaError("attempt to index " + described(at, at == object ? register : -1));
                }
            }
            if (handler instanceof Closure closure) {
                machine.push(closure, LuaValue.varargsOf(at, key));
                return null;
            }
            if (handler instanceof Control control) {
                Varargs values = control.enter(LuaValue.varargsOf(at, key));
                return values == null ? null : values.arg1();
            }
            if (handler.isfunction()) {
                return handler.call(at, key);
            }
            at = handler;
        }
        throw new LuaError("loop in gettable");
    }

    /** {@code object[key] = value}; false when a Lua function has been pushed that does it. */
    boolean setIndex(LuaValue object, LuaValue key, LuaValue value, int register) {
        LuaValue at = object;
        for (int hops = 0; hops < MOST_HOPS; hops++) {
            LuaValue handler;
            if (at instanceof LuaTable table) {
                LuaValue metatable = table.getmetatable();
                handler = metatable == null || !table.rawget(key).isnil() ? LuaValue.NIL : metatable.rawget(NEWINDEX);
                if (handler.isnil()) {
                    if (!key.isvalidkey()) {
                        throw new LuaError("table index is " + (key.isnil() ? "nil" : "NaN"));
                    }
                    table.rawset(key, value);
                    return true;
                }
            } else if (at instanceof LuaObject java) {
                java.set(key, value);
                return true;
            } else {
                handler = machine.handler(at, NEWINDEX);
                if (handler.isnil()) {
                    throw new LuaError("attempt to index " + described(at, at == object ? register : -1));
                }
            }
            if (handler instanceof Closure closure) {
                machine.push(closure, LuaValue.varargsOf(at, key, value));
                return false;
            }
            if (handler.isfunction()) {
                handler.call(at, key, value);
                return true;
            }
            at = handler;
        }
        throw new LuaError("loop in settable");
    }

    /**
     * An arithmetic operation; null when a Lua function has been pushed that does it.
     *
     * @param op its opcode
     * @param rx where {@code x} comes from: a register, or 256 and more for a constant; the same for {@code ry}
     */
    LuaValue arithmetic(int op, LuaValue x, LuaValue y, int rx, int ry) {
        LuaValue p = number(x);
        LuaValue q = number(y);
        if (p != null && q != null) {
            return compute(op, p.todouble(), q.todouble());
        }
        LuaString event = event(op);
        LuaValue handler = machine.handler(x, event);
        if (handler.isnil()) {
            handler = machine.handler(y, event);
        }
        if (handler.isnil()) {
            boolean second = p != null;
            throw new LuaError("attempt to perform arithmetic on " + (second ? described(y, ry) : described(x, rx)));
        }
        return pushed(handler, LuaValue.varargsOf(x, y));
    }

    /** {@code -x}; null when a Lua function has been pushed that does it. */
    LuaValue minus(LuaValue x, int register) {
        LuaValue p = number(x);
        if (p != null) {
            return LuaDouble.valueOf(-p.todouble());
        }
        LuaValue handler = machine.handler(x, MINUS);
        if (handler.isnil()) {
            throw new LuaError("attempt to perform arithmetic on " + described(x, register));
        }
        return pushed(handler, LuaValue.varargsOf(x, x));
    }

    private LuaValue pushed(LuaValue handler, Varargs args) {
        if (handler instanceof Closure closure) {
            machine.push(closure, args);
            return null;
        }
        return machine.callFromJava(handler, args).arg1();
    }

    private static LuaValue number(LuaValue value) {
        if (value instanceof LuaNumber) {
            return value;
        }
        return value instanceof LuaString string ? Numbers.parse(string) : null;
    }

    static LuaValue compute(int op, double x, double y) {
        return LuaDouble.valueOf(
                switch (op) {
                    case Lua.OP_ADD -> x + y;
                    case Lua.OP_SUB -> x - y;
                    case Lua.OP_MUL -> x * y;
                    case Lua.OP_DIV -> x / y;
                    case Lua.OP_MOD -> x - Math.floor(x / y) * y;
                    default -> Math.pow(x, y);
                });
    }

    private static final LuaString[] EVENTS = {
        LuaValue.valueOf("__add"),
        LuaValue.valueOf("__sub"),
        LuaValue.valueOf("__mul"),
        LuaValue.valueOf("__div"),
        LuaValue.valueOf("__mod"),
        LuaValue.valueOf("__pow")
    };

    private static LuaString event(int op) {
        return EVENTS[op - Lua.OP_ADD];
    }

    /** {@code #x}, of tables as LuaJIT has it: without a metamethod. */
    LuaValue length(LuaValue x, int register) {
        if (x instanceof LuaString string) {
            return LuaValue.valueOf(string.m_length);
        }
        if (x instanceof LuaTable table) {
            return LuaValue.valueOf(table.rawlen());
        }
        LuaValue handler = machine.handler(x, LENGTH);
        if (handler.isnil()) {
            throw new LuaError("attempt to get length of " + described(x, register));
        }
        return machine.callFromJava(handler, x).arg1();
    }

    boolean equal(LuaValue x, LuaValue y) {
        if (x == y) {
            return !(x instanceof LuaDouble number) || !Double.isNaN(number.todouble());
        }
        if (x.raweq(y)) {
            return true;
        }
        if (x instanceof LuaTable && y instanceof LuaTable) {
            LuaValue handler = machine.handler(x, EQUAL);
            if (!handler.isnil() && handler.raweq(machine.handler(y, EQUAL))) {
                return machine.callFromJava(handler, LuaValue.varargsOf(x, y))
                        .arg1()
                        .toboolean();
            }
        }
        return false;
    }

    boolean less(LuaValue x, LuaValue y) {
        if (x instanceof LuaNumber && y instanceof LuaNumber) {
            return x.todouble() < y.todouble();
        }
        if (x instanceof LuaString p && y instanceof LuaString q) {
            return compare(p, q) < 0;
        }
        LuaValue handler = common(LESS, x, y);
        if (handler == null) {
            throw incomparable(x, y);
        }
        return machine.callFromJava(handler, LuaValue.varargsOf(x, y)).arg1().toboolean();
    }

    boolean lessOrEqual(LuaValue x, LuaValue y) {
        if (x instanceof LuaNumber && y instanceof LuaNumber) {
            return x.todouble() <= y.todouble();
        }
        if (x instanceof LuaString p && y instanceof LuaString q) {
            return compare(p, q) <= 0;
        }
        LuaValue handler = common(LESS_EQUAL, x, y);
        if (handler != null) {
            return machine.callFromJava(handler, LuaValue.varargsOf(x, y))
                    .arg1()
                    .toboolean();
        }
        handler = common(LESS, y, x);
        if (handler == null) {
            throw incomparable(x, y);
        }
        return !machine.callFromJava(handler, LuaValue.varargsOf(y, x)).arg1().toboolean();
    }

    private LuaValue common(LuaString event, LuaValue x, LuaValue y) {
        LuaValue handler = machine.handler(x, event);
        if (handler.isnil()) {
            handler = machine.handler(y, event);
        }
        return handler.isnil() ? null : handler;
    }

    /** Byte by byte, without sign. */
    static int compare(LuaString x, LuaString y) {
        return java.util.Arrays.compareUnsigned(
                x.m_bytes, x.m_offset, x.m_offset + x.m_length, y.m_bytes, y.m_offset, y.m_offset + y.m_length);
    }

    private static LuaError incomparable(LuaValue x, LuaValue y) {
        return new LuaError(
                x.typename().equals(y.typename())
                        ? "attempt to compare two " + x.typename() + " values"
                        : "attempt to compare " + x.typename() + " with " + y.typename());
    }

    /** {@code stack[from] .. ... .. stack[to]}. */
    LuaValue concat(LuaValue[] stack, int from, int to) {
        long length = 0;
        LuaString[] parts = new LuaString[to - from + 1];
        for (int i = from; i <= to; i++) {
            LuaString part = piece(stack[i]);
            if (part == null) {
                return concatByHandlers(stack, from, to);
            }
            parts[i - from] = part;
            length += part.m_length;
        }
        return joined(parts, length);
    }

    private LuaString joined(LuaString[] parts, long length) {
        machine.allocate(length);
        byte[] bytes = new byte[(int) length];
        int at = 0;
        for (LuaString part : parts) {
            part.copyInto(0, bytes, at, part.m_length);
            at += part.m_length;
        }
        return LuaString.valueUsing(bytes);
    }

    private LuaValue concatByHandlers(LuaValue[] stack, int from, int to) {
        LuaValue right = stack[to];
        for (int i = to - 1; i >= from; i--) {
            LuaValue left = stack[i];
            LuaString p = piece(left);
            LuaString q = piece(right);
            if (p != null && q != null) {
                right = joined(new LuaString[] {p, q}, (long) p.m_length + q.m_length);
            } else {
                LuaValue handler = common(CONCAT, left, right);
                if (handler == null) {
                    boolean second = p != null;
                    throw new LuaError("attempt to concatenate "
                            + (second ? described(right, right == stack[i + 1] ? i + 1 : -1) : described(left, i)));
                }
                right = machine.callFromJava(handler, LuaValue.varargsOf(left, right))
                        .arg1();
            }
        }
        return right;
    }

    private static LuaString piece(LuaValue value) {
        if (value instanceof LuaString string) {
            return string;
        }
        return value instanceof LuaNumber number ? LuaValue.valueOf(Numbers.text(number)) : null;
    }

    /** A value in an error's text: {@code global 'x' (a nil value)} where its name is known, else {@code a nil value}. */
    String described(LuaValue value, int register) {
        Frame top = machine.top();
        if (register >= 0 && register < 256 && top != null && top.kind == Frame.Kind.LUA) {
            Names.Name name = Names.of(top.closure.p, top.pc, register);
            if (name != null) {
                return name + " (a " + value.typename() + " value)";
            }
        }
        return "a " + value.typename() + " value";
    }

    /** Such as {@code bad argument #1 to 'rep' (string expected, got nil)}. */
    String argumentFault(Frame top, ArgumentError wrong) {
        int index = wrong.index();
        String function = "?";
        if (top != null && top.kind == Frame.Kind.LUA && top.pc >= 0) {
            Prototype p = top.closure.p;
            int i = p.code[top.pc];
            int op = Lua.GET_OPCODE(i);
            Names.Name name = op == Lua.OP_CALL || op == Lua.OP_TAILCALL ? Names.of(p, top.pc, Lua.GETARG_A(i)) : null;
            if (name != null) {
                function = name.name();
                if (name.kind().equals("method")) {
                    index--;
                    if (index == 0) {
                        return "calling '" + function + "' on bad self (" + wrong.fault() + ")";
                    }
                }
            }
        }
        return "bad argument #" + index + " to '" + function + "' (" + wrong.fault() + ")";
    }
}
