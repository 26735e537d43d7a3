package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaUserdata;
import org.luaj.vm2.LuaValue;

/** Something of Java's that scripts hold: they read and write its attributes and call its methods, nothing else. */
public abstract class LuaObject extends LuaUserdata {
    /** Scripts see it as userdata. */
    protected LuaObject() {
        super(new Object());
    }

    /** An attribute or method; fails with a LuaError for one it hasn't got. */
    protected abstract LuaValue read(String name);

    /** Sets an attribute; unless overridden, there is none to set. */
    protected void write(String name, LuaValue value) {
        throw new LuaError("Unknown attribute");
    }

    @Override
    public final LuaValue get(LuaValue key) {
        if (!key.isstring()) {
            throw new LuaError("Unknown attribute");
        }
        return read(key.tojstring());
    }

    @Override
    public final void set(LuaValue key, LuaValue value) {
        if (!key.isstring()) {
            throw new LuaError("Unknown attribute");
        }
        write(key.tojstring(), value);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public boolean raweq(LuaValue other) {
        return this == other;
    }

    @Override
    public boolean eq_b(LuaValue other) {
        return this == other;
    }

    @Override
    public String tojstring() {
        return "userdata: " + Text.address(this);
    }
}
