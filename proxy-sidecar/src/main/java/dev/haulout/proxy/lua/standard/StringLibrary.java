package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.io.ByteArrayOutputStream;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The string library. */
final class StringLibrary {
    private static final LuaString EMPTY = LuaValue.valueOf("");

    private final Machine machine;

    private StringLibrary(Machine machine) {
        this.machine = machine;
    }

    static void install(Machine machine) {
        StringLibrary strings = new StringLibrary(machine);
        LuaTable table = new LuaTable();
        new Library(machine, table)
                .add("byte", StringLibrary::bytes)
                .add("char", StringLibrary::characters)
                .add("dump", args -> {
                    throw new LuaError("unable to dump given function");
                })
                .add("find", args -> strings.find(args, true))
                .add("match", args -> strings.find(args, false))
                .add("format", new Format(machine)::format)
                .add("gmatch", strings::gmatch)
                .add("gfind", strings::gmatch)
                .add("gsub", strings::gsub)
                .add("len", args -> LuaValue.valueOf(args.string(1).m_length))
                .add("lower", args -> strings.mapped(args, 'A', 'Z', 32))
                .add("upper", args -> strings.mapped(args, 'a', 'z', -32))
                .add("rep", strings::repeat)
                .add("reverse", strings::reverse)
                .add("sub", StringLibrary::sub);
        machine.globals().rawset("string", table);
        machine.stringMetatable().rawset("__index", table);
    }

    /** A position counted from the end when negative; 0 when it is before the start. */
    private static int position(int given, int length) {
        if (given >= 0) {
            return given;
        }
        return Math.max(0, length + given + 1);
    }

    private static Varargs bytes(Args args) {
        LuaString s = args.string(1);
        int first = position(args.integer(2, 1), s.m_length);
        int from = Math.max(first, 1);
        int to = Math.min(position(args.integer(3, first), s.m_length), s.m_length);
        if (from > to) {
            return LuaValue.NONE;
        }
        if (to - from >= 8000) {
            throw new LuaError("string slice too long");
        }
        LuaValue[] values = new LuaValue[to - from + 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = LuaValue.valueOf(s.m_bytes[s.m_offset + from - 1 + i] & 0xff);
        }
        return LuaValue.varargsOf(values);
    }

    private static Varargs characters(Args args) {
        byte[] bytes = new byte[args.count()];
        for (int i = 0; i < bytes.length; i++) {
            int value = args.integer(i + 1);
            if (value < 0 || value > 255) {
                throw new ArgumentError(i + 1, "invalid value");
            }
            bytes[i] = (byte) value;
        }
        return LuaString.valueUsing(bytes);
    }

    private static Varargs sub(Args args) {
        LuaString s = args.string(1);
        int from = Math.max(position(args.integer(2), s.m_length), 1);
        int to = Math.min(position(args.integer(3, -1), s.m_length), s.m_length);
        return from > to ? EMPTY : s.substring(from - 1, to);
    }

