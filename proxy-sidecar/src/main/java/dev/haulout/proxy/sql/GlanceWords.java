package dev.haulout.proxy.sql;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Words that mean something to {@link Glance}, found by their bytes in any case. */
final class GlanceWords {
    /** A power of two, several times the number of words. */
    private static final int SLOTS = 2048;

    private static final int CASE = 0x20;

    private final byte[][] words = new byte[SLOTS][];
    private final int[] meanings = new int[SLOTS];

    /** Adds a meaning, a bit, to a word of letters, digits and underscores. */
    void add(String word, int meaning) {
        byte[] bytes = word.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
        int hash = 0;
        for (byte b : bytes) {
            hash = step(hash, b);
        }
        int slot = slot(hash);
        while (words[slot] != null && !Arrays.equals(words[slot], bytes)) {
            slot = slot + 1 & SLOTS - 1;
        }
        words[slot] = bytes;
        meanings[slot] |= meaning;
    }

    /** The meanings of the word from {@code from} to before {@code end}; 0 for none. */
    int meaning(ByteBuf text, int from, int end) {
        int hash = 0;
        for (int at = from; at < end; at++) {
            hash = step(hash, text.getByte(at));
        }
        for (int slot = slot(hash); words[slot] != null; slot = slot + 1 & SLOTS - 1) {
            if (isAt(text, from, end, words[slot])) {
                return meanings[slot];
            }
        }
        return 0;
    }

    private static boolean isAt(ByteBuf text, int from, int end, byte[] word) {
        if (word.length != end - from) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            byte c = text.getByte(from + i);
            if ((c >= 'A' && c <= 'Z' ? c | CASE : c) != word[i]) {
                return false;
            }
        }
        return true;
    }

    /** The same for a letter's both cases. */
    private static int step(int hash, byte b) {
        return hash * 31 + (b | CASE);
    }

    private static int slot(int hash) {
        return (hash ^ hash >>> 16) & SLOTS - 1;
    }
}
