package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaValue;
import org.luaj.vm2.UpValue;
import org.luaj.vm2.Varargs;

/** One call under way in a coroutine: of a Lua function, or a mark of who is to get what the calls above it return. */
final class Frame {
    /** What a frame is there for. */
    enum Kind {
        /** A Lua function runs in it. */
        LUA,
        /** pcall or xpcall: errors from above end here. */
        PROTECTED,
        /** Java called: results and errors go to it. */
        JAVA
    }

    final Kind kind;
    final Frame below;
    final int depth;
    /** Of {@link Kind#LUA}, else null. */
    final Closure closure;

    final LuaValue[] stack;
    /** The arguments that "..." stands for. */
    final Varargs more;
    /** The upvalues of inner functions that still point into the stack, by register. */
    final UpValue[] open;
    /** What xpcall wants to be told of errors, or null. */
    final LuaValue handler;

    /** The instruction being carried out; -1 before the first. */
    int pc = -1;
    /** The last of an open list of values, from register {@link #top} less their number on. */
    Varargs values = LuaValue.NONE;

    int top;

    /** A call of a Lua function whose parameters are on {@code stack} already. */
    Frame(Frame below, Closure closure, LuaValue[] stack, Varargs more) {
        this.kind = Kind.LUA;
        this.below = below;
        this.depth = below == null ? 1 : below.depth + 1;
        this.closure = closure;
        this.stack = stack;
        this.more = more;
        this.open = closure.p.p.length > 0 ? new UpValue[stack.length] : null;
        this.handler = null;
    }

    /** A mark. */
    Frame(Frame below, Kind kind, LuaValue handler) {
        this.kind = kind;
        this.below = below;
        this.depth = below == null ? 1 : below.depth + 1;
        this.closure = null;
        this.stack = null;
        this.more = LuaValue.NONE;
        this.open = null;
        this.handler = handler;
    }

    /** Cuts the upvalues of inner functions from registers {@code from} and above. */
    void close(int from) {
        if (open != null) {
            for (int i = from; i < open.length; i++) {
                if (open[i] != null) {
                    open[i].close();
                    open[i] = null;
                }
            }
        }
    }

    /** The upvalue that stands for a register. */
    UpValue share(int register) {
        UpValue shared = open[register];
        if (shared == null) {
            shared = new UpValue(stack, register);
            open[register] = shared;
        }
        return shared;
    }

    /** The line being carried out, 0 when it is not known. */
    int line() {
        int[] lines = closure.p.lineinfo;
        int at = Math.max(pc, 0);
        return lines != null && at < lines.length ? lines[at] : 0;
    }

    /** {@code file:line: }, as errors begin. */
    String where() {
        return Text.chunk(closure.p.source.tojstring()) + ":" + line() + ": ";
    }
}
