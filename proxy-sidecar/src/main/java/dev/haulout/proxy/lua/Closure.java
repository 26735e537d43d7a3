package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaClosure;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;
import org.luaj.vm2.UpValue;
import org.luaj.vm2.Varargs;

/** A Lua function. Called from Java it runs to its end, without being able to wait. */
final class Closure extends LuaClosure {
    private static final LuaString ENVIRONMENT = LuaValue.valueOf("_ENV");

    private final Machine machine;

    Closure(Machine machine, Prototype prototype, LuaValue environment) {
        super(prototype, environment);
        this.machine = machine;
    }

    @Override
    protected Varargs execute(LuaValue[] stack, Varargs more) {
        return machine.callFromJava(this, stack, more);
    }

    /** The table in which it looks up globals; the machine's own when it uses none. */
    LuaValue environment() {
        int index = environmentIndex();
        return index < 0 ? machine.globals() : upValues[index].getValue();
    }

    /** Gives this function, and those it makes from now on, other globals. */
    void environment(LuaValue table) {
        int index = environmentIndex();
        if (index >= 0) {
            upValues[index] = new UpValue(new LuaValue[] {table}, 0);
        }
    }

    private int environmentIndex() {
        for (int i = 0; i < upValues.length; i++) {
            if (ENVIRONMENT.equals(p.upvalues[i].name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String tojstring() {
        return "function: " + Text.address(this);
    }
}
