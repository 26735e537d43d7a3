package dev.haulout.proxy.sql;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Recognises the statements that most of the traffic is made of, SELECT and INSERT and the like with nothing special in them,
 * in one pass over their bytes and without making an object. What it says of a text is what {@link Statement#read} says;
 * where it can't be certain of that it says nothing.
 */
public final class Glance {
    private static final List<String> KEYWORDS = List.of("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE");
    private static final List<Statement.Other> ANSWERS = KEYWORDS.stream()
            .map(keyword -> new Statement.Other(keyword, true, !keyword.equals("SELECT"), Set.of(), false))
            .toList();

    // what a byte is
    private static final byte STRANGE = 0;
    private static final byte SPACE = 1;
    private static final byte LETTER = 2;
    private static final byte DIGIT = 3;
    private static final byte SYMBOL = 4;
    private static final byte QUOTE = 5;
    private static final byte[] KINDS = kinds();

    // what a word may mean
    private static final int ORDINARY = 0;
    private static final int CALLABLE = 1;
    private static final int BEFORE_TARGET = 2;
    private static final int FROM = 4;
    private static final int DUAL = 8;
    private static final int SPECIAL = 16;
    private static final GlanceWords WORDS = words();

    /** What the lower case of a letter has and the upper case has not. */
    private static final int CASE = 0x20;

    private Glance() {}

    /** All that it may say. */
    public static List<Statement.Other> answers() {
        return ANSWERS;
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[256]; // all STRANGE: control characters, bytes outside ASCII, @ \ # $ { } [ ]
        Arrays.fill(kinds, '\t', '\r' + 1, SPACE);
        kinds[' '] = SPACE;
        Arrays.fill(kinds, 'a', 'z' + 1, LETTER);
        Arrays.fill(kinds, 'A', 'Z' + 1, LETTER);
        kinds['_'] = LETTER;
        Arrays.fill(kinds, '0', '9' + 1, DIGIT);
        for (char symbol : "!%&()*+,-./:;<=>?^|~".toCharArray()) {
            kinds[symbol] = SYMBOL;
        }
        for (char quote : "'\"`".toCharArray()) {
            kinds[quote] = QUOTE;
        }
        return kinds;
    }

    private static GlanceWords words() {
        GlanceWords words = new GlanceWords();
        OtherReader.callable().forEach(word -> words.add(word, CALLABLE));
        OtherReader.beforeTarget().forEach(word -> words.add(word, BEFORE_TARGET));
        words.add("from", FROM);
        words.add("dual", DUAL);
        OtherReader.special().forEach(word -> words.add(word, SPECIAL));
        return words;
    }

    /**
     * Looks at a statement.
     *
     * @param text the bytes from {@code from} to before {@code end} are the text of a COM_QUERY
     * @return which of {@link #answers}; -1 where only a closer look tells
     */
    public static int at(ByteBuf text, int from, int end) {
        int at = spaceEnd(text, from, end);
        int next = wordEnd(text, at, end);
        int keyword = keyword(text, at, next);
        if (keyword < 0) {
            return -1;
        }
        boolean fromTable = keyword > 0; // a SELECT without may be one that the door answers
        // of the last token
        int meaning = WORDS.meaning(text, at, next);
        boolean name = true;
        boolean dot = false;
        boolean target = false;
        boolean qualified = false;
        for (at = spaceEnd(text, next, end); at < end; at = spaceEnd(text, next, end)) {
            int c = text.getUnsignedByte(at);
            byte kind = KINDS[c];
            int before = meaning;
            meaning = ORDINARY;
            if (kind == SYMBOL) {
                boolean called = c == '(' && name;
                if (called && (qualified || !target && (before & CALLABLE) == 0) || isDoubtful(text, at, end)) {
                    return -1;
                }
                next = at + 1;
            } else if (kind == STRANGE) {
                return -1;
            } else {
                target = (before & BEFORE_TARGET) != 0;
                qualified = dot;
                next = kind == QUOTE ? quotedEnd(text, at, end) : wordEnd(text, at, end);
                if (next < 0) {
                    return -1;
                }
                if (kind == LETTER) {
                    meaning = WORDS.meaning(text, at, next);
                }
                if ((meaning & SPECIAL) != 0) {
                    return -1;
                }
            }
            fromTable |= (before & FROM) != 0 && (meaning & DUAL) == 0;
            name = kind == LETTER || kind == QUOTE && c != '\'';
            dot = c == '.';
        }
        return fromTable ? keyword : -1;
    }

    private static int spaceEnd(ByteBuf text, int from, int end) {
        int at = from;
        while (at < end && KINDS[text.getUnsignedByte(at)] == SPACE) {
            at++;
        }
        return at;
    }

    private static int wordEnd(ByteBuf text, int from, int end) {
        int at = from;
        while (at < end && (KINDS[text.getUnsignedByte(at)] == LETTER || KINDS[text.getUnsignedByte(at)] == DIGIT)) {
            at++;
        }
        return at;
    }

    /** Behind the quote that closes; -1 where there is none, or the session decides which it is. */
    private static int quotedEnd(ByteBuf text, int from, int end) {
        byte quote = text.getByte(from);
        for (int at = from + 1; at < end; at++) {
            byte c = text.getByte(at);
            if (c == '\\' || c < 0 && quote == '`') {
                return -1;
            }
            if (c == quote) {
                if (at + 1 == end || text.getByte(at + 1) != quote) {
                    return at + 1;
                }
                at++;
            }
        }
        return -1;
    }

    /** Whether a comment may begin with that symbol, or a second statement follows it. */
    private static boolean isDoubtful(ByteBuf text, int at, int end) {
        int following = at + 1 < end ? text.getByte(at + 1) : 0;
        return switch (text.getByte(at)) {
            case '-' -> following == '-';
            case '/' -> following == '*';
            case ';' -> spaceEnd(text, at + 1, end) < end;
            default -> false;
        };
    }

    private static int keyword(ByteBuf text, int from, int end) {
        for (int i = 0; i < KEYWORDS.size(); i++) {
            String keyword = KEYWORDS.get(i);
            if (keyword.length() == end - from && isWord(text, from, keyword)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isWord(ByteBuf text, int from, String word) {
        for (int i = 0; i < word.length(); i++) {
            if ((text.getByte(from + i) & ~CASE) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
