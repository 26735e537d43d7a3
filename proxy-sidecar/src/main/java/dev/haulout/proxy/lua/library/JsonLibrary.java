package dev.haulout.proxy.lua.library;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** json: dump and parse, with myproxy's peculiarities. */
final class JsonLibrary {
    private static final int MOST_DEPTH = 100;
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonLibrary() {}

    static void install(Machine machine) {
        LuaTable table = new LuaTable();
        new Library(machine, table).add("dump", JsonLibrary::dump).add("parse", JsonLibrary::parse);
        machine.globals().rawset("json", table);
    }

    private static Varargs dump(Args args) {
        if (args.count() != 1) {
            throw new LuaError(args.count() < 1 ? "Not enough parameters" : "Too many parameters");
        }
        StringBuilder text = new StringBuilder();
        write(args.machine(), text, args.value(1), 0);
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        args.machine().allocate(bytes.length);
        return LuaString.valueUsing(bytes);
    }

    /** A value as JSON: each table an object with sorted keys, numbers cut to integers. */
    static String text(Machine machine, LuaValue value) {
        StringBuilder text = new StringBuilder();
        write(machine, text, value, 0);
        return text.toString();
    }

    private static void write(Machine machine, StringBuilder text, LuaValue value, int depth) {
        machine.charge(4);
        if (depth > MOST_DEPTH) {
            throw new LuaError("tables are nested more than " + MOST_DEPTH + " deep, or contain themselves");
        }
        if (value.isnil()) {
            text.append("null");
        } else if (value.isboolean()) {
            text.append(value.toboolean());
        } else if (value instanceof LuaNumber) {
            text.append((long) value.todouble());
        } else if (value instanceof LuaTable table) {
            writeObject(machine, text, table, depth);
        } else if (value instanceof LuaString string) {
            quote(text, decoded(string));
        } else {
            String name = machine.text(value).tojstring();
            int address = name.indexOf("0x");
            quote(text, value.typename() + ":" + (address < 0 ? "0x0" : name.substring(address)));
        }
    }

    private static void writeObject(Machine machine, StringBuilder text, LuaTable table, int depth) {
        Map<String, LuaValue> members = new TreeMap<>();
        for (Varargs e = table.next(LuaValue.NIL); !e.arg1().isnil(); e = table.next(e.arg1())) {
            LuaValue key = e.arg1();
            members.put(
                    key instanceof LuaString string
                            ? decoded(string)
                            : machine.text(key).tojstring(),
                    e.arg(2));
        }
        text.append('{');
        boolean first = true;
        for (Map.Entry<String, LuaValue> member : members.entrySet()) {
            if (!first) {
                text.append(',');
            }
            first = false;
            quote(text, member.getKey());
            text.append(':');
            write(machine, text, member.getValue(), depth + 1);
        }
        text.append('}');
    }

    private static String decoded(LuaString string) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(string.m_bytes, string.m_offset, string.m_length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new LuaError("invalid UTF-8 in a string");
        }
    }

    private static void quote(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (c < 0x20) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static Varargs parse(Args args) {
        byte[] source = args.bytes(1);
        args.machine().charge(source.length);
        try {
            JsonNode node = MAPPER.readTree(source);
            if (node == null || node.isMissingNode()) {
                return Background.failure("unexpected end of input");
            }
            return value(node);
        } catch (JsonProcessingException e) {
            return Background.failure(e.getOriginalMessage());
        } catch (java.io.IOException e) {
            return Background.failure(e.getMessage());
        }
    }

    private static LuaValue value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                LuaTable table = new LuaTable();
                node.properties().forEach(member -> table.rawset(utf8(member.getKey()), value(member.getValue())));
                yield table;
            }
            case ARRAY -> {
                LuaTable table = new LuaTable();
                for (int i = 0; i < node.size(); i++) {
                    table.rawset(i + 1, value(node.get(i)));
                }
                yield table;
            }
            case STRING -> utf8(node.textValue());
            case BOOLEAN -> LuaValue.valueOf(node.booleanValue());
            case NUMBER ->
                LuaValue.valueOf(
                        node.isBigInteger() && node.bigIntegerValue().bitLength() <= 64
                                ? (double) node.bigIntegerValue().longValue()
                                : node.doubleValue());
            default -> LuaValue.NIL;
        };
    }

    private static LuaString utf8(String text) {
        return LuaString.valueOf(text.getBytes(StandardCharsets.UTF_8));
    }
}
