package dev.haulout.proxy.lua;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.lua.standard.Settings;
import dev.haulout.proxy.lua.standard.StandardLibraries;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.luaj.vm2.LuaValue;

/** Scripts that want to do harm, and scripts that make no sense: each call ends, and the engine goes on. */
class HostileScriptsTest {
    /** How many random scripts; more with -Dhaulout.test.scripts. */
    private static final int SCRIPTS = Integer.getInteger("haulout.test.scripts", 3000);

    private static final Limits TIGHT = new Limits(300_000, Duration.ofSeconds(30), 1 << 18, 8 << 20);

    private LuaEngine engine = fresh();

    private static LuaEngine fresh() {
        LuaEngine engine = new LuaEngine("hostile-lua", TIGHT);
        StandardLibraries.install(engine, Settings.sandboxed(new PrintStream(OutputStream.nullOutputStream())));
        return engine;
    }

    /** Another engine: what scripts did to their globals is gone. */
    private void renew() {
        engine.close();
        engine = fresh();
    }

    @AfterEach
    void close() {
        engine.close();
    }

    /** Runs a chunk as a callback; how it ended. */
    private String run(String source) throws Exception {
        AtomicReference<LuaValue> function = new AtomicReference<>();
        try {
            engine.run(
                    ("return function() " + source + "\nend").getBytes(StandardCharsets.ISO_8859_1),
                    "@hostile.lua",
                    TIGHT,
                    values -> function.set(values.arg1()));
        } catch (LuaFailure e) {
            return "not compiled: " + e.getMessage();
        }
        return engine.call(function.get())
                .result()
                .handle((values, error) -> error == null ? "returned" : "failed: " + error.getMessage())
                .toCompletableFuture()
                .get(120, TimeUnit.SECONDS);
    }

    @Test
    void whatWantsToHoldTheThreadOrFillTheMemoryIsEnded() throws Exception {
        for (String hostile : List.of(
                "while true do end",
                "repeat until false",
                "for i = 1, math.huge do end",
                "::a:: goto a",
                "local function f() return f() end return f()",
                "local s = 'x' while true do s = s .. s end",
                "local t = {} while true do t[#t + 1] = ('x'):rep(100000) end",
                "local t = {} for i = 1, 1e9 do t[i] = {} end",
                "return ('x'):rep(1e9)",
                "return ('x'):rep(1e5):find(('x-'):rep(20) .. 'y')",
                "return (('a'):rep(50)):match(('(a*)'):rep(20) .. 'b')",
                "return ('%s'):rep(100000):format()",
                "return string.format('%99.99f', 1e300):rep(1e6)",
                "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[1]",
                "local t = setmetatable({}, {__newindex = function(t, k, v) t[k + 1] = v end}) t[1] = 1",
                "local t = setmetatable({}, {__call = function(self) return self() end}) return t()",
                "local t = setmetatable({}, {__tostring = function(t) return tostring(t) end}) return tostring(t)",
                "local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) return t .. t",
                "local t = setmetatable({}, {__eq = function(a, b) return a == b end}) return t == setmetatable({}, getmetatable(t))",
                "local t = {} t.__index = t setmetatable(t, t) return t.x",
                "local function co() return coroutine.wrap(co)() end co()",
                "while true do coroutine.wrap(function() coroutine.yield() end)() end",
                "while true do coroutine.create(function() end) end",
                "while true do pcall(error) end",
                "while true do pcall(function() while true do end end) end",
                "local function f() local ok, e = pcall(f) return f() end f()",
                "xpcall(function() while true do end end, function() while true do end end)",
                "table.sort({3, 2, 1, 5, 4}, function() while true do end end)",
                "local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end",
                "table.sort({1, 2, 3, 4, 5, 6, 7, 8, 9}, function() return true end) while true do end",
                "('x'):rep(1000):gsub('.', function() while true do end end)",
                "while true do load('return 1')() end",
                "load(function() return 'x = 1 ' end)",
                "return select(-1, unpack({}, 1, 8000)) or unpack({}, 1, 1e8)",
                "return table.concat({}, ',', 1, 1e9)",
                "return ('x'):byte(1, 1e9) or string.char(unpack({}, 1, 7999))",
                "return load(('('):rep(100000))",
                "return load(('a.'):rep(50000) .. 'b = 1')",
                "return load('return ' .. ('{'):rep(1000) .. ('}'):rep(1000))",
                "for k in pairs(_G) do _G[k] = nil end while 1 do end",
                "getmetatable('').__index = function() while true do end end return ('x').y",
                "return table.insert({}, 2^31 - 10, 1)",
                "return table.move({}, 1, 2^31 - 2, 2)",
                "local s = ('x'):rep(1000) while true do s = s:gsub('x', 'xx') end")) {
            renew();
            assertThat(run(hostile)).as(hostile).doesNotContain("internal error");
            assertThat(run("local x = 1 + 1")).as("after: " + hostile).isEqualTo("returned");
        }
    }

