package dev.haulout.proxy.sql;

import dev.haulout.proxy.sql.Statement.Constant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Recognises the statements a door may answer or defer; gives up at the first thing that is not exactly as expected. */
final class StatementReader {
    /** A text longer than this is none of ours. */
    private static final int LONGEST = 4096;

    private static final int MOST_COLUMNS = 100;

    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_ .:-]{0,58}[A-Za-z0-9_])?");
    private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9_]{1,60}");

    private final Lexer.Lexed lexed;
    private final Cursor cursor;

    private StatementReader(Lexer.Lexed lexed) {
        this.lexed = lexed;
        this.cursor = new Cursor(lexed.tokens());
    }

    static Statement read(byte[] text) {
        if (text.length <= LONGEST) {
            Lexer.Lexed lexed = Lexer.lex(text, true);
            if (lexed.plain()) {
                Statement known = new StatementReader(lexed).known();
                if (known != null) {
                    return known;
                }
            }
        }
        return OtherReader.read(text);
    }

    private Statement known() {
        Token first = cursor.next();
        if (first == null || first.kind() != Token.Kind.WORD) {
            return null;
        }
        Statement statement = switch (first.text().toUpperCase(Locale.ROOT)) {
            case "SELECT" -> select();
            case "DO" -> literal() == null ? null : new Statement.Do();
            case "SET" -> new SetReader(cursor).read();
            case "USE" -> use();
            case "BEGIN" -> work(new Statement.Begin());
            case "START" -> cursor.word("TRANSACTION") ? new Statement.Begin() : null;
            case "COMMIT" -> work(new Statement.Commit());
            case "ROLLBACK" -> work(new Statement.Rollback());
            default -> null;
        };
        if (statement == null) {
            return null;
        }
        // A server that takes several statements sees an empty second one in a comment after the semicolon.
        boolean ended = !cursor.symbol(";") || lexed.spaceAfter(last());
        return ended && cursor.atEnd() ? statement : null;
    }

    private Token last() {
        return cursor.passed(cursor.position() - 1);
    }

    private Statement work(Statement statement) {
        cursor.word("WORK");
        return statement;
    }

    // ---- SELECT and DO

    private Statement select() {
        List<Statement.Column> columns = new ArrayList<>();
        do {
            Statement.Column column = column();
            if (column == null || columns.size() == MOST_COLUMNS) {
                return null;
            }
            columns.add(column);
        } while (cursor.symbol(","));
        if (cursor.word("FROM") && !cursor.word("DUAL")) {
            return null;
        }
        if (cursor.word("LIMIT")) {
            Token limit = cursor.next();
            if (limit == null
                    || limit.kind() != Token.Kind.INTEGER
                    || !limit.text().matches("[1-9][0-9]{0,8}")) {
                return null;
            }
        }
        return new Statement.Select(columns);
    }

    private Statement.Column column() {
        Constant value = literal();
        String name;
        if (value instanceof Constant.Int(String digits)) {
            name = digits;
        } else if (value instanceof Constant.Text(String text)) {
            name = text;
        } else {
            int start = cursor.position();
            value = knownValue();
            if (value == null) {
                return null;
            }
            name = lexed.written(cursor.passed(start), last());
        }
        String alias = alias();
        if (alias == null) {
            return null;
        }
        return new Statement.Column(value, alias.isEmpty() ? name : alias);
    }

    /** An integer or string literal whose metadata is beyond doubt, or null with nothing consumed. */
    private Constant literal() {
        Token token = cursor.peek(0);
        if (token == null) {
            return null;
        }
        if (token.kind() == Token.Kind.STRING) {
            if (!HARMLESS.matcher(token.text()).matches()) {
                return null;
            }
            cursor.skip(1);
            return new Constant.Text(token.text());
        }
        boolean negative = token.isSymbol("-");
        Token digits = negative ? cursor.peek(1) : token;
        if (digits == null
                || digits.kind() != Token.Kind.INTEGER
                || !digits.text().matches(negative ? "[1-9][0-9]{0,7}" : "0|[1-9][0-9]{0,8}")
                || (negative && digits.start() != token.end())) {
            return null;
        }
        cursor.skip(negative ? 2 : 1);
        return new Constant.Int((negative ? "-" : "") + digits.text());
    }

    private Constant knownValue() {
        if (cursor.symbol("@@")) {
            return variable(cursor.position() - 1);
        }
        Token function = cursor.next();
        Token open = cursor.next();
        Token close = cursor.next();
        boolean called = close != null
                && open.isSymbol("(")
                && close.isSymbol(")")
                && open.start() == function.end()
                && close.start() == open.end();
        if (!called) {
            return null;
        }
        if (function.isWord("VERSION")) {
            return Constant.Function.VERSION;
        }
        return function.isWord("DATABASE") ? Constant.Function.DATABASE : null;
    }

    /** A variable whose {@code @@} is the token at start; written without a space, so that its column's name is sure. */
    private Constant variable(int start) {
        Constant.Scope scope = Constant.Scope.ANY;
        if (cursor.peek(1) != null && cursor.peek(1).isSymbol(".")) {
            scope = cursor.peek(0).isWord("GLOBAL") ? Constant.Scope.GLOBAL : Constant.Scope.SESSION;
            if (scope == Constant.Scope.SESSION && !SetReader.scopeWord(cursor.peek(0))) {
                return null;
            }
            cursor.skip(2);
        }
        Token name = cursor.next();
        if (name == null
                || name.kind() != Token.Kind.WORD
                || (cursor.peek(0) != null && cursor.peek(0).isSymbol("."))) {
            return null;
        }
        for (int i = start + 1; i < cursor.position(); i++) {
            if (cursor.passed(i).start() != cursor.passed(i - 1).end()) {
                return null;
            }
        }
        return new Constant.Variable(name.text().toLowerCase(Locale.ROOT), scope);
    }

    /** The alias, empty when there is none, null when there is one that is not certain. */
    private String alias() {
        boolean as = cursor.word("AS");
        Token token = cursor.peek(0);
        if (token == null
                || token.isSymbol(";")
                || token.isSymbol(",")
                || (!as && (token.isWord("FROM") || token.isWord("LIMIT")))) {
            return as ? null : "";
        }
        cursor.skip(1);
        boolean named = token.kind() == Token.Kind.QUOTED_WORD
                || (token.kind() == Token.Kind.WORD && !ReservedWords.contains(token.text()));
        return named && ALIAS.matcher(token.text()).matches() ? token.text() : null;
    }

    // ---- USE

    private Statement use() {
        Token token = cursor.next();
        if (token == null || token.text().isEmpty() || token.text().length() > 64) {
            return null;
        }
        boolean name = token.kind() == Token.Kind.QUOTED_WORD
                || (token.kind() == Token.Kind.WORD && !ReservedWords.contains(token.text()));
        return name ? new Statement.Use(token.text()) : null;
    }
}
