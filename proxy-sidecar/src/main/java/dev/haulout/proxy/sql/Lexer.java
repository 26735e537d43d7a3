package dev.haulout.proxy.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a statement into tokens the way the server does, as far as the text alone allows. What depends on the session
 * (backslashes under NO_BACKSLASH_ESCAPES) or on the server's version (executable comments) is not guessed but reported
 * as a doubt.
 */
final class Lexer {
    private final byte[] text;
    private final boolean backslashEscapes;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean doubtful;
    private boolean unterminated;
    private boolean backslash;

    private Lexer(byte[] text, boolean backslashEscapes) {
        this.text = text;
        this.backslashEscapes = backslashEscapes;
    }

    /**
     * Reads a whole text; never throws, whatever its bytes.
     *
     * @param text the statement as sent
     * @param backslashEscapes whether a backslash in a string escapes the next byte
     */
    static Lexed lex(byte[] text, boolean backslashEscapes) {
        Lexer lexer = new Lexer(text, backslashEscapes);
        lexer.run();
        return new Lexed(
                List.copyOf(lexer.tokens),
                lexer.doubtful,
                lexer.unterminated,
                lexer.backslash,
                new String(text, StandardCharsets.ISO_8859_1));
    }

    private void run() {
        while (at < text.length) {
            byte c = text[at];
            if (isSpace(c)) {
                at++;
            } else if (c == '#' || (c == '-' && peek(1) == '-' && startsLineComment())) {
                skipLine();
            } else if (c == '/' && peek(1) == '*') {
                skipComment();
            } else if (c == '\'') {
                quoted(Token.Kind.STRING);
            } else if (c == '"') {
                quoted(Token.Kind.DOUBLE_QUOTED);
            } else if (c == '`') {
                quoted(Token.Kind.QUOTED_WORD);
            } else if (isIdentifier(c)) {
                word();
            } else if (c == '@') {
                int length = peek(1) == '@' ? 2 : 1;
                int after = peek(length);
                doubtful |= after == -1 || !(isIdentifier((byte) after) || after == '`' || after == '.');
                add(Token.Kind.SYMBOL, at, at + length);
            } else {
                doubtful |= c == 0;
                add(Token.Kind.SYMBOL, at, at + 1);
            }
        }
    }

    private boolean startsLineComment() {
        int after = peek(2);
        return after != -1 && after <= ' ';
    }

    private void skipLine() {
        while (at < text.length && text[at] != '\n') {
            at++;
        }
    }

    private void skipComment() {
        int third = peek(2);
        doubtful |= third == '!' || (third == 'M' && peek(3) == '!');
        int end = at + 2;
        while (end + 1 < text.length && !(text[end] == '*' && text[end + 1] == '/')) {
            end++;
        }
        if (end + 1 >= text.length) {
            doubtful = true;
            at = text.length;
        } else {
            at = end + 2;
        }
    }

    private void quoted(Token.Kind kind) {
        byte quote = text[at];
        int start = at++;
        StringBuilder inside = new StringBuilder();
        while (at < text.length) {
            byte c = text[at];
            if (c == '\\' && quote != '`') {
                backslash = true;
                // A lead byte of gbk, big5 or sjis may claim the backslash as its second half.
                doubtful |= text[at - 1] < 0;
                if (backslashEscapes) {
                    at += 2;
                    continue;
                }
            }
            if (c == quote) {
                doubtful |= quote == '`' && text[at - 1] < 0;
                if (peek(1) == quote) {
                    at++;
                } else {
                    at++;
                    tokens.add(new Token(kind, inside.toString(), start, at));
                    return;
                }
            }
            inside.append((char) (c & 0xff));
            at++;
        }
        at = text.length;
        unterminated = true;
    }

    private void word() {
        int start = at;
        boolean digits = true;
        while (at < text.length && isIdentifier(text[at])) {
            digits &= isDigit(text[at]);
            at++;
        }
        if (!isDigit(text[start])) {
            add(Token.Kind.WORD, start, at);
            return;
        }
        boolean fraction = peek(0) == '.';
        add(digits && !fraction ? Token.Kind.INTEGER : Token.Kind.NUMBER, start, at);
    }

    private void add(Token.Kind kind, int start, int end) {
        tokens.add(new Token(kind, new String(text, start, end - start, StandardCharsets.ISO_8859_1), start, end));
        at = end;
    }

    private int peek(int offset) {
        return at + offset < text.length ? text[at + offset] & 0xff : -1;
    }

    static boolean isSpace(byte c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isIdentifier(byte c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c < 0;
    }

    /**
     * What a text was cut into.
     *
     * @param tokens all tokens, comments left out
     * @param doubtful something could be read in two ways (executable comment, odd bytes)
     * @param unterminated a quote is never closed: read this way the server refuses the statement
     * @param backslash a string contains a backslash
     * @param text the statement itself, a char for each byte
     */
    record Lexed(List<Token> tokens, boolean doubtful, boolean unterminated, boolean backslash, String text) {

        /** Whether the text can be read in one way only: ASCII, no doubt, no backslash, no double quotes. */
        boolean plain() {
            if (doubtful || unterminated || backslash) {
                return false;
            }
            for (Token token : tokens) {
                if (token.kind() == Token.Kind.DOUBLE_QUOTED) {
                    return false;
                }
            }
            return text.chars().allMatch(c -> c > 0 && c < 0x80);
        }

        /** Whether nothing but white space, not even a comment, follows a token. */
        boolean spaceAfter(Token token) {
            for (int i = token.end(); i < text.length(); i++) {
                if (!isSpace((byte) text.charAt(i))) {
                    return false;
                }
            }
            return true;
        }

        /** The bytes from one token's start to another's end, as written. */
        String written(Token first, Token last) {
            return text.substring(first.start(), last.end());
        }
    }
}
