package dev.haulout.proxy.lua;

import org.luaj.vm2.Lua;
import org.luaj.vm2.LuaDouble;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaInteger;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;
import org.luaj.vm2.UpValue;
import org.luaj.vm2.Upvaldesc;
import org.luaj.vm2.Varargs;

/** Carries out the instructions that LuaJ's compiler makes (those of Lua 5.2) on frames that live on the heap. */
final class Interpreter {
    private static final LuaValue NIL = LuaValue.NIL;
    /** What a table or function counts for, in instructions: so the bound on those bounds memory too. */
    private static final int ALLOCATION = 16;

    private final Machine machine;
    private final Operations operations;

    Interpreter(Machine machine, Operations operations) {
        this.machine = machine;
        this.operations = operations;
    }

    /** Runs what is on top until Java has what it waits for, which is returned, or the task waits. */
    Varargs interpret() {
        for (; ; ) {
            Varargs values = machine.takeOutbox();
            if (values != null) {
                Varargs result = machine.deliver(values);
                if (result != null) {
                    return result;
                }
            }
            if (machine.isSuspended()) {
                return Machine.SUSPENDED;
            }
            frame(machine.top());
        }
    }

    /** Runs one frame until another is to run. */
    private void frame(Frame f) {
        LuaValue[] stack = f.stack;
        Prototype p = f.closure.p;
        LuaValue[] k = p.k;
        int[] code = p.code;
        UpValue[] upvalues = f.closure.upValues;
        int pc = f.pc;
        for (; ; ) {
            int i = code[++pc];
            f.pc = pc;
            if (machine.burn()) {
                machine.refuel();
            }
            int a = (i >> 6) & 0xff;
            int b = i >>> 23;
            int c = (i >> 14) & 0x1ff;
            switch (i & 0x3f) {
                case Lua.OP_MOVE -> stack[a] = stack[b];
                case Lua.OP_LOADK -> stack[a] = k[i >>> 14];
                case Lua.OP_LOADKX -> stack[a] = k[code[++pc] >>> 6];
                case Lua.OP_LOADBOOL -> {
                    stack[a] = b != 0 ? LuaValue.TRUE : LuaValue.FALSE;
                    pc += c != 0 ? 1 : 0;
                }
                case Lua.OP_LOADNIL -> {
                    for (int n = 0; n <= b; n++) {
                        stack[a + n] = NIL;
                    }
                }
                case Lua.OP_GETUPVAL -> stack[a] = upvalues[b].getValue();
                case Lua.OP_GETTABUP -> {
                    LuaValue value = operations.index(upvalues[b].getValue(), rk(stack, k, c), -1);
                    if (value == null) {
                        return;
                    }
                    stack[a] = value;
                }
                case Lua.OP_GETTABLE -> {
                    LuaValue value = operations.index(stack[b], rk(stack, k, c), b);
                    if (value == null) {
                        return;
                    }
                    stack[a] = value;
                }
                case Lua.OP_SELF -> {
                    LuaValue object = stack[b];
                    stack[a + 1] = object;
                    LuaValue value = operations.index(object, rk(stack, k, c), b);
                    if (value == null) {
                        return;
                    }
                    stack[a] = value;
                }
                case Lua.OP_SETTABUP -> {
                    if (!operations.setIndex(upvalues[a].getValue(), rk(stack, k, b), rk(stack, k, c), -1)) {
                        return;
                    }
                }
                case Lua.OP_SETTABLE -> {
                    if (!operations.setIndex(stack[a], rk(stack, k, b), rk(stack, k, c), a)) {
                        return;
                    }
                }
                case Lua.OP_SETUPVAL -> upvalues[b].setValue(stack[a]);
                case Lua.OP_NEWTABLE -> {
                    machine.charge(ALLOCATION);
                    stack[a] = new LuaTable(b, c);
                }
                case Lua.OP_ADD, Lua.OP_SUB, Lua.OP_MUL, Lua.OP_DIV, Lua.OP_MOD, Lua.OP_POW -> {
                    LuaValue value = arithmetic(i & 0x3f, rk(stack, k, b), rk(stack, k, c), b, c);
                    if (value == null) {
                        return;
                    }
                    stack[a] = value;
                }
                case Lua.OP_UNM -> {
                    LuaValue value = operations.minus(stack[b], b);
                    if (value == null) {
                        return;
                    }
                    stack[a] = value;
                }
                case Lua.OP_NOT -> stack[a] = stack[b].toboolean() ? LuaValue.FALSE : LuaValue.TRUE;
                case Lua.OP_LEN -> stack[a] = operations.length(stack[b], b);
                case Lua.OP_CONCAT -> stack[a] = operations.concat(stack, b, c);
                case Lua.OP_JMP -> {
                    pc += (i >>> 14) - 0x1ffff;
                    if (a > 0) {
                        f.close(a - 1);
                    }
                }
                case Lua.OP_EQ -> pc += operations.equal(rk(stack, k, b), rk(stack, k, c)) != (a != 0) ? 1 : 0;
                case Lua.OP_LT -> pc += operations.less(rk(stack, k, b), rk(stack, k, c)) != (a != 0) ? 1 : 0;
                case Lua.OP_LE -> pc += operations.lessOrEqual(rk(stack, k, b), rk(stack, k, c)) != (a != 0) ? 1 : 0;
                case Lua.OP_TEST -> pc += stack[a].toboolean() != (c != 0) ? 1 : 0;
                case Lua.OP_TESTSET -> {
                    LuaValue value = stack[b];
                    if (value.toboolean() != (c != 0)) {
                        pc++;
                    } else {
                        stack[a] = value;
                    }
                }
                case Lua.OP_CALL -> {
                    if (!call(f, a, b)) {
                        return;
                    }
                }
                case Lua.OP_TAILCALL -> {
                    if (stack[a] instanceof Closure closure) {
                        Varargs args = arguments(f, a, b);
                        machine.pop(f);
                        machine.push(closure, args);
                        return;
                    }
                    if (!call(f, a, b)) {
                        return;
                    }
                }
                case Lua.OP_RETURN -> {
                    Varargs values = b == 2 ? stack[a] : open(f, a, b);
                    machine.pop(f);
                    machine.send(values);
                    return;
                }
                case Lua.OP_FORLOOP -> {
                    if (forLoop(stack, a)) {
                        pc += (i >>> 14) - 0x1ffff;
                    }
                }
                case Lua.OP_FORPREP -> {
                    forPrepare(stack, a);
                    pc += (i >>> 14) - 0x1ffff;
                }
                case Lua.OP_TFORCALL -> {
                    Varargs values = machine.call(stack[a], LuaValue.varargsOf(stack[a + 1], stack[a + 2]));
                    if (values == null) {
                        return;
                    }
                    place(stack, a + 3, c, values);
                }
                case Lua.OP_TFORLOOP -> {
                    if (!stack[a + 1].isnil()) {
                        stack[a] = stack[a + 1];
                        pc += (i >>> 14) - 0x1ffff;
                    }
                }
                case Lua.OP_SETLIST -> {
                    int block = c == 0 ? code[++pc] : c;
                    setList(f, stack[a], a, b, (block - 1) * Lua.LFIELDS_PER_FLUSH);
                }
                case Lua.OP_CLOSURE -> stack[a] = closure(f, p.p[i >>> 14]);
                case Lua.OP_VARARG -> {
                    if (b == 0) {
                        f.values = f.more;
                        f.top = a + f.more.narg();
                    } else {
                        place(stack, a, b - 1, f.more);
                    }
                }
                default -> throw new LuaError("illegal instruction " + (i & 0x3f));
            }
        }
    }

