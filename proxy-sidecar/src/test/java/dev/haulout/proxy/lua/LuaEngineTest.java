package dev.haulout.proxy.lua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

class LuaEngineTest {
    private static final Limits SHORT = new Limits(2_000_000, Duration.ofSeconds(20), 1 << 20, 16 << 20);

    private final List<CompletableFuture<Varargs>> waits = new ArrayList<>();
    private Script script = Script.trusted();

    @AfterEach
    void close() {
        script.close();
    }

    /** With a global function wait() that returns when the test completes the future it leaves in {@link #waits}. */
    private void withWait() {
        new Library(script.engine.machine(), script.engine.machine().globals()).addWait("wait", args -> {
            CompletableFuture<Varargs> wait = new CompletableFuture<>();
            synchronized (waits) {
                waits.add(wait);
            }
            return wait;
        });
    }

    private CompletableFuture<Varargs> wait(int index) {
        await().until(() -> {
            synchronized (waits) {
                return waits.size() > index;
            }
        });
        synchronized (waits) {
            return waits.get(index);
        }
    }

    @Test
    void aCallbackGetsItsArgumentsAndGivesAllItsValues() throws Exception {
        script.run("function f(a, b) return b, a, nil, 1.5 end");

        String values = script.call("f", LuaValue.valueOf("x"), LuaValue.valueOf(7));

        assertThat(values).isEqualTo("7 x nil 1.5");
    }

    @Test
    void whileOneTaskWaitsAnotherRuns() throws Exception {
        withWait();
        script.run("function slow() return wait() + 1 end function quick() return 'quick' end");

        LuaCall waiting = script.begin("slow");
        wait(0);
        String other = script.call("quick");
        wait(0).complete(LuaValue.valueOf(41));

        assertThat(other).isEqualTo("quick");
        assertThat(script.result(waiting)).isEqualTo("42");
    }

    @Test
    void aWaitInAnInnerCoroutineHoldsTheWholeTask() throws Exception {
        withWait();
        script.run("""
                function f()
                  local co = coroutine.create(function(a)
                    local got = wait()
                    local back = coroutine.yield(a .. got)
                    return back .. wait()
                  end)
                  local _, first = coroutine.resume(co, 'a')
                  local _, second = coroutine.resume(co, 'c')
                  return first, second, coroutine.status(co)
                end
                """);

        LuaCall call = script.begin("f");
        wait(0).complete(LuaValue.valueOf("b"));
        wait(1).complete(LuaValue.valueOf("d"));

        assertThat(script.result(call)).isEqualTo("ab cd dead");
    }

    @Test
    void aWaitMayStandInPcallAndInAnIterator() throws Exception {
        withWait();
        script.run("""
                function f()
                  local ok, message = pcall(function() for x in wait do return x end end)
                  local failed, why = pcall(wait)
                  return ok, message, failed, why
                end
                """);

        LuaCall call = script.begin("f");
        wait(0).complete(LuaValue.valueOf("it"));
        wait(1).completeExceptionally(new LuaError("refused"));

        assertThat(script.result(call)).isEqualTo("true it false refused");
    }

    @Test
    void anErrorAfterAWaitNamesFileAndLine() throws Exception {
        withWait();
        script.run("function f()\n  local x = wait()\n  return x.y.z\nend");

        LuaCall call = script.begin("f");
        wait(0).complete(new org.luaj.vm2.LuaTable());

        assertThatThrownBy(() -> script.result(call))
                .hasRootCauseInstanceOf(LuaFailure.class)
                .hasMessageContaining("test.lua:3: attempt to index field 'y' (a nil value)");
    }

    @Test
    void aCancelledTaskNeverGoesOnAndItsWaitIsCancelled() throws Exception {
        withWait();
        script.run("went = false function f() wait() went = true end");
        LuaCall call = script.begin("f");
        CompletableFuture<Varargs> wait = wait(0);

        call.cancel();

        assertThatThrownBy(() -> script.result(call)).hasRootCauseInstanceOf(CancellationException.class);
        await().until(wait::isCancelled);
        assertThat(script.value("went")).isEqualTo("false");
    }

    @Test
    void waitingAtTheTopLevelIsAClearError() {
        withWait();

        assertThatThrownBy(() -> script.run("x = 1\nwait()"))
                .isInstanceOf(LuaFailure.class)
                .hasMessageContaining("test.lua:2:")
                .hasMessageContaining("'wait' has to wait")
                .hasMessageContaining("configuration");
    }

    @Test
    void waitingInAComparisonIsAClearError() throws Exception {
        withWait();
        script.run("function f() return pcall(table.sort, {3, 2, 1}, function() wait() end) end");

        assertThat(script.call("f")).startsWith("false").contains("attempt to yield across C-call boundary");
    }

    @Test
    void yieldingACallbackLetsOthersGoFirst() throws Exception {
        script.run(
                "order = '' function f() order = order .. 'a' coroutine.yield() order = order .. 'c' return order end"
                        + " function g() order = order .. 'b' end");

        CompletableFuture<LuaCall> first = new CompletableFuture<>();
        script.engine.execute(() -> {
            LuaValue globals = script.engine.machine().globals();
            first.complete(script.engine.call(globals.get("f")));
            script.engine.call(globals.get("g"));
        });

        assertThat(script.result(first.join())).isEqualTo("abc");
    }

