package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Machine;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** Matches one of Lua's patterns against a string. Each step counts as an instruction, so that no pattern runs away. */
final class Pattern {
    private static final int MOST_CAPTURES = 32;
    private static final int MOST_DEPTH = 200;
    private static final int POSITION = -2;
    private static final int OPEN = -1;

    private final Machine machine;
    private final byte[] s;
    private final int sStart;
    private final int sEnd;
    private final byte[] p;
    private final int pStart;
    private final int pEnd;

    private final int[] start = new int[MOST_CAPTURES];
    private final int[] length = new int[MOST_CAPTURES];
    private int level;
    private int depth;

    Pattern(Machine machine, LuaString subject, LuaString pattern) {
        this.machine = machine;
        this.s = subject.m_bytes;
        this.sStart = subject.m_offset;
        this.sEnd = subject.m_offset + subject.m_length;
        this.p = pattern.m_bytes;
        this.pStart = pattern.m_offset;
        this.pEnd = pattern.m_offset + pattern.m_length;
    }

    /** Whether it only matches at the start. */
    boolean anchored() {
        return pStart < pEnd && p[pStart] == '^';
    }

    /** Where a match that begins at {@code from} (0 is the first byte) ends; -1 when there is none. */
    int match(int from) {
        level = 0;
        depth = 0;
        int end = match(sStart + from, anchored() ? pStart + 1 : pStart);
        return end < 0 ? -1 : end - sStart;
    }

    /** The captures of the match from {@code from} to {@code to}; the whole match when there are none and it is wanted. */
    Varargs captured(int from, int to, boolean whole) {
        int count = level == 0 && whole ? 1 : level;
        LuaValue[] values = new LuaValue[count];
        for (int i = 0; i < count; i++) {
            values[i] = capture(i, from, to);
        }
        return LuaValue.varargsOf(values);
    }

    LuaValue whole(int from, int to) {
        return LuaString.valueOf(s, sStart + from, to - from);
    }

    LuaValue capture(int index, int from, int to) {
        if (index >= level) {
            if (index != 0) {
                throw new LuaError("invalid capture index");
            }
            return LuaString.valueOf(s, sStart + from, to - from);
        }
        if (length[index] == POSITION) {
            return LuaValue.valueOf(start[index] - sStart + 1);
        }
        if (length[index] == OPEN) {
            throw new LuaError("unfinished capture");
        }
        return LuaString.valueOf(s, start[index], length[index]);
    }

    private int match(int from, int pattern) {
        if (++depth > MOST_DEPTH) {
            throw new LuaError("pattern too complex");
        }
        try {
            return matchHere(from, pattern);
        } finally {
            depth--;
        }
    }

    private int matchHere(int from, int pattern) {
        int si = from;
        int pi = pattern;
        for (; ; ) {
            machine.charge(1);
            if (pi == pEnd) {
                return si;
            }
            switch (p[pi]) {
                case '(' -> {
                    return pi + 1 < pEnd && p[pi + 1] == ')'
                            ? startCapture(si, pi + 2, POSITION)
                            : startCapture(si, pi + 1, OPEN);
                }
                case ')' -> {
                    return endCapture(si, pi + 1);
                }
                case '$' -> {
                    if (pi + 1 == pEnd) {
                        return si == sEnd ? si : -1;
                    }
                }
                case '%' -> {
                    byte next = pi + 1 < pEnd ? p[pi + 1] : 0;
                    if (next == 'b') {
                        si = balance(si, pi + 2);
                        if (si < 0) {
                            return -1;
                        }
                        pi += 4;
                        continue;
                    }
                    if (next == 'f') {
                        pi += 2;
                        if (pi >= pEnd || p[pi] != '[') {
                            throw new LuaError("missing '[' after '%f' in pattern");
                        }
                        int end = classEnd(pi);
                        int before = si == sStart ? 0 : s[si - 1] & 0xff;
                        int here = si < sEnd ? s[si] & 0xff : 0;
                        if (inSet(before, pi, end - 1) || !inSet(here, pi, end - 1)) {
                            return -1;
                        }
                        pi = end;
                        continue;
                    }
                    if (next >= '0' && next <= '9') {
                        si = backReference(si, next);
                        if (si < 0) {
                            return -1;
                        }
                        pi += 2;
                        continue;
                    }
                }
                default -> {}
            }
            int end = classEnd(pi);
            int suffix = end < pEnd ? p[end] : 0;
            if (suffix == '?') {
                if (single(si, pi, end)) {
                    int result = match(si + 1, end + 1);
                    if (result >= 0) {
                        return result;
                    }
                }
                pi = end + 1;
            } else if (suffix == '+') {
                return single(si, pi, end) ? most(si + 1, pi, end) : -1;
            } else if (suffix == '*') {
                return most(si, pi, end);
            } else if (suffix == '-') {
                return least(si, pi, end);
            } else {
                if (!single(si, pi, end)) {
                    return -1;
                }
                si++;
                pi = end;
            }
        }
    }

