package dev.haulout.proxy.lua;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** One call of a Lua function as a task of its own. */
public final class LuaCall {
    private final LuaEngine engine;
    private final LuaValue function;
    private final Function<Machine, Varargs> args;
    private final Meter meter;
    private final CompletableFuture<Varargs> result = new CompletableFuture<>();
    private Coroutine coroutine;
    private CompletableFuture<Varargs> awaited;
    private boolean cancelled;

    LuaCall(LuaEngine engine, LuaValue function, Function<Machine, Varargs> args, Limits limits) {
        this.engine = engine;
        this.function = function;
        this.args = args;
        this.meter = new Meter(limits);
    }

    /**
     * What the function returns, completed on the engine's thread; or a {@link LuaFailure}, or {@link
     * CancellationException}.
     */
    public CompletionStage<Varargs> result() {
        return result.minimalCompletionStage();
    }

    /** Ends it where it waits, or before it begins; what it waits for is cancelled. To be called from any thread. */
    public void cancel() {
        engine.execute(() -> {
            if (!result.isDone() && !cancelled) {
                cancelled = true;
                if (awaited != null) {
                    awaited.cancel(true);
                }
                result.completeExceptionally(new CancellationException("the call was cancelled"));
            }
        });
    }

    void start() {
        if (!cancelled) {
            coroutine = new Coroutine(null);
            slice(() -> engine.machine().start(coroutine, meter, function, args.apply(engine.machine())));
        }
    }

    private void slice(Supplier<Varargs> part) {
        Machine machine = engine.machine();
        try {
            Varargs values = part.get();
            if (values == Machine.SUSPENDED) {
                Coroutine at = machine.leave();
                await(machine.takeAwaited(), at);
            } else {
                machine.leave();
                result.complete(Machine.copied(values));
            }
        } catch (LuaError e) {
            machine.leave();
            result.completeExceptionally(new LuaFailure(machine, e));
        } catch (Overrun e) {
            machine.leave();
            result.completeExceptionally(new LuaFailure(e.getMessage()));
        } catch (RuntimeException | Error e) {
            machine.leave();
            result.completeExceptionally(new LuaFailure("internal error: " + e));
        }
    }

    private void await(CompletionStage<Varargs> stage, Coroutine at) {
        awaited = stage.toCompletableFuture();
        awaited.whenComplete((values, error) -> engine.execute(() -> {
            if (!cancelled) {
                awaited = null;
                LuaError raised = error == null ? null : raised(error);
                slice(() -> engine.machine().proceed(at, meter, values, raised));
            }
        }));
        if (stage instanceof Machine.Turn turn) {
            turn.complete(LuaValue.NONE);
        }
    }

    private static LuaError raised(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        return cause instanceof LuaError lua
                ? lua
                : new LuaError(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }
}
