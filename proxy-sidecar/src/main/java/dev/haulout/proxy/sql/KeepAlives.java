package dev.haulout.proxy.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Statements that an owner calls keep-alives. A text is one of them when it is the same word for word: white space,
 * comments, a semicolon at the end and the case of unquoted words make no difference. The cost of a comparison grows with
 * the text alone, however many statements are listed.
 */
public final class KeepAlives {
    /** None. */
    public static final KeepAlives NONE = new KeepAlives(List.of());

    /** Who pings says little. */
    private static final int LONGEST = 1024;

    private final Set<List<String>> texts = new HashSet<>();

    /** @param statements as they are written; one that can be read in two ways is never met */
    public KeepAlives(List<String> statements) {
        for (String statement : statements) {
            List<String> words = words(statement.getBytes(StandardCharsets.UTF_8));
            if (!words.isEmpty()) {
                texts.add(words);
            }
        }
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return texts.isEmpty();
    }

    /**
     * Whether that statement is one of them.
     *
     * @param text of a COM_QUERY as sent
     */
    public boolean contains(byte[] text) {
        return !texts.isEmpty() && text.length <= LONGEST && texts.contains(words(text));
    }

    /** The tokens, told apart by kind; none when the text can be read in two ways. */
    private static List<String> words(byte[] text) {
        Lexer.Lexed lexed = Lexer.lex(text, true);
        if (!lexed.plain()) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        for (Token token : lexed.tokens()) {
            String content = token.kind() == Token.Kind.WORD ? token.text().toUpperCase(Locale.ROOT) : token.text();
            words.add(token.kind() + " " + content);
        }
        if (!words.isEmpty() && lexed.tokens().getLast().isSymbol(";")) {
            words.removeLast();
        }
        return words;
    }
}
