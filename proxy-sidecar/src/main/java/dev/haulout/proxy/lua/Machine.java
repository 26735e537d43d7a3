package dev.haulout.proxy.lua;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaFunction;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Prototype;
import org.luaj.vm2.Varargs;
import org.luaj.vm2.compiler.LuaC;

/**
 * The state of one engine: its globals, and which coroutine runs. Used by one thread only. What Lua calls in Lua, and
 * what coroutines resume, is a list of {@link Frame}s, never a Java stack; so a task can wait wherever it is, but for
 * places where Java stands between (a comparison function of table.sort, a replacement function of gsub).
 */
public final class Machine {
    /** What {@link #run} returns when the task waits. */
    static final Varargs SUSPENDED = LuaValue.varargsOf(new LuaValue[] {LuaValue.FALSE, LuaValue.TRUE});

    /** What a task waits for that only lets others go first. */
    static final class Turn extends CompletableFuture<Varargs> {}

    /** Deeper calls cost more: they are what fills the memory. */
    private static final int FREE_DEPTH = 200;

    private static final int MOST_FRAMES = 20_000;
    private static final int MOST_FRAMES_HANDLING = 22_000;
    /** How deep Java may call Lua, which calls Java, and coroutines may resume each other. */
    private static final int MOST_NESTED = 180;

    private static final LuaString CALL = LuaValue.valueOf("__call");
    private static final LuaString TOSTRING = LuaValue.valueOf("__tostring");

    private final Globals globals = new Globals();
    private final LuaTable stringMetatable = new LuaTable();
    private final Operations operations = new Operations(this);
    private final Interpreter interpreter = new Interpreter(this, operations);
    private final LuaValue indexer = new Control(this, "index") {
        @Override
        Varargs enter(Varargs args) {
            return operations.index(args.arg(1), args.arg(2), -1);
        }
    };
    /** Runs what is no task's: functions that Java calls while the engine is being set up. */
    private final Coroutine ground = new Coroutine(null);

    private Consumer<Prototype> watcher = _ -> {};
    private Coroutine current = ground;
    private Meter meter = new Meter(Limits.NONE);
    private int fuel = Meter.STRIDE;
    private int nested;
    private boolean handling;
    private boolean waitsAllowed;
    /** What is to be delivered to the frame on top. */
    private Varargs outbox;

    private CompletionStage<Varargs> awaited;

    Machine() {
        ground.status = Coroutine.Status.RUNNING;
    }

    /** The table of globals, {@code _G}. */
    public Globals globals() {
        return globals;
    }

    /** The metatable of all strings of this engine. */
    public LuaTable stringMetatable() {
        return stringMetatable;
    }

    /** Tells {@code watcher} of all that is compiled from now on. */
    public void watch(Consumer<Prototype> ofPrototypes) {
        watcher = ofPrototypes;
    }

    /** {@code file:line: } of the Lua function that called Java; empty when there is none. */
    public String position() {
        return where(1);
    }

    /** Makes a function of source text. Fails with a LuaError that says where a mistake is. */
    public LuaValue load(byte[] source, String chunk, LuaValue environment) {
        byte[] text = withoutShebang(source);
        try {
            Prototype prototype = LuaC.instance.compile(new ByteArrayInputStream(text), chunk);
            watcher.accept(prototype);
            return new Closure(this, prototype, environment);
        } catch (LuaError e) {
            throw new Raised(LuaValue.valueOf(SyntaxText.readable(e.getMessage())));
        } catch (StackOverflowError e) {
            throw new Raised(LuaValue.valueOf(Text.chunk(chunk) + ": chunk has too many syntax levels"));
        } catch (IOException | RuntimeException e) {
            throw new Raised(LuaValue.valueOf(Text.chunk(chunk) + ": can't be compiled: " + e));
        }
    }

    /** A first line that starts with # is none of Lua's. */
    private static byte[] withoutShebang(byte[] source) {
        if (source.length == 0 || source[0] != '#') {
            return source;
        }
        byte[] text = source.clone();
        for (int i = 0; i < text.length && text[i] != '\n'; i++) {
            text[i] = ' ';
        }
        return text;
    }

