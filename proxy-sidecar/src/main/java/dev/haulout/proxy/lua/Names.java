package dev.haulout.proxy.lua;

import org.luaj.vm2.Lua;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;

/** What a register's value is called in the source, found out from the instructions that put it there. */
final class Names {
    /**
     * A name.
     *
     * @param kind local, global, field, method or upvalue
     */
    record Name(String kind, String name) {
        @Override
        public String toString() {
            return kind + " '" + name + "'";
        }
    }

    private Names() {}

    /** The name of what is in a register before instruction {@code pc}; null when it has none. */
    static Name of(Prototype p, int pc, int register) {
        return of(p, pc, register, 0);
    }

    private static Name of(Prototype p, int pc, int register, int hops) {
        LuaString local = p.locvars == null ? null : p.getlocalname(register + 1, pc);
        if (local != null) {
            return new Name("local", local.tojstring());
        }
        int at = setter(p, pc, register);
        if (at < 0) {
            return null;
        }
        int i = p.code[at];
        int b = Lua.GETARG_B(i);
        return switch (Lua.GET_OPCODE(i)) {
            case Lua.OP_MOVE -> b < Lua.GETARG_A(i) && hops < 10 ? of(p, at, b, hops + 1) : null;
            case Lua.OP_GETTABUP -> key(p, i, isEnvironment(p.upvalues[b].name) ? "global" : "field");
            case Lua.OP_GETTABLE -> key(p, i, "field");
            case Lua.OP_GETUPVAL -> new Name("upvalue", String.valueOf(p.upvalues[b].name));
            case Lua.OP_SELF -> key(p, i, "method");
            default -> null;
        };
    }

    private static boolean isEnvironment(LuaString name) {
        return name != null && name.tojstring().equals("_ENV");
    }

    private static Name key(Prototype p, int i, String kind) {
        int c = Lua.GETARG_C(i);
        if (!Lua.ISK(c)) {
            return null;
        }
        LuaValue key = p.k[Lua.INDEXK(c)];
        return key instanceof LuaString ? new Name(kind, key.tojstring()) : null;
    }

    /** The instruction before {@code pc} that last set a register, -1 when none surely did. */
    private static int setter(Prototype p, int pc, int register) {
        int found = -1;
        for (int at = 0; at < pc; at++) {
            int i = p.code[at];
            int a = Lua.GETARG_A(i);
            switch (Lua.GET_OPCODE(i)) {
                case Lua.OP_LOADNIL -> found = a <= register && register <= a + Lua.GETARG_B(i) ? at : found;
                case Lua.OP_TFORCALL -> found = register >= a + 2 ? at : found;
                case Lua.OP_CALL, Lua.OP_TAILCALL -> found = register >= a ? at : found;
                case Lua.OP_JMP -> {
                    int to = at + 1 + Lua.GETARG_sBx(i);
                    if (at < to && to <= pc) {
                        at = to - 1;
                    }
                }
                case Lua.OP_TEST -> found = register == a ? at : found;
                default -> found = Lua.testAMode(Lua.GET_OPCODE(i)) && register == a ? at : found;
            }
        }
        return found;
    }
}