    private static LuaValue rk(LuaValue[] stack, LuaValue[] k, int which) {
        return which > 0xff ? k[which & 0xff] : stack[which];
    }

    private LuaValue arithmetic(int op, LuaValue x, LuaValue y, int rx, int ry) {
        if (x instanceof LuaInteger p && y instanceof LuaInteger q) {
            switch (op) {
                case Lua.OP_ADD -> {
                    return LuaInteger.valueOf((long) p.v + q.v);
                }
                case Lua.OP_SUB -> {
                    return LuaInteger.valueOf((long) p.v - q.v);
                }
                case Lua.OP_MUL -> {
                    return Operations.compute(op, p.v, q.v);
                }
                default -> {
                    return Operations.compute(op, p.v, q.v);
                }
            }
        }
        if (x instanceof LuaNumber && y instanceof LuaNumber) {
            return Operations.compute(op, x.todouble(), y.todouble());
        }
        return operations.arithmetic(op, x, y, rx, ry);
    }

    /** Calls what is in register {@code a}; false when something else is to run first. */
    private boolean call(Frame f, int a, int b) {
        LuaValue function = f.stack[a];
        if (!function.isfunction() && machine.handler(function, CALL).isnil()) {
            throw new LuaError("attempt to call " + operations.described(function, a));
        }
        Varargs values = machine.call(function, arguments(f, a, b));
        if (values == null) {
            return false;
        }
        placeCall(f, values);
        return true;
    }

    private static final LuaString CALL = LuaValue.valueOf("__call");

