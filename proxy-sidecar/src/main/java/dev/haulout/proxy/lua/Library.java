package dev.haulout.proxy.lua;

import java.util.concurrent.CompletionStage;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** A table of functions written in Java. */
public final class Library {
    /** A function that returns at once. Runs on the engine's thread and may fail with a LuaError. */
    @FunctionalInterface
    public interface Function {
        /** Carries it out. */
        Varargs call(Args args);
    }

    /**
     * A function that its caller waits for while other tasks go on. It begins on the engine's thread; what it stands for
     * goes on elsewhere. Its stage yields what the call returns, or the error it raises.
     */
    @FunctionalInterface
    public interface Wait {
        /** Begins it. When the task is cancelled, the stage's future is. */
        CompletionStage<Varargs> begin(Args args);
    }

    private final Machine machine;
    private final LuaTable table;

    /** Puts functions into {@code table}. */
    public Library(Machine machine, LuaTable table) {
        this.machine = machine;
        this.table = table;
    }

    /** Adds a function. */
    public Library add(String name, Function function) {
        table.rawset(name, new JavaFunction(machine, name, function));
        return this;
    }

    /** Adds a function that is waited for. */
    public Library addWait(String name, Wait wait) {
        table.rawset(name, new WaitingFunction(machine, name, wait, false));
        return this;
    }

    /** Adds a function that is waited for where that is possible; while the configuration is read, it blocks. */
    public Library addBrief(String name, Wait wait) {
        table.rawset(name, new WaitingFunction(machine, name, wait, true));
        return this;
    }

    /** Adds anything else. */
    public Library add(String name, LuaValue value) {
        table.rawset(name, value);
        return this;
    }

    /** The table. */
    public LuaTable table() {
        return table;
    }

    /** A function that is in no table, such as a method of an object. */
    public static LuaValue function(Machine machine, String name, Function function) {
        return new JavaFunction(machine, name, function);
    }

    /** A function as of {@link #addBrief} that is in no table. */
    public static LuaValue brief(Machine machine, String name, Wait wait) {
        return new WaitingFunction(machine, name, wait, true);
    }

    /** A function that is waited for and is in no table. */
    public static LuaValue wait(Machine machine, String name, Wait wait) {
        return new WaitingFunction(machine, name, wait, false);
    }
}
