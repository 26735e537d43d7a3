package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;

/** An error as a script sees it: any value, its position already in it where it has one. */
final class Raised extends LuaError {
    private static final long serialVersionUID = 1;

    private final transient LuaValue value;

    Raised(LuaValue value) {
        super(value);
        this.value = value;
    }

    LuaValue value() {
        return value;
    }

    @Override
    public String getMessage() {
        return value.isnil() ? "nil" : value.tojstring();
    }

    @Override
    public Throwable fillInStackTrace() {
        return this; // a script's mistake says nothing about Java's stack
    }
}
