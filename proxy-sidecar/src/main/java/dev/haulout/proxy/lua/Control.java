package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;
import org.luaj.vm2.lib.VarArgFunction;

/** A function that changes what runs next, which only the machine's loop can do. */
abstract class Control extends VarArgFunction {
    final Machine machine;

    Control(Machine machine, String name) {
        this.machine = machine;
        this.name = name;
    }

    /** Carries it out for the frame on top. Returns its values, or null when something else is to run first. */
    abstract Varargs enter(Varargs args);

    @Override
    public final Varargs invoke(Varargs args) {
        return machine.callFromJava((LuaValue) this, args);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String tojstring() {
        return "function: builtin: " + name;
    }
}