    @Test
    void anEndlessLoopIsEndedWithFileAndLineAndTheEngineGoesOn() throws Exception {
        limited(SHORT);
        script.run("function f()\n  while true do\n  end\nend function g() return 'alive' end");

        assertThatThrownBy(() -> script.call("f"))
                .hasRootCauseInstanceOf(LuaFailure.class)
                .hasMessageContaining("test.lua:2: stopped: more than 2000000 instructions");
        assertThat(script.call("g")).isEqualTo("alive");
    }

    @Test
    void aLoopIsEndedByTheClockToo() throws Exception {
        limited(new Limits(Long.MAX_VALUE / 2, Duration.ofMillis(50), 1 << 20, 1 << 20));
        script.run("function f() while true do end end");

        assertThatThrownBy(() -> script.call("f")).hasMessageContaining("stopped: running longer than");
    }

    @Test
    void waitingDoesNotCountAsRunning() throws Exception {
        limited(new Limits(1_000_000, Duration.ofMillis(400), 1 << 20, 1 << 20));
        withWait();
        script.run("function f() return wait() end");
        LuaCall call = script.begin("f");
        CompletableFuture<Varargs> wait = wait(0);

        await().pollDelay(Duration.ofMillis(600)).until(() -> true);
        wait.complete(LuaValue.valueOf("late"));

        assertThat(script.result(call)).isEqualTo("late");
    }

    @Test
    void neitherPcallNorCoroutinesCatchAnOverrun() throws Exception {
        limited(SHORT);
        script.run("""
                went = 'no'
                function f()
                  pcall(pcall, function() while true do end end) went = 'on'
                end
                function g()
                  coroutine.wrap(function() pcall(function() while true do end end) end)() went = 'on'
                end
                function h()
                  xpcall(function() while true do end end, function() went = 'on' end) went = 'on'
                end
                function i()
                  pcall(table.sort, {3, 2, 1}, function() while true do end end) went = 'on'
                end
                function j()
                  local t = setmetatable({}, {__index = function() while true do end end})
                  pcall(function() return t.x < t.y end) went = 'on'
                end
                """);

        for (String function : List.of("f", "g", "h", "i", "j")) {
            assertThatThrownBy(() -> script.call(function)).as(function).hasMessageContaining("stopped: more than");
        }
        assertThat(script.value("went")).isEqualTo("no");
    }

    @Test
    void anOverrunInOneInnerCoroutineLeavesItDead() throws Exception {
        limited(SHORT);
        script.run("function f() co = coroutine.create(function() while true do end end) coroutine.resume(co) end");

        assertThatThrownBy(() -> script.call("f")).hasMessageContaining("stopped");
        assertThat(script.value("coroutine.status(co)")).isEqualTo("dead");
    }

    @Test
    void catastrophicPatternsAreEnded() throws Exception {
        limited(SHORT);
        script.run("function find() return string.find(('a'):rep(40), ('a*'):rep(30) .. 'b') end"
                + " function sub() return (('a'):rep(2000)):gsub(('.-'):rep(20) .. 'b', '') end");

        assertThatThrownBy(() -> script.call("find")).hasMessageContaining("test.lua:1: stopped: more than");
        assertThatThrownBy(() -> script.call("sub")).hasMessageContaining("stopped: more than");
    }

    @Test
    void hugeStringsAreRefusedBeforeTheyAreMade() throws Exception {
        limited(SHORT);
        script.run("""
                function rep() return ('x'):rep(1e9) end
                function concat() local s = 'x' while true do s = s .. s end end
                function join() local t = {} for i = 1, 2000 do t[i] = ('x'):rep(1000) end return table.concat(t) end
                function format() return string.format(('%s'):rep(200), unpack(many)) end
                function sub() return (('x'):rep(2000)):gsub('x', ('y'):rep(1000)) end
                many = {} for i = 1, 200 do many[i] = ('x'):rep(10000) end
                """);

        for (String function : List.of("rep", "concat", "join", "format", "sub")) {
            assertThatThrownBy(() -> script.call(function))
                    .as(function)
                    .hasMessageContaining("stopped: a string of more than 1048576 bytes");
        }
    }

    @Test
    void deepRecursionIsAnErrorThatPcallCatches() throws Exception {
        script.run("""
                local function deep() return 1 + deep() end
                local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] end
                getmetatable(t).__lt = function(a, b) return a < b end
                function f() return pcall(deep) end
                function g() return pcall(function() return t.y end) end
                function h() return pcall(function() return t < t end) end
                function k() local function r() return coroutine.wrap(r)() end return pcall(r) end
                """);

        assertThat(script.call("f")).startsWith("false").contains("stack overflow");
        assertThat(script.call("g")).startsWith("false").contains("stack overflow");
        assertThat(script.call("h")).startsWith("false").contains("stack overflow");
        assertThat(script.call("k")).startsWith("false").contains("stack overflow");
    }

    @Test
    void tenThousandAbandonedCoroutinesLeaveNoThreadBehind() throws Exception {
        script.run(
                "function f() for i = 1, 10000 do coroutine.wrap(function() coroutine.yield(i) end)() end return 'done' end");
        int before = Thread.activeCount();

        assertThat(script.call("f")).isEqualTo("done");

        assertThat(Thread.activeCount()).isLessThanOrEqualTo(before + 2);
    }

    @Test
    void deeplyNestedSourceIsAMistakeNotACrash() throws Exception {
        String nested = "return " + "(".repeat(100_000) + "1" + ")".repeat(100_000);

        assertThatThrownBy(() -> script.run(nested))
                .isInstanceOf(LuaFailure.class)
                .hasMessageContaining("syntax levels");
        assertThat(script.value("1 + 1")).isEqualTo("2");
    }

    private void limited(Limits limits) {
        script.close();
        script = Script.limited(limits);
    }
}
