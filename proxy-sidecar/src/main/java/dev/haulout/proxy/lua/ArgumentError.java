package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaError;

/** A wrong argument. The name of the function called is added where it is known: at the call. */
public final class ArgumentError extends LuaError {
    private static final long serialVersionUID = 1;

    private final int index;
    private final String fault;

    /**
     * Of the argument numbered {@code index}, from 1.
     *
     * @param fault such as {@code string expected, got nil}
     */
    public ArgumentError(int index, String fault) {
        super("bad argument #" + index + " (" + fault + ")");
        this.index = index;
        this.fault = fault;
    }

    int index() {
        return index;
    }

    String fault() {
        return fault;
    }
}