    /** Gives the Lua function that called Java other globals, as {@code setfenv} does it. */
    public void callersGlobals(LuaTable table) {
        if (current.top == null || current.top.closure == null) {
            throw new LuaError("not called from a Lua function");
        }
        current.top.closure.environment(table);
    }

    /** {@code a < b}. */
    public boolean less(LuaValue a, LuaValue b) {
        return operations.less(a, b);
    }

    /** The metatable of any value, or null. */
    LuaValue metatable(LuaValue value) {
        return value instanceof LuaString ? stringMetatable : value.getmetatable();
    }

    /** {@code object[key]}, metamethods and all. */
    public LuaValue index(LuaValue object, LuaValue key) {
        return callFromJava(indexer, LuaValue.varargsOf(object, key)).arg1();
    }

    LuaValue handler(LuaValue value, LuaString event) {
        LuaValue metatable = metatable(value);
        return metatable == null ? LuaValue.NIL : metatable.rawget(event);
    }

    /** What {@code tostring} makes of a value. */
    public LuaString text(LuaValue value) {
        if (value instanceof LuaString string) {
            return string;
        }
        if (value instanceof LuaNumber number) {
            return LuaValue.valueOf(Numbers.text(number));
        }
        LuaValue custom = handler(value, TOSTRING);
        if (!custom.isnil()) {
            if (callFromJava(custom, value).arg1() instanceof LuaString string) {
                return string;
            }
            throw new LuaError("'tostring' must return a string to 'print'");
        }
        return LuaValue.valueOf(value instanceof LuaTable ? "table: " + Text.address(value) : value.tojstring());
    }

    /** Counts work of a library function, in units of an instruction; ends the task when that is too much. */
    public void charge(long work) {
        fuel -= (int) Math.min(work, Integer.MAX_VALUE / 2);
        if (fuel < 0) {
            refuel();
        }
    }

    /** Called before a string of so many bytes is made; ends the task when that is too much. */
    public void allocate(long bytes) {
        String exceeded = meter.allocate(bytes);
        if (exceeded != null) {
            throw overrun(exceeded);
        }
        charge(bytes / 64);
    }

    boolean burn() {
        return --fuel < 0;
    }

    void refuel() {
        String exceeded = meter.use(Meter.STRIDE - (long) fuel);
        fuel = Meter.STRIDE;
        if (exceeded != null) {
            throw overrun(exceeded);
        }
    }

    private Overrun overrun(String exceeded) {
        return new Overrun(where(1) + "stopped: " + exceeded);
    }

    /** {@code file:line: } of the Lua function at a level, 1 for the one that called Java; empty when there is none. */
    String where(int level) {
        Frame frame = frame(level);
        return frame != null && frame.kind == Frame.Kind.LUA ? frame.where() : "";
    }

    /** The frame at a level of the current coroutine, 1 for the one that called Java. */
    Frame frame(int level) {
        Frame frame = current.top;
        for (int i = 1; i < level && frame != null; i++) {
            frame = frame.below;
        }
        return level < 1 ? null : frame;
    }

    Frame top() {
        return current.top;
    }

    Coroutine current() {
        return current;
    }

    boolean isGround(Coroutine coroutine) {
        return coroutine == ground;
    }

    boolean isTop(Coroutine coroutine) {
        return coroutine.resumer == null;
    }

    /** Calls a function from Java, to its end. */
    public Varargs callFromJava(LuaValue function, Varargs args) {
        return fromJava(function, args, null);
    }

    /** Carries on a Lua function whose stack is prepared. */
    Varargs callFromJava(Closure closure, LuaValue[] stack, Varargs more) {
        return fromJava(closure, more, stack);
    }

