package dev.haulout.proxy.lua.library;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** Work that blocks, done beside the engine's thread. */
final class Background {
    private Background() {}

    /** Does it on a thread of its own; to cancel the future interrupts that. */
    static CompletableFuture<Varargs> run(String name, Callable<Varargs> work) {
        Task task = new Task();
        task.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            try {
                task.complete(work.call());
            } catch (Exception | Error e) {
                task.completeExceptionally(e);
            }
        });
        task.thread.start();
        return task;
    }

    /** What functions return that fail in the way of Lua's own: nil and why. */
    static Varargs failure(String why) {
        return LuaValue.varargsOf(LuaValue.NIL, LuaValue.valueOf(why));
    }

    private static final class Task extends CompletableFuture<Varargs> {
        private Thread thread;

        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            if (mayInterrupt) {
                thread.interrupt();
            }
            return cancelled;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }
}
