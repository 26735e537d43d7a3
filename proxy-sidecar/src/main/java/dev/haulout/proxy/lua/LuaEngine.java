package dev.haulout.proxy.lua;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/**
 * Lua scripts with globals of their own and one thread on which all their functions run, each call as a task. A task
 * that waits lets others run; one that runs too long is ended. The thread ends when there is nothing to do for a while
 * and begins anew when there is.
 *
 * <p>Values of Lua belong to that thread: Java touches them in library functions, in {@link #execute} and where a call's
 * result is completed.
 */
public final class LuaEngine implements Executor, AutoCloseable {
    private static final long STACK_BYTES = 8 << 20;

    private final Machine machine = new Machine();
    private final ThreadPoolExecutor thread;
    private final List<Runnable> closing = new CopyOnWriteArrayList<>();
    private volatile Limits limits;

    /**
     * An engine with the basic functions and coroutines.
     *
     * @param name of its thread
     * @param limits of each call
     */
    public LuaEngine(String name, Limits limits) {
        this.limits = limits;
        this.thread = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(null, task, name, STACK_BYTES);
            thread.setDaemon(true);
            return thread;
        });
        thread.allowCoreThreadTimeOut(true);
        BaseLibrary.install(machine);
        CoroutineLibrary.install(machine);
    }

    /** What libraries are installed into. */
    public Machine machine() {
        return machine;
    }

    /** Sets the limits of calls begun from now on. */
    public void limits(Limits ofEachCall) {
        limits = ofEachCall;
    }

    /** Runs something on the engine's thread, after what is queued. Does nothing once the engine is closed. */
    @Override
    public void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            if (!thread.isShutdown()) {
                throw e;
            }
        }
    }

    /** Calls a function. May be called from any thread; the function was had on the engine's. */
    public LuaCall call(LuaValue function, LuaValue... args) {
        return call(function, _ -> LuaValue.varargsOf(args));
    }

    /** Calls a function with arguments that are made on the engine's thread, just before. */
    public LuaCall call(LuaValue function, Function<Machine, Varargs> args) {
        LuaCall call = new LuaCall(this, function, args, limits);
        execute(call::start);
        return call;
    }

    /**
     * Runs a script file at the top level, where nothing can be waited for, and returns when it has ended. Not to be
     * called on the engine's thread.
     *
     * @param chunk the name that messages have for it
     * @throws LuaFailure when it can't be compiled or fails
     * @throws IOException when it can't be read
     */
    public void run(Path file, String chunk, Limits itsLimits) throws LuaFailure, IOException {
        byte[] source = Files.readAllBytes(file);
        run(source, "@" + chunk, itsLimits, _ -> {});
    }

    /**
     * Runs source text at the top level.
     *
     * @param chunk its name as Lua has it: {@code @FILE} or {@code =TEXT}
     * @param results gets what it returns, on the engine's thread
     * @throws LuaFailure when it can't be compiled or fails
     */
    public void run(byte[] source, String chunk, Limits itsLimits, Consumer<Varargs> results) throws LuaFailure {
        CompletableFuture<Void> done = new CompletableFuture<>();
        execute(() -> {
            try {
                LuaValue main = machine.load(source, chunk, machine.globals());
                results.accept(machine.runScript(main, itsLimits));
                done.complete(null);
            } catch (LuaError e) {
                done.completeExceptionally(new LuaFailure(machine, e));
            } catch (Overrun e) {
                done.completeExceptionally(new LuaFailure(e.getMessage()));
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LuaFailure failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Has something closed with the engine. */
    public void onClose(Runnable action) {
        closing.add(action);
    }

    /** Ends what is queued; calls under way never complete. */
    @Override
    public void close() {
        closing.forEach(Runnable::run);
        thread.shutdownNow();
    }
}