    private Varargs fromJava(LuaValue function, Varargs args, LuaValue[] stack) {
        if (nested >= MOST_NESTED) {
            throw new LuaError("C stack overflow");
        }
        current.top = new Frame(current.top, Frame.Kind.JAVA, null);
        current.fromJava++;
        Varargs before = outbox;
        outbox = null;
        try {
            return run(function, args, stack, null, null);
        } finally {
            outbox = before;
        }
    }

    /** Starts a task's function on a coroutine of its own. Returns {@link #SUSPENDED} when it waits. */
    Varargs start(Coroutine coroutine, Meter itsMeter, LuaValue function, Varargs args) {
        coroutine.top = new Frame(null, Frame.Kind.JAVA, null);
        coroutine.fromJava = 1;
        coroutine.status = Coroutine.Status.RUNNING;
        return slice(coroutine, itsMeter, function, args, null);
    }

    /** Goes on with a task that waited: with values, or an error. */
    Varargs proceed(Coroutine coroutine, Meter itsMeter, Varargs values, LuaError error) {
        return slice(coroutine, itsMeter, null, values, error);
    }

    private Varargs slice(Coroutine coroutine, Meter itsMeter, LuaValue function, Varargs args, LuaError error) {
        current = coroutine;
        meter = itsMeter;
        fuel = Meter.STRIDE;
        waitsAllowed = true;
        itsMeter.start();
        try {
            return function != null
                    ? run(function, args, null, null, error)
                    : run(null, LuaValue.NONE, null, error == null ? args : null, error);
        } finally {
            itsMeter.pause();
            meter = new Meter(Limits.NONE);
            waitsAllowed = false;
            outbox = null;
        }
    }

    /** Runs a function at the top level, where nothing can be waited for. */
    Varargs runScript(LuaValue function, Limits limits) {
        meter = new Meter(limits);
        fuel = Meter.STRIDE;
        try {
            return callFromJava(function, LuaValue.NONE);
        } finally {
            meter = new Meter(Limits.NONE);
        }
    }

    /** Ends the ground's claim to be running; the coroutine where the task stopped, after {@link #SUSPENDED}. */
    Coroutine leave() {
        Coroutine at = current;
        current = ground;
        return at;
    }

    /** What the task waits for, after {@link #SUSPENDED}. */
    CompletionStage<Varargs> takeAwaited() {
        CompletionStage<Varargs> stage = awaited;
        awaited = null;
        return stage;
    }