    private int most(int si, int pi, int end) {
        int count = 0;
        while (single(si + count, pi, end)) {
            machine.charge(1);
            count++;
        }
        for (; count >= 0; count--) {
            int result = match(si + count, end + 1);
            if (result >= 0) {
                return result;
            }
        }
        return -1;
    }

    private int least(int from, int pi, int end) {
        for (int si = from; ; si++) {
            int result = match(si, end + 1);
            if (result >= 0) {
                return result;
            }
            if (!single(si, pi, end)) {
                return -1;
            }
        }
    }

    private int startCapture(int si, int pi, int what) {
        if (level >= MOST_CAPTURES) {
            throw new LuaError("too many captures");
        }
        start[level] = si;
        length[level] = what;
        level++;
        int result = match(si, pi);
        if (result < 0) {
            level--;
        }
        return result;
    }

    private int endCapture(int si, int pi) {
        int open = level - 1;
        while (open >= 0 && length[open] != OPEN) {
            open--;
        }
        if (open < 0) {
            throw new LuaError("invalid pattern capture");
        }
        length[open] = si - start[open];
        int result = match(si, pi);
        if (result < 0) {
            length[open] = OPEN;
        }
        return result;
    }

    private int balance(int si, int pi) {
        if (pi + 1 >= pEnd) {
            throw new LuaError("unbalanced pattern");
        }
        if (si >= sEnd || s[si] != p[pi]) {
            return -1;
        }
        int nested = 1;
        for (int i = si + 1; i < sEnd; i++) {
            machine.charge(1);
            if (s[i] == p[pi + 1]) {
                nested--;
                if (nested == 0) {
                    return i + 1;
                }
            } else if (s[i] == p[pi]) {
                nested++;
            }
        }
        return -1;
    }

    private int backReference(int si, int digit) {
        int index = digit - '1';
        if (index < 0 || index >= level || length[index] == OPEN) {
            throw new LuaError("invalid capture index");
        }
        if (length[index] == POSITION) {
            return -1;
        }
        int size = length[index];
        machine.charge(size);
        return sEnd - si >= size && java.util.Arrays.equals(s, start[index], start[index] + size, s, si, si + size)
                ? si + size
                : -1;
    }

    private int classEnd(int from) {
        int pi = from;
        byte c = p[pi++];
        if (c == '%') {
            if (pi == pEnd) {
                throw new LuaError("malformed pattern (ends with '%')");
            }
            return pi + 1;
        }
        if (c == '[') {
            if (pi < pEnd && p[pi] == '^') {
                pi++;
            }
            do {
                if (pi == pEnd) {
                    throw new LuaError("malformed pattern (missing ']')");
                }
                byte inner = p[pi++];
                if (inner == '%') {
                    if (pi == pEnd) {
                        throw new LuaError("malformed pattern (missing ']')");
                    }
                    pi++;
                }
            } while (pi == pEnd || p[pi] != ']');
            return pi + 1;
        }
        return pi;
    }

    private boolean single(int si, int pi, int end) {
        if (si >= sEnd) {
            return false;
        }
        int c = s[si] & 0xff;
        return switch (p[pi]) {
            case '.' -> true;
            case '%' -> inClass(c, p[pi + 1]);
            case '[' -> inSet(c, pi, end - 1);
            default -> (p[pi] & 0xff) == c;
        };
    }

    /** Whether a byte is in the set that begins with the bracket at {@code open} and ends with that at {@code close}. */
    private boolean inSet(int c, int open, int close) {
        int pi = open + 1;
        boolean wanted = true;
        if (p[pi] == '^') {
            wanted = false;
            pi++;
        }
        for (; pi < close; pi++) {
            if (p[pi] == '%') {
                pi++;
                if (inClass(c, p[pi])) {
                    return wanted;
                }
            } else if (pi + 2 < close && p[pi + 1] == '-') {
                if ((p[pi] & 0xff) <= c && c <= (p[pi + 2] & 0xff)) {
                    return wanted;
                }
                pi += 2;
            } else if ((p[pi] & 0xff) == c) {
                return wanted;
            }
        }
        return !wanted;
    }

    private static boolean inClass(int c, int letter) {
        boolean upper = letter >= 'A' && letter <= 'Z';
        boolean in = switch (upper ? letter + 32 : letter) {
            case 'a' -> isLetter(c);
            case 'd' -> isDigit(c);
            case 'l' -> c >= 'a' && c <= 'z';
            case 'u' -> c >= 'A' && c <= 'Z';
            case 'w' -> isLetter(c) || isDigit(c);
            case 's' -> c == ' ' || (c >= 9 && c <= 13);
            case 'c' -> c < 32 || c == 127;
            case 'p' -> c > 32 && c < 127 && !isLetter(c) && !isDigit(c);
            case 'g' -> c > 32 && c < 127;
            case 'x' -> isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            case 'z' -> c == 0;
            default -> upper != (c == letter); // no class: the byte itself
        };
        return upper != in;
    }

    private static boolean isLetter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
