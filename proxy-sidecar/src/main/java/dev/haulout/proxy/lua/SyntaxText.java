package dev.haulout.proxy.lua;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The compiler's messages in Lua's own words: it tells tokens by number. */
final class SyntaxText {
    private static final Pattern UNEXPECTED = Pattern.compile("unexpected symbol (\\d+) \\(.*\\)$", Pattern.DOTALL);
    private static final int FIRST_WORD = 257;
    private static final List<String> WORDS = List.of(
            "and",
            "break",
            "do",
            "else",
            "elseif",
            "end",
            "false",
            "for",
            "function",
            "goto",
            "if",
            "in",
            "local",
            "nil",
            "not",
            "or",
            "repeat",
            "return",
            "then",
            "true",
            "until",
            "while",
            "..",
            "...",
            "==",
            ">=",
            "<=",
            "~=",
            "::",
            "<eof>",
            "<number>",
            "<name>",
            "<string>",
            "<eof>");

    private SyntaxText() {}

    static String readable(String message) {
        Matcher unexpected = UNEXPECTED.matcher(message);
        if (!unexpected.find()) {
            return message;
        }
        int token = Integer.parseInt(unexpected.group(1));
        int word = token - FIRST_WORD;
        String near = word < 0 ? String.valueOf((char) token) : word < WORDS.size() ? WORDS.get(word) : "?";
        return message.substring(0, unexpected.start()) + "unexpected symbol near '" + near + "'";
    }
}
