package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaValue;

/**
 * A coroutine: a list of frames on the heap, no thread. One that nobody refers to any more is garbage like any other
 * table.
 */
final class Coroutine extends LuaValue {
    /** Where it is in its life. */
    enum Status {
        SUSPENDED("suspended"),
        RUNNING("running"),
        /** It has resumed another one. */
        NORMAL("normal"),
        DEAD("dead");

        final String text;

        Status(String text) {
            this.text = text;
        }
    }

    /** What it runs, until it is first resumed. */
    LuaValue body;

    Status status = Status.SUSPENDED;
    Frame top;
    /** Who gets what it yields, returns or fails with; null for a task's own coroutine. */
    Coroutine resumer;
    /** Whether it is resumed by calling a function of coroutine.wrap, to which errors are passed on. */
    boolean wrapped;
    /** How many of its frames are calls from Java, across which it can't yield. */
    int fromJava;

    Coroutine(LuaValue body) {
        this.body = body;
    }

    @Override
    public int type() {
        return TTHREAD;
    }

    @Override
    public String typename() {
        return "thread";
    }

    @Override
    public boolean isthread() {
        return true;
    }

    @Override
    public String tojstring() {
        return "thread: " + Text.address(this);
    }
}
