package dev.haulout.proxy.lua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What LuaJ 3.0.1 does wrong, or has of Lua 5.2 where scripts expect 5.1, each done right. */
class LuaJDefectsTest {
    private final Script script = Script.trusted();

    @AfterEach
    void close() {
        script.close();
    }

    @Test
    void stringFormatHeedsWidthAndPrecision() throws Exception {
        assertThat(script.value("string.format('[%6.2f|%-5s|%05d]', 3.14159, 'ab', 42)"))
                .isEqualTo("[  3.14|ab   |00042]");
    }

    @Test
    void integersBeyond32BitsFormatWhole() throws Exception {
        assertThat(script.value("string.format('%d %x', 2^53, 2^40 + 10)")).isEqualTo("9007199254740992 1000000000a");
    }

    @Test
    void tostringHasThePrecisionOfADouble() throws Exception {
        assertThat(script.value("1e100, 1/3, 2^53, 'x' .. 1.5e300"))
                .isEqualTo("1e+100 0.33333333333333 9.007199254741e+15 x1.5e+300");
    }

    @Test
    void frontierPatternsWorkAtBothEnds() throws Exception {
        assertThat(script.value("('THE (quick) fox'):find('%f[%a]%a+%f[%A]'), ('x'):gsub('%f[%z]', '!')"))
                .isEqualTo("1 x! 1");
    }

    @Test
    void pairsHeedsItsMetamethod() throws Exception {
        script.run("t = setmetatable({}, {__pairs = function() return next, {a = 1}, nil end})"
                + " for k, v in pairs(t) do found = k .. v end");

        assertThat(script.value("found")).isEqualTo("a1");
    }

    @Test
    void stackOverflowStaysInPcall() throws Exception {
        script.run("local function f() return f() + 1 end ok, why = pcall(f)");

        assertThat(script.value("ok, why")).isEqualTo("false test.lua:1: stack overflow");
    }

    @Test
    void eachEngineHasAStringMetatableOfItsOwn() throws Exception {
        try (Script other = Script.trusted()) {
            script.run("string.shout = function(s) return s:upper() .. '!' end");

            assertThat(script.value("('a'):shout()")).isEqualTo("A!");
            assertThatThrownBy(() -> other.value("('a'):shout()"))
                    .hasMessageContaining("attempt to call method 'shout' (a nil value)");
        }
    }

    @Test
    void javaIsOutOfReach() throws Exception {
        assertThat(script.value("luajava, package.loaded.luajava")).isEqualTo("nil nil");
    }

    @Test
    void divisionByZeroIsThatOfDoubles() throws Exception {
        assertThat(script.value("1/0, -1/0, 0/0 ~= 0/0, (0/0)/0 == (0/0)/0, 5 % 0 ~= 5 % 0"))
                .isEqualTo("inf -inf true false true");
    }

    @Test
    void stringsCompareByUnsignedBytes() throws Exception {
        assertThat(script.value("'a' < '\\200', '\\255' > 'z'")).isEqualTo("true true");
    }

    @Test
    void theNamesOfLua51AreThere() throws Exception {
        assertThat(script.value(
                        "_VERSION, type(unpack), type(loadstring), type(setfenv), type(module), table.getn({1,2}),"
                                + " math.pow(2, 3), jit.version, string.gfind == nil, rawlen, table.unpack, bit32"))
                .isEqualTo("Lua 5.1 function function function function 2 8 LuaJIT 2.1.0-beta3 false nil nil nil");
    }

    @Test
    void functionsHaveEnvironments() throws Exception {
        script.run("""
                function f() return x end
                x = 'global'
                local before = f()
                setfenv(f, {x = 'own'})
                result = before .. ' ' .. f() .. ' ' .. tostring(getfenv(f).x) .. ' ' .. x
                function g() setfenv(1, setmetatable({}, {__index = _G})) y = 1 return y end
                result = result .. ' ' .. g() .. ' ' .. tostring(y)
                module('some.thing', package.seeall)
                function inside() return 'in ' .. _NAME end
                """);

        assertThat(script.value("result")).isEqualTo("global own own global 1 nil");
        assertThat(script.value("some.thing.inside(), inside")).isEqualTo("in some.thing nil");
    }

    @Test
    void aSandboxHasNothingThatTouchesTheSystem() throws Exception {
        try (Script sandbox = Script.sandboxed()) {
            assertThat(sandbox.value(
                            "io, debug, os.execute, os.exit, os.remove, os.rename, os.getenv, os.tmpname, dofile,"
                                    + " loadfile, package.loaded.io, type(os.time())"))
                    .isEqualTo("nil nil nil nil nil nil nil nil nil nil nil number");
            assertThat(sandbox.value("load('\\27Lua')")).startsWith("nil compiled code can't be loaded");
            assertThat(sandbox.value("pcall(require, 'os.path')")).startsWith("false");
        }
    }
}