    private static Varargs arguments(Frame f, int a, int b) {
        LuaValue[] stack = f.stack;
        return switch (b) {
            case 0 -> open(f, a + 1, 0);
            case 1 -> LuaValue.NONE;
            case 2 -> stack[a + 1];
            case 3 -> LuaValue.varargsOf(stack[a + 1], stack[a + 2]);
            default -> open(f, a + 1, b);
        };
    }

    /** The values from a register on: {@code b - 1} of them, or for 0 all up to the end of the open list. A copy. */
    private static Varargs open(Frame f, int from, int b) {
        int fixed = b > 0 ? b - 1 : f.top - f.values.narg() - from;
        Varargs rest = b > 0 ? LuaValue.NONE : f.values;
        int count = fixed + rest.narg();
        if (count <= 0) {
            return LuaValue.NONE;
        }
        LuaValue[] values = new LuaValue[count];
        System.arraycopy(f.stack, from, values, 0, fixed);
        for (int n = fixed; n < count; n++) {
            values[n] = rest.arg(n - fixed + 1);
        }
        return LuaValue.varargsOf(values);
    }

    private static void place(LuaValue[] stack, int at, int count, Varargs values) {
        for (int n = 0; n < count; n++) {
            stack[at + n] = values.arg(n + 1);
        }
    }

    private static void placeCall(Frame f, Varargs values) {
        int i = f.closure.p.code[f.pc];
        int a = (i >> 6) & 0xff;
        int c = (i >> 14) & 0x1ff;
        if (c == 0 || (i & 0x3f) == Lua.OP_TAILCALL) {
            f.values = values;
            f.top = a + values.narg();
        } else if (c == 2) {
            f.stack[a] = values.arg1();
        } else {
            place(f.stack, a, c - 1, values);
        }
    }

    /** Completes the instruction for which a frame had something else run. */
    void finish(Frame f, Varargs values) {
        int i = f.closure.p.code[f.pc];
        int a = (i >> 6) & 0xff;
        switch (i & 0x3f) {
            case Lua.OP_CALL, Lua.OP_TAILCALL -> placeCall(f, values);
            case Lua.OP_TFORCALL -> place(f.stack, a + 3, (i >> 14) & 0x1ff, values);
            case Lua.OP_SETTABLE, Lua.OP_SETTABUP -> {}
            default -> f.stack[a] = values.arg1();
        }
    }

    private static boolean forLoop(LuaValue[] stack, int a) {
        LuaValue step = stack[a + 2];
        LuaValue index;
        boolean more;
        if (stack[a] instanceof LuaInteger i && step instanceof LuaInteger s && stack[a + 1] instanceof LuaInteger l) {
            long next = (long) i.v + s.v;
            more = s.v > 0 ? next <= l.v : next >= l.v;
            index = LuaInteger.valueOf(next);
        } else {
            double next = stack[a].todouble() + step.todouble();
            double limit = stack[a + 1].todouble();
            more = step.todouble() > 0 ? next <= limit : next >= limit;
            index = LuaDouble.valueOf(next);
        }
        if (more) {
            stack[a] = index;
            stack[a + 3] = index;
        }
        return more;
    }

    private static void forPrepare(LuaValue[] stack, int a) {
        LuaValue start = forNumber(stack[a], "initial value");
        LuaValue limit = forNumber(stack[a + 1], "limit");
        LuaValue step = forNumber(stack[a + 2], "step");
        stack[a] = LuaDouble.valueOf(start.todouble() - step.todouble());
        stack[a + 1] = limit;
        stack[a + 2] = step;
    }

    private static LuaValue forNumber(LuaValue value, String what) {
        LuaValue number = value instanceof LuaString string ? Numbers.parse(string) : value;
        if (!(number instanceof LuaNumber)) {
            throw new LuaError("'for' " + what + " must be a number");
        }
        return number;
    }

    private void setList(Frame f, LuaValue table, int a, int b, int offset) {
        Varargs values = open(f, a + 1, b == 0 ? 0 : b + 1);
        int count = values.narg();
        machine.charge(count / 4);
        table.presize(offset + count);
        LuaTable target = (LuaTable) table;
        for (int n = 1; n <= count; n++) {
            target.rawset(offset + n, values.arg(n));
        }
    }

    private LuaValue closure(Frame f, Prototype inner) {
        machine.charge(ALLOCATION);
        Closure closure = new Closure(machine, inner, NIL);
        Upvaldesc[] wanted = inner.upvalues;
        for (int n = 0; n < wanted.length; n++) {
            closure.upValues[n] = wanted[n].instack ? f.share(wanted[n].idx) : f.closure.upValues[wanted[n].idx];
        }
        return closure;
    }
}
