package dev.haulout.proxy.lua;

import dev.haulout.proxy.lua.standard.Settings;
import dev.haulout.proxy.lua.standard.StandardLibraries;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** An engine with scripts of a test in it. */
public final class Script implements AutoCloseable {
    /** As for callbacks, but slow machines may take their time. */
    private static final Limits PATIENT = new Limits(50_000_000, Duration.ofMinutes(2), 64 << 20, 1 << 30);

    public final LuaEngine engine;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Script(boolean sandboxed, Limits limits) {
        engine = new LuaEngine("test-lua", limits);
        PrintStream stream = new PrintStream(out, true);
        StandardLibraries.install(
                engine, sandboxed ? Settings.sandboxed(stream) : Settings.trusted(Path.of("."), stream));
    }

    public static Script trusted() {
        return new Script(false, PATIENT);
    }

    public static Script limited(Limits limits) {
        return new Script(false, limits);
    }

    public static Script sandboxed() {
        return new Script(true, PATIENT);
    }

    /** Runs source at the top level. */
    public Script run(String source) throws LuaFailure {
        engine.run(source.getBytes(StandardCharsets.UTF_8), "@test.lua", Limits.NONE, _ -> {});
        return this;
    }

    /** What an expression is, as tostring shows it; several values are separated by a blank. */
    public String value(String expression) throws LuaFailure {
        StringBuilder text = new StringBuilder();
        engine.run(
                ("return " + expression).getBytes(StandardCharsets.UTF_8),
                "@test.lua",
                Limits.NONE,
                values -> text.append(text(values)));
        return text.toString();
    }

    /** Begins a call of a global function. */
    public LuaCall begin(String function, LuaValue... args) throws Exception {
        CompletableFuture<LuaValue> found = new CompletableFuture<>();
        engine.execute(() -> found.complete(engine.machine().globals().rawget(function)));
        return engine.call(found.get(30, TimeUnit.SECONDS), args);
    }

    /** Calls a global function as a callback is called, and shows its values. */
    public String call(String function, LuaValue... args) throws Exception {
        return result(begin(function, args));
    }

    public String result(LuaCall call) throws Exception {
        return call.result().thenApply(this::text).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /** What was printed. */
    public String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String text(Varargs values) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= values.narg(); i++) {
            text.append(i > 1 ? " " : "")
                    .append(engine.machine().text(values.arg(i)).tojstring());
        }
        return text.toString();
    }

    @Override
    public void close() {
        engine.close();
    }
}
