package dev.haulout.proxy.lua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same scripts in LuaJIT itself and in the engine, line by line. */
class LuaJitTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void needsLuaJit() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("luajit", "-v").start().waitFor() == 0;
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "luajit is not installed, so nothing can be compared with it");
    }

    @Test
    void numbersPrintAsLuaJitPrintsThem() throws Exception {
        StringBuilder script = new StringBuilder();
        Random random = new Random(5);
        for (int i = 0; i < 3000; i++) {
            double value = switch (i % 5) {
                case 0 -> random.nextGaussian();
                case 1 -> Double.longBitsToDouble(random.nextLong());
                case 2 -> random.nextInt();
                case 3 -> (double) random.nextLong();
                default -> Math.round(random.nextDouble() * 1e6) / Math.pow(10, random.nextInt(12));
            };
            if (Double.isFinite(value) && value != 0) {
                script.append("print(").append(exact(value)).append(" .. '')\n");
            }
        }
        sameOutput(script.toString());
    }

    @Test
    void stringFormatIsLuaJits() throws Exception {
        StringBuilder script =
                new StringBuilder("local function f(...) print((select(2, pcall(string.format, ...)))) end\n");
        Random random = new Random(6);
        String conversions = "diuoxXeEfgGcs";
        for (int i = 0; i < 4000; i++) {
            char conversion = conversions.charAt(random.nextInt(conversions.length()));
            StringBuilder spec = new StringBuilder("%");
            for (char flag : "-+ #0".toCharArray()) {
                boolean known = flag != '#' || "xXeEfgG".indexOf(conversion) >= 0;
                if (random.nextInt(4) == 0 && known && (conversion != 'c' && conversion != 's' || flag == '-')) {
                    spec.append(flag);
                }
            }
            if (random.nextBoolean()) {
                spec.append(1 + random.nextInt(20));
            }
            if (random.nextInt(3) == 0 && conversion != 'c') {
                spec.append('.').append(random.nextInt(12));
            }
            double value = switch (conversion) {
                case 'c' -> 'A' + random.nextInt(26);
                case 'u', 'o', 'x', 'X' -> random.nextLong(1L << 53);
                case 'd', 'i' -> random.nextBoolean() ? random.nextInt() : random.nextLong() >> 11;
                default -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
            };
            script.append("f('[")
                    .append(spec)
                    .append(conversion)
                    .append("]', ")
                    .append(exact(value))
                    .append(")\n");
        }
        sameOutput(script.toString());
    }

    @Test
    void arithmeticIsLuaJits() throws Exception {
        StringBuilder script = new StringBuilder();
        Random random = new Random(7);
        String[] operators = {"+", "-", "*", "/", "%", "^", "<", "<=", "=="};
        for (int i = 0; i < 3000; i++) {
            double a = i % 2 == 0 ? random.nextInt(2000) - 1000 : random.nextGaussian() * 1000;
            double b = i % 3 == 0 ? random.nextInt(20) - 10 : random.nextGaussian();
            String operator = operators[random.nextInt(operators.length)];
            if (a == 0 || (b == 0 && !operator.equals("+"))) {
                continue; // the sign of a zero is not kept
            }
            if (operator.equals("^")) {
                a = Math.abs(a);
            }
            script.append("do local a, b = ")
                    .append(exact(a))
                    .append(", ")
                    .append(exact(b))
                    .append(" local r = a ")
                    .append(operator)
                    .append(" b if r == 0 then r = 0 end print(r) end\n");
        }
        sameOutput(script.toString());
    }

    @Test
    void bitOperationsAreLuaJits() throws Exception {
        StringBuilder script = new StringBuilder();
        Random random = new Random(8);
        String[] two = {"band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror"};
        for (int i = 0; i < 2000; i++) {
            double a = i % 3 == 0
                    ? random.nextInt()
                    : i % 3 == 1 ? random.nextLong(1L << 40) : random.nextGaussian() * 1e6;
            script.append("print(bit.").append(two[random.nextInt(two.length)]).append('(');
            script.append(exact(a)).append(", ").append(random.nextInt(70) - 5).append("), ");
            script.append("bit.tobit(").append(exact(a)).append("), bit.bnot(").append(exact(a));
            script.append("), bit.bswap(")
                    .append(exact(a))
                    .append("), bit.tohex(")
                    .append(exact(a));
            script.append(", ").append(random.nextInt(20) - 10).append("))\n");
        }
        sameOutput(script.toString());
    }

    @Test
    void patternsMatchAsLuaJitsDo() throws Exception {
        StringBuilder script = new StringBuilder("""
                local function show(...) local t = {...} for i = 1, select('#', ...) do t[i] = tostring(t[i]) end
                  print((table.concat(t, '|'):gsub('^false|.-:%d+: ', 'false|'))) end
                """);
        Random random = new Random(9);
        String[] pieces = {
            "a",
            "b",
            ".",
            "%a",
            "%d",
            "%s",
            "%w",
            "[ab]",
            "[^a]",
            "[a-c]",
            "(a)",
            "()",
            "(.-)",
            "(%w+)",
            "%1",
            "a*",
            "b-",
            "c?",
            "%bxy",
            "%f[%w]",
            "^",
            "$",
            "%%",
            "[%d]",
            "[]]",
            "(a*(.)%w(%s*))",
            "%x+",
            "%p",
            "%z",
            "%",
            "[",
            "("
        };
        String letters = "aabbcxy1 2.%z";
        for (int i = 0; i < 4000; i++) {
            StringBuilder pattern = new StringBuilder();
            for (int n = random.nextInt(5); n >= 0; n--) {
                pattern.append(pieces[random.nextInt(pieces.length)]);
            }
            StringBuilder subject = new StringBuilder();
            for (int n = random.nextInt(14); n >= 0; n--) {
                subject.append(letters.charAt(random.nextInt(letters.length())));
            }
            String[] calls = {
                "string.find, '%s', '%s'", "string.match, '%s', '%s', 2", "string.gsub, '%s', '%s', '<%%0>'"
            };
            String call = calls[random.nextInt(3)];
            script.append("show(pcall(")
                    .append(call.formatted(subject, pattern))
                    .append("))\n");
        }
        sameOutput(script.toString());
    }

    @Test
    void stringsReadAsNumbersAsLuaJitReadsThem() throws Exception {
        StringBuilder script = new StringBuilder();
        String[] texts = {
            "",
            " ",
            "1",
            " 1 ",
            "1e",
            "1e1",
            "1e+",
            "1e+2",
            ".5",
            "5.",
            ".",
            "0x",
            "0x1",
            "0xg",
            "0x.8",
            "0x1p4",
            "0x1p",
            "1 2",
            "1a",
            "+1",
            "--1",
            "1e400",
            "inf",
            "nan",
            "infinity",
            "0b1",
            "1_0",
            "1f",
            "1d",
            "\\t3\\n",
            "0x10ffffffff",
            "9007199254740993",
            "1e-400",
            "-0x10",
            "1.5.2",
            "e5"
        };
        for (String text : texts) {
            script.append("print(tonumber('").append(text).append("'))\n");
            script.append("print(pcall(function() return '")
                    .append(text)
                    .append("' + 1 end) and '")
                    .append(text)
                    .append("')\n");
            script.append("print(tonumber('")
                    .append(text)
                    .append("', 16), tonumber('")
                    .append(text)
                    .append("', 2))\n");
        }
        sameOutput(script.toString());
    }

    @Test
    void mistakesAreToldInLuaJitsWords() throws Exception {
        sameOutput(new String(
                LuaJitTest.class.getResourceAsStream("mistakes.lua").readAllBytes(), StandardCharsets.UTF_8));
    }

    private static String exact(double value) {
        return Double.toString(value);
    }

    private void sameOutput(String script) throws Exception {
        Path file = folder.resolve("script.lua");
        Files.writeString(file, script, StandardCharsets.ISO_8859_1);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder("luajit", "-joff", "script.lua")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (Script engine = Script.trusted()) {
            engine.engine.run(file, "script.lua", Limits.NONE);
            String[] source = script.split("\n");
            String[] theirs =
                    Files.readString(output, StandardCharsets.ISO_8859_1).split("\n");
            String[] ours = engine.printed().split("\n");
            assertThat(ours).hasSameSizeAs(theirs);
            StringBuilder differences = new StringBuilder();
            for (int i = 0; i < ours.length; i++) {
                if (!ours[i].equals(theirs[i])) {
                    differences
                            .append("luajit: ")
                            .append(theirs[i])
                            .append("\nours:   ")
                            .append(ours[i]);
                    if (source.length - ours.length < 10 && source.length >= ours.length) {
                        differences.append("\nof:     ").append(source[i + source.length - ours.length]);
                    }
                    differences.append('\n');
                }
            }
            assertThat(differences.toString()).isEmpty();
        }
    }
}