    @Test
    void randomScriptsNeverHarmTheEngine() throws Exception {
        Random random = new Random(12);
        Map<String, Integer> endings = new TreeMap<>();
        for (int i = 0; i < SCRIPTS; i++) {
            if (i % 50 == 0) {
                renew();
            }
            String source = block(random, 3);
            String ended = run(source);
            endings.merge(ended.substring(0, Math.min(ended.length(), 6)), 1, Integer::sum);
            assertThat(ended).as(source).doesNotContain("internal error");
        }
        assertThat(endings.keySet())
                .as("random scripts end in all ways: " + endings)
                .contains("return", "failed");
        assertThat(run("return")).isEqualTo("returned");
    }

    private static String block(Random random, int depth) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(4); n >= 0; n--) {
            text.append(statement(random, depth)).append('\n');
        }
        return text.toString();
    }

    private static String statement(Random random, int depth) {
        if (depth == 0) {
            return "local a = " + expression(random, 1);
        }
        return switch (random.nextInt(14)) {
            case 0 -> "local a, b = " + expression(random, depth) + ", " + expression(random, depth);
            case 1 -> "a = " + expression(random, depth);
            case 2 ->
                "if " + expression(random, depth) + " then " + block(random, depth - 1) + " else "
                        + block(random, depth - 1) + " end";
            case 3 ->
                "for i = " + expression(random, 1) + ", " + expression(random, 1) + " do " + block(random, depth - 1)
                        + " end";
            case 4 ->
                "for k, v in " + (random.nextBoolean() ? "pairs" : "ipairs") + "(" + expression(random, 1) + ") do "
                        + block(random, depth - 1) + " end";
            case 5 ->
                "while " + expression(random, 1) + " do " + block(random, depth - 1)
                        + " if c then break end c = true end";
            case 6 ->
                "local function f(a, ...) " + block(random, depth - 1) + " return a, ... end f(" + expression(random, 1)
                        + ")";
            case 7 ->
                "local t = {" + expression(random, 1) + ", x = " + expression(random, 1) + "} t["
                        + expression(random, 1) + "] = 1";
            case 8 -> "pcall(function() " + block(random, depth - 1) + " end)";
            case 9 ->
                "local co = coroutine.wrap(function(...) " + block(random, depth - 1)
                        + " coroutine.yield(...) end) co(1) co(2)";
            case 10 ->
                "setmetatable({}, {__"
                        + new String[] {"index", "add", "call", "eq", "lt", "concat", "tostring"}[random.nextInt(7)]
                        + " = function(a, b) " + block(random, depth - 1) + " end})";
            case 11 -> "repeat " + block(random, depth - 1) + " until " + expression(random, 1);
            case 12 -> "do " + block(random, depth - 1) + " end";
            default -> "xpcall(function() " + block(random, depth - 1) + " end, " + expression(random, 1) + ")";
        };
    }

    private static String expression(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return switch (random.nextInt(9)) {
                case 0 -> "nil";
                case 1 -> "true";
                case 2 -> Integer.toString(random.nextInt(20) - 5);
                case 3 -> "'" + "x%d(a*)".substring(random.nextInt(4)) + "'";
                case 4 -> "{1, 2, 3}";
                case 5 -> "a";
                case 6 -> "1e308";
                case 7 -> "function(...) return ... end";
                default -> "_G";
            };
        }
        String x = expression(random, depth - 1);
        String y = expression(random, depth - 1);
        String[] operators = {"+", "-", "*", "/", "%", "^", "..", "<", "<=", "==", "~=", "and", "or"};
        String[] functions = {
            "string.rep",
            "string.find",
            "string.gsub",
            "string.format",
            "string.sub",
            "string.byte",
            "table.concat",
            "table.insert",
            "table.sort",
            "table.remove",
            "math.floor",
            "math.max",
            "math.random",
            "select",
            "unpack",
            "tostring",
            "tonumber",
            "type",
            "setmetatable",
            "getmetatable",
            "rawset",
            "next",
            "pairs",
            "coroutine.resume",
            "coroutine.create",
            "pcall",
            "load",
            "setfenv",
            "getfenv",
            "bit.bxor",
            "bit.lshift",
            "require",
            "assert",
            "rawequal",
            "string.gmatch",
            "os.date",
            "os.time",
            "string.char",
            "collectgarbage",
            "module",
            "newproxy"
        };
        return switch (random.nextInt(5)) {
            case 0, 1 -> "(" + x + " " + operators[random.nextInt(operators.length)] + " " + y + ")";
            case 2 -> new String[] {"-", "not ", "#"}[random.nextInt(3)] + "(" + x + ")";
            case 3 -> functions[random.nextInt(functions.length)] + "(" + x + ", " + y + ")";
            default -> "(" + x + ")[" + y + "]";
        };
    }
}
