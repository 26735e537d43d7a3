package dev.haulout.proxy.lua;

import org.luaj.vm2.Varargs;
import org.luaj.vm2.lib.VarArgFunction;

/** A function of a {@link Library}. */
final class JavaFunction extends VarArgFunction {
    private final Machine machine;
    private final Library.Function function;

    JavaFunction(Machine machine, String name, Library.Function function) {
        this.machine = machine;
        this.name = name;
        this.function = function;
    }

    @Override
    public Varargs invoke(Varargs args) {
        return function.call(new Args(machine, args));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String tojstring() {
        return "function: builtin: " + name;
    }
}
