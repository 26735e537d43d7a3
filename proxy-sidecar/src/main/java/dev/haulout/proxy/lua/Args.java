package dev.haulout.proxy.lua;

import java.nio.charset.StandardCharsets;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The arguments of a library function, numbered from 1. What is asked for and isn't there is an {@link ArgumentError}. */
public final class Args {
    private final Machine machine;
    private final Varargs values;

    Args(Machine machine, Varargs values) {
        this.machine = machine;
        this.values = values;
    }

    /** The machine that calls. */
    public Machine machine() {
        return machine;
    }

    public int count() {
        return values.narg();
    }

    public Varargs all() {
        return values;
    }

    /** Those from {@code index} on. */
    public Varargs from(int index) {
        return values.subargs(index);
    }

    /** Nil when there is none. */
    public LuaValue value(int index) {
        return values.arg(index);
    }

    /** Whatever it is, as long as it was given. */
    public LuaValue any(int index) {
        if (index > values.narg()) {
            throw new ArgumentError(index, "value expected");
        }
        return values.arg(index);
    }

    public boolean isNil(int index) {
        return values.arg(index).isnil();
    }

    public LuaTable table(int index) {
        return values.arg(index) instanceof LuaTable table ? table : wrong(index, "table");
    }

    public LuaValue function(int index) {
        LuaValue value = values.arg(index);
        return value.isfunction() ? value : wrong(index, "function");
    }

    /** A string, or a number as text. */
    public LuaString string(int index) {
        LuaValue value = values.arg(index);
        if (value instanceof LuaString string) {
            return string;
        }
        return value instanceof LuaNumber number ? LuaValue.valueOf(Numbers.text(number)) : wrong(index, "string");
    }

    public LuaString string(int index, LuaString otherwise) {
        return isNil(index) ? otherwise : string(index);
    }

    /** A string's bytes, as a copy. */
    public byte[] bytes(int index) {
        LuaString string = string(index);
        byte[] bytes = new byte[string.m_length];
        string.copyInto(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** A string that is text. */
    public String text(int index) {
        return new String(bytes(index), StandardCharsets.UTF_8);
    }

    public String text(int index, String otherwise) {
        return isNil(index) ? otherwise : text(index);
    }

    /** A number, or a string that stands for one. */
    public double number(int index) {
        LuaValue value = values.arg(index);
        if (value instanceof LuaNumber number) {
            return number.todouble();
        }
        LuaValue parsed = value instanceof LuaString string ? Numbers.parse(string) : null;
        return parsed == null ? wrong(index, "number") : parsed.todouble();
    }

    public double number(int index, double otherwise) {
        return isNil(index) ? otherwise : number(index);
    }

    /** A number, cut to an int; what is beyond is the nearest one. */
    public int integer(int index) {
        return (int) number(index);
    }

    public int integer(int index, int otherwise) {
        return isNil(index) ? otherwise : integer(index);
    }

    /** Fails for an argument of another type than is wanted. */
    public <T> T wrong(int index, String wanted) {
        String got = index > values.narg() ? "no value" : values.arg(index).typename();
        throw new ArgumentError(index, wanted + " expected, got " + got);
    }
}
