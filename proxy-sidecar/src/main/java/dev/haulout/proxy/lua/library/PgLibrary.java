package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.lua.Numbers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** pg: PostgreSQL for callbacks. */
final class PgLibrary {
    private PgLibrary() {}

    static void install(LuaEngine engine, Consumer<String> log) {
        Machine machine = engine.machine();
        LuaTable table = new LuaTable();
        new Library(machine, table)
                .add("new", args -> new PgDatabase(engine, log, args.text(2), args.text(3, "")))
                .add("encode_array", PgLibrary::encodeArray)
                .add("decode_array", PgLibrary::decodeArray);
        machine.globals().rawset("pg", table);
    }

    /** Query parameters: an array with holes. */
    static List<byte[]> parameters(Args args, int index) {
        LuaTable table = args.table(index);
        int count = 0;
        for (Varargs e = table.next(LuaValue.NIL); !e.arg1().isnil(); e = table.next(e.arg1())) {
            if (e.arg1().type() != LuaValue.TNUMBER) {
                throw new ArgumentError(index, "Key is not a number");
            }
            count = Math.max(count, e.arg1().toint());
        }
        if (count > 65535) {
            throw new ArgumentError(index, "Too many query parameters");
        }
        List<byte[]> parameters = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            parameters.add(parameter(table.rawget(i), index));
        }
        return parameters;
    }

    private static byte[] parameter(LuaValue value, int index) {
        if (value.isnil()) {
            return null;
        }
        if (value.isboolean()) {
            return text(value.toboolean() ? "1" : "0");
        }
        if (value instanceof LuaNumber number) {
            double d = number.todouble();
            return text(d == Math.rint(d) && Math.abs(d) < 1e18 ? Long.toString((long) d) : Numbers.text(number));
        }
        if (value instanceof LuaString string) {
            return bytes(string);
        }
        throw new ArgumentError(index, "a query parameter can't be a " + value.typename());
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(LuaString string) {
        byte[] bytes = new byte[string.m_length];
        string.copyInto(0, bytes, 0, bytes.length);
        return bytes;
    }

    private static Varargs encodeArray(Args args) {
        LuaTable table = args.table(2);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write('{');
        for (int i = 1, n = table.rawlen(); i <= n; i++) {
            LuaValue value = table.rawget(i);
            if (!value.isstring()) {
                throw new LuaError("an array for PostgreSQL takes strings and numbers, not a " + value.typename());
            }
            if (i > 1) {
                out.write(',');
            }
            out.write('"');
            for (byte b : bytes(args.machine().text(value))) {
                if (b == '"' || b == '\\') {
                    out.write('\\');
                }
                out.write(b);
            }
            out.write('"');
        }
        out.write('}');
        args.machine().allocate(out.size());
        return LuaString.valueUsing(out.toByteArray());
    }

    private static Varargs decodeArray(Args args) {
        byte[] text = args.bytes(2);
        args.machine().charge(text.length);
        if (text.length < 2 || text[0] != '{' || text[text.length - 1] != '}') {
            throw new LuaError("malformed array: it is not in braces");
        }
        LuaTable table = new LuaTable();
        int at = 1;
        int end = text.length - 1;
        for (int index = 1; at < end; index++) {
            ByteArrayOutputStream element = new ByteArrayOutputStream();
            at = text[at] == '"' ? quoted(text, at + 1, end, element) : plain(text, at, end, element);
            table.rawset(index, LuaString.valueUsing(element.toByteArray()));
            if (at < end && (text[at] != ',' || at + 1 == end)) {
                throw new LuaError("malformed array: a comma and another element expected");
            }
            at++;
        }
        return table;
    }

    private static int quoted(byte[] text, int from, int end, ByteArrayOutputStream element) {
        int at = from;
        while (at < end && text[at] != '"') {
            if (text[at] == '\\') {
                at++;
            }
            if (at < end) {
                element.write(text[at]);
            }
            at++;
        }
        if (at >= end) {
            throw new LuaError("malformed array: a quote is missing");
        }
        return at + 1;
    }

    private static int plain(byte[] text, int from, int end, ByteArrayOutputStream element) {
        int at = from;
        while (at < end && text[at] != ',') {
            if (text[at] == '{' || text[at] == '}' || text[at] == '"') {
                throw new LuaError(
                        text[at] == '"'
                                ? "malformed array: a quote within an element"
                                : "nested arrays can't be decoded");
            }
            element.write(text[at]);
            at++;
        }
        return at;
    }
}
