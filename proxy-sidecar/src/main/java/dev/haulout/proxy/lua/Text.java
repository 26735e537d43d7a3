package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaValue;

/** How things are named in messages. */
final class Text {
    private Text() {}

    /** The name of a chunk as errors show it, such as {@code config.lua} or {@code [string "x = 1"]}. */
    static String chunk(String source) {
        if (source.startsWith("@") || source.startsWith("=")) {
            return source.substring(1);
        }
        int end = source.indexOf('\n');
        String first = end < 0 ? source : source.substring(0, end);
        boolean cut = end >= 0 || first.length() > 40;
        return "[string \"" + (first.length() > 40 ? first.substring(0, 40) : first) + (cut ? "..." : "") + "\"]";
    }

    /** What stands for the address of a value. */
    static String address(LuaValue value) {
        return String.format("0x%012x", 0x7f0000000000L + (System.identityHashCode(value) & 0xffffffffL) * 16);
    }
}
