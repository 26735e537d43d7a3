package dev.haulout.proxy.sql;

import java.util.List;

/** A place in a list of tokens, moved by whoever reads them. */
final class Cursor {
    private final List<Token> tokens;
    private int at;

    Cursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** How many tokens were passed. */
    int position() {
        return at;
    }

    boolean atEnd() {
        return at == tokens.size();
    }

    /** A token already passed, by its place. */
    Token passed(int position) {
        return tokens.get(position);
    }

    void skip(int count) {
        at += count;
    }

    /** The token that many places ahead, or null beyond the end. */
    Token peek(int offset) {
        return at + offset < tokens.size() ? tokens.get(at + offset) : null;
    }

    /** The next token, passed, or null at the end. */
    Token next() {
        return at < tokens.size() ? tokens.get(at++) : null;
    }

    /** Whether the next token is that keyword; passed if so. */
    boolean word(String keyword) {
        Token token = peek(0);
        if (token != null && token.isWord(keyword)) {
            at++;
            return true;
        }
        return false;
    }

    /** Whether the next token is that symbol; passed if so. */
    boolean symbol(String symbol) {
        Token token = peek(0);
        if (token != null && token.isSymbol(symbol)) {
            at++;
            return true;
        }
        return false;
    }
}