    private Varargs mapped(Args args, int low, int high, int shift) {
        byte[] bytes = made(args.string(1));
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] >= low && bytes[i] <= high) {
                bytes[i] += (byte) shift;
            }
        }
        return LuaString.valueUsing(bytes);
    }

    private byte[] made(LuaString s) {
        machine.allocate(s.m_length);
        byte[] bytes = new byte[s.m_length];
        s.copyInto(0, bytes, 0, bytes.length);
        return bytes;
    }

    private Varargs reverse(Args args) {
        byte[] bytes = made(args.string(1));
        for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
            byte kept = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = kept;
        }
        return LuaString.valueUsing(bytes);
    }

    private Varargs repeat(Args args) {
        LuaString s = args.string(1);
        int count = args.integer(2);
        LuaString separator = args.string(3, EMPTY);
        if (count <= 0) {
            return EMPTY;
        }
        long length = (long) s.m_length * count + (long) separator.m_length * (count - 1);
        if (length > Integer.MAX_VALUE - 64) {
            throw new LuaError("resulting string too large");
        }
        machine.allocate(length);
        byte[] bytes = new byte[(int) length];
        int at = 0;
        for (int i = 0; i < count && length > 0; i++) {
            if (i > 0) {
                separator.copyInto(0, bytes, at, separator.m_length);
                at += separator.m_length;
            }
            s.copyInto(0, bytes, at, s.m_length);
            at += s.m_length;
        }
        return LuaString.valueUsing(bytes);
    }

    private static boolean isPlain(LuaString pattern) {
        for (int i = 0; i < pattern.m_length; i++) {
            if ("^$*+?.([%-".indexOf(pattern.m_bytes[pattern.m_offset + i]) >= 0) {
                return false;
            }
        }
        return true;
    }

    private Varargs find(Args args, boolean positions) {
        LuaString s = args.string(1);
        LuaString pattern = args.string(2);
        int from = Math.max(position(args.integer(3, 1), s.m_length), 1) - 1;
        if (from > s.m_length) {
            return LuaValue.NIL;
        }
        if (positions && (args.value(4).toboolean() || isPlain(pattern))) {
            machine.charge(s.m_length / 4);
            int at = indexOf(s, pattern, from);
            return at < 0
                    ? LuaValue.NIL
                    : LuaValue.varargsOf(LuaValue.valueOf(at + 1), LuaValue.valueOf(at + pattern.m_length));
        }
        Pattern matcher = new Pattern(machine, s, pattern);
        for (int at = from; at <= s.m_length; at++) {
            int end = matcher.match(at);
            if (end >= 0) {
                return positions
                        ? LuaValue.varargsOf(
                                LuaValue.valueOf(at + 1), LuaValue.valueOf(end), matcher.captured(at, end, false))
                        : matcher.captured(at, end, true);
            }
            if (matcher.anchored()) {
                break;
            }
        }
        return LuaValue.NIL;
    }

    private int indexOf(LuaString s, LuaString wanted, int from) {
        byte[] b = s.m_bytes;
        byte[] w = wanted.m_bytes;
        for (int at = from; at <= s.m_length - wanted.m_length; at++) {
            int i = 0;
            while (i < wanted.m_length && b[s.m_offset + at + i] == w[wanted.m_offset + i]) {
                i++;
            }
            if (i == wanted.m_length) {
                return at;
            }
            if (i > 16) {
                machine.charge(i / 4);
            }
        }
        return -1;
    }

    private Varargs gmatch(Args args) {
        LuaString s = args.string(1);
        LuaString pattern = args.string(2);
        int[] next = {0};
        return Library.function(machine, "gmatch", ignored -> {
            Pattern matcher = new Pattern(machine, s, pattern);
            for (int at = next[0]; at <= s.m_length; at++) {
                int end = matcher.anchored() ? -1 : matcher.match(at);
                if (end >= 0) {
                    next[0] = end == at ? end + 1 : end;
                    return matcher.captured(at, end, true);
                }
            }
            next[0] = s.m_length + 1;
            return LuaValue.NIL;
        });
    }

    private Varargs gsub(Args args) {
        LuaString s = args.string(1);
        Pattern matcher = new Pattern(machine, s, args.string(2));
        LuaValue with = args.value(3);
        if (!with.isstring() && !with.istable() && !with.isfunction()) {
            throw new ArgumentError(3, "string/function/table expected, got " + with.typename());
        }
        int most = args.isNil(4) ? Integer.MAX_VALUE : args.integer(4);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        int count = 0;
        while (count < most) {
            int end = matcher.match(at);
            if (end >= 0) {
                count++;
                replace(out, args, matcher, s, at, end);
            }
            if (end > at) {
                at = end;
            } else if (at < s.m_length) {
                append(out, s.m_bytes, s.m_offset + at, 1);
                at++;
            } else {
                break;
            }
            if (matcher.anchored()) {
                break;
            }
        }
        if (at < s.m_length) {
            append(out, s.m_bytes, s.m_offset + at, s.m_length - at);
        }
        return LuaValue.varargsOf(LuaString.valueUsing(out.toByteArray()), LuaValue.valueOf(count));
    }

    /** Text is bounded as it grows, so that a small pattern can't make a big string. */
    private void append(ByteArrayOutputStream out, byte[] bytes, int from, int length) {
        if (((out.size() + (long) length) >> 16) != (out.size() >> 16)) {
            machine.allocate(out.size() + (long) length);
        }
        out.write(bytes, from, length);
    }

    private void replace(ByteArrayOutputStream out, Args args, Pattern matcher, LuaString s, int at, int end) {
        LuaValue with = args.value(3);
        LuaValue value;
        if (with.isfunction()) {
            value = machine.callFromJava(with, matcher.captured(at, end, true)).arg1();
        } else if (with.istable()) {
            value = machine.index(with, matcher.capture(0, at, end));
        } else {
            substitute(out, args.string(3), matcher, at, end);
            return;
        }
        if (!value.toboolean()) {
            append(out, s.m_bytes, s.m_offset + at, end - at);
        } else if (value.isstring()) {
            LuaString text = machine.text(value);
            append(out, text.m_bytes, text.m_offset, text.m_length);
        } else {
            throw new LuaError("invalid replacement value (a " + value.typename() + ")");
        }
    }

    private void substitute(ByteArrayOutputStream out, LuaString template, Pattern matcher, int at, int end) {
        machine.charge(template.m_length);
        for (int i = 0; i < template.m_length; i++) {
            int c = template.m_bytes[template.m_offset + i];
            if (c != '%') {
                append(out, template.m_bytes, template.m_offset + i, 1);
                continue;
            }
            i++;
            int next = i < template.m_length ? template.m_bytes[template.m_offset + i] : 0;
            if (next >= '0' && next <= '9') {
                LuaValue captured = next == '0' ? matcher.whole(at, end) : matcher.capture(next - '1', at, end);
                LuaString text = machine.text(captured);
                append(out, text.m_bytes, text.m_offset, text.m_length);
            } else if (i < template.m_length) {
                append(out, template.m_bytes, template.m_offset + i, 1);
            } else {
                throw new LuaError("invalid use of '%' in replacement string");
            }
        }
    }
}
