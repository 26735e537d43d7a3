package dev.haulout.proxy.sql;

/**
 * One token of a statement text.
 *
 * @param kind what it is
 * @param text its content: a word or number as written, the inside of a quoted identifier or string (doubled quotes
 *     reduced), or the symbol itself
 * @param start offset of its first byte in the statement
 * @param end offset after its last byte
 */
record Token(Kind kind, String text, int start, int end) {
    enum Kind {
        /** An unquoted identifier or keyword. */
        WORD,
        /** An identifier in backquotes. */
        QUOTED_WORD,
        /** A string in single quotes. */
        STRING,
        /** A string or, under ANSI_QUOTES, an identifier: the text alone cannot tell. */
        DOUBLE_QUOTED,
        /** An unsigned decimal integer. */
        INTEGER,
        /** Any other number, or what looks like one. */
        NUMBER,
        /** {@code @} or {@code @@} directly before a name, or one other character. */
        SYMBOL
    }

    boolean isWord(String keyword) {
        return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
    }

    boolean isSymbol(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }
}