    /** Runs until the mark of Java on top when it began has what it wants, or the task waits. */
    private Varargs run(LuaValue function, Varargs args, LuaValue[] stack, Varargs values, LuaError error) {
        LuaValue first = function;
        nested++;
        try {
            if (error != null) {
                outbox = unwind(located(error));
            } else if (values != null) {
                outbox = values;
            }
            for (; ; ) {
                LuaError caught;
                try {
                    if (first != null) {
                        LuaValue f = first;
                        first = null;
                        if (stack != null) {
                            push(new Frame(current.top, (Closure) f, stack, args));
                        } else {
                            sendUnlessNull(call(f, args));
                        }
                    }
                    return interpreter.interpret();
                } catch (Overrun e) {
                    abandon();
                    throw e;
                } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                    caught = located(e);
                }
                outbox = unwind(caught);
            }
        } finally {
            nested--;
        }
    }

    Varargs takeOutbox() {
        Varargs values = outbox;
        outbox = null;
        return values;
    }

    void send(Varargs values) {
        outbox = values;
    }

    void sendUnlessNull(Varargs values) {
        if (values != null) {
            outbox = values;
        }
    }

    boolean isSuspended() {
        return awaited != null;
    }

    /** Calls a function for the frame on top. Returns its values, or null when something else is to run first. */
    Varargs call(LuaValue function, Varargs args) {
        return switch (function) {
            case Closure closure -> {
                push(closure, args);
                yield null;
            }
            case Control control -> control.enter(args);
            case LuaFunction java -> java.invoke(args);
            default -> {
                LuaValue handler = handler(function, CALL);
                if (handler.isnil()) {
                    throw new LuaError("attempt to call " + operations.described(function, -1));
                }
                yield call(handler, LuaValue.varargsOf(function, args));
            }
        };
    }

    void push(Closure closure, Varargs args) {
        Prototype p = closure.p;
        LuaValue[] stack = new LuaValue[p.maxstacksize];
        int parameters = p.numparams;
        for (int i = 0; i < parameters; i++) {
            stack[i] = args.arg(i + 1);
        }
        Varargs more = LuaValue.NONE;
        if (p.is_vararg != 0 && args.narg() > parameters) {
            LuaValue[] rest = new LuaValue[args.narg() - parameters];
            for (int i = 0; i < rest.length; i++) {
                rest[i] = args.arg(parameters + i + 1);
            }
            more = LuaValue.varargsOf(rest);
            charge(rest.length / 4);
        }
        push(new Frame(current.top, closure, stack, more));
    }

    private void push(Frame frame) {
        if (frame.depth > (handling ? MOST_FRAMES_HANDLING : MOST_FRAMES)) {
            throw new LuaError("stack overflow");
        }
        charge(frame.depth > FREE_DEPTH ? 8 : 1);
        current.top = frame;
    }

    void pop(Frame frame) {
        frame.close(0);
        current.top = frame.below;
    }

    /** Marks that errors of what is called next end here. */
    void protect(LuaValue handler) {
        push(new Frame(current.top, Frame.Kind.PROTECTED, handler));
    }

    /** Gives values to whoever is on top. Returns them when that is Java, else null. */
    Varargs deliver(Varargs given) {
        Varargs values = given;
        for (; ; ) {
            Frame top = current.top;
            if (top == null) {
                boolean wrapped = current.wrapped;
                leaveCoroutine(Coroutine.Status.DEAD);
                values = wrapped ? values : LuaValue.varargsOf(LuaValue.TRUE, values);
                continue;
            }
            switch (top.kind) {
                case LUA -> {
                    interpreter.finish(top, values);
                    return null;
                }
                case PROTECTED -> {
                    current.top = top.below;
                    values = LuaValue.varargsOf(LuaValue.TRUE, values);
                }
                case JAVA -> {
                    current.top = top.below;
                    current.fromJava--;
                    return values;
                }
            }
        }
    }

    private void leaveCoroutine(Coroutine.Status status) {
        Coroutine left = current;
        left.status = status;
        current = left.resumer;
        left.resumer = null;
        current.status = Coroutine.Status.RUNNING;
    }

    /** Ends what an error ends. Returns what is then to be delivered; throws it where Java is to get it. */
    private Varargs unwind(LuaError raised) {
        LuaError error = raised;
        for (; ; ) {
            Frame mark = current.top;
            while (mark != null && mark.kind == Frame.Kind.LUA) {
                mark = mark.below;
            }
            if (mark != null && mark.handler != null) {
                error = handled(mark.handler, error);
            }
            for (Frame frame = current.top; frame != mark; frame = frame.below) {
                frame.close(0);
            }
            current.top = mark;
            if (mark == null) {
                boolean wrapped = current.wrapped;
                leaveCoroutine(Coroutine.Status.DEAD);
                if (!wrapped) {
                    return LuaValue.varargsOf(LuaValue.FALSE, value(error));
                }
                continue;
            }
            current.top = mark.below;
            if (mark.kind == Frame.Kind.PROTECTED) {
                return LuaValue.varargsOf(LuaValue.FALSE, value(error));
            }
            current.fromJava--;
            throw error;
        }
    }

    private LuaError handled(LuaValue handler, LuaError error) {
        boolean before = handling;
        handling = true;
        try {
            return new Raised(callFromJava(handler, value(error)).arg1());
        } catch (LuaError e) {
            return new Raised(LuaValue.valueOf("error in error handling"));
        } finally {
            handling = before;
        }
    }

    /** Ends all up to the next call from Java, which gets the overrun in its turn. */
    private void abandon() {
        awaited = null;
        for (; ; ) {
            Frame frame = current.top;
            while (frame != null && frame.kind != Frame.Kind.JAVA) {
                frame.close(0);
                frame = frame.below;
            }
            current.top = frame;
            if (frame != null) {
                current.top = frame.below;
                current.fromJava--;
                return;
            }
            leaveCoroutine(Coroutine.Status.DEAD);
        }
    }

    static LuaValue value(LuaError error) {
        if (error instanceof Raised raised) {
            return raised.value();
        }
        LuaValue value = error.getMessageObject();
        return value == null ? LuaValue.NIL : value;
    }

    /** The error with the position of the Lua function on top. */
    private LuaError located(Throwable thrown) {
        String message;
        switch (thrown) {
            case Raised raised -> {
                return raised;
            }
            case ArgumentError wrong -> message = operations.argumentFault(current.top, wrong);
            case LuaError error -> message = String.valueOf(error.getMessage());
            case StackOverflowError _ -> message = "stack overflow";
            case OutOfMemoryError _ -> {
                return new Raised(LuaValue.valueOf("not enough memory"));
            }
            default -> message = "internal error: " + thrown;
        }
        return new Raised(LuaValue.valueOf(where(1) + message));
    }

    // ---- coroutines and waiting, for the functions that do that

    void resume(Coroutine coroutine, Varargs args) {
        int depth = 0;
        for (Coroutine c = current; c != null; c = c.resumer) {
            depth++;
        }
        if (depth > MOST_NESTED) {
            throw new LuaError("C stack overflow");
        }
        Varargs copy = copied(args);
        coroutine.resumer = current;
        current.status = Coroutine.Status.NORMAL;
        current = coroutine;
        coroutine.status = Coroutine.Status.RUNNING;
        LuaValue body = coroutine.body;
        if (body == null) {
            outbox = copy;
        } else {
            coroutine.body = null;
            sendUnlessNull(call(body, copy));
        }
    }

    /** Leaves the coroutine that runs. Returns what to return: null, as the resumer goes on. */
    Varargs yield(Varargs args) {
        if (current.fromJava > (isTop(current) ? 1 : 0) || current == ground) {
            throw new LuaError("attempt to yield across C-call boundary");
        }
        if (isTop(current)) {
            mayWait("yield");
            return await(new Turn());
        }
        boolean wrapped = current.wrapped;
        Varargs copy = copied(args);
        leaveCoroutine(Coroutine.Status.SUSPENDED);
        outbox = wrapped ? copy : LuaValue.varargsOf(LuaValue.TRUE, copy);
        return null;
    }

    /** Fails where nothing can be waited for. */
    void mayWait(String function) {
        if (!waitsAllowed) {
            throw new LuaError("'" + function + "' has to wait, which only callbacks can: not while the configuration"
                    + " is read");
        }
        if (nested > 1) {
            throw new LuaError("attempt to yield across C-call boundary ('" + function
                    + "' has to wait, which a function called by sort, gsub or a metamethod can't)");
        }
    }

    /** Waits for a stage where that is possible; elsewhere the engine's thread stands still until it is complete. */
    Varargs awaitOrBlock(CompletionStage<Varargs> stage) {
        if (waitsAllowed && nested == 1) {
            return await(stage);
        }
        CompletableFuture<Varargs> future = stage.toCompletableFuture();
        try {
            future.join();
        } catch (CompletionException e) {
            // told below
        }
        return await(future);
    }

    /** Waits for a stage, unless it is complete: then its values are returned at once. */
    Varargs await(CompletionStage<Varargs> stage) {
        CompletableFuture<Varargs> future = stage.toCompletableFuture();
        if (future.isDone()) {
            try {
                return future.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof LuaError error ? error : new LuaError(String.valueOf(e.getCause()));
            }
        }
        awaited = stage;
        return null;
    }

    /** Values that no stack changes any more. */
    static Varargs copied(Varargs args) {
        if (args.narg() == 0) {
            return LuaValue.NONE;
        }
        LuaValue[] values = new LuaValue[args.narg()];
        for (int i = 0; i < values.length; i++) {
            values[i] = args.arg(i + 1);
        }
        return LuaValue.varargsOf(values);
    }
}
