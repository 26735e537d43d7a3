package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;

/** A script failed. The message begins with file and line where they are known. */
public final class LuaFailure extends Exception {
    private static final long serialVersionUID = 1;

    LuaFailure(Machine machine, LuaError error) {
        super(message(machine, Machine.value(error)));
    }

    /** What is wrong with it, in words. */
    public LuaFailure(String message) {
        super(message);
    }

    private static String message(Machine machine, LuaValue value) {
        if (value.isstring()) {
            return value.tojstring();
        }
        try {
            return machine.text(value).tojstring();
        } catch (LuaError e) {
            return "an error that is a " + value.typename();
        }
    }
}
