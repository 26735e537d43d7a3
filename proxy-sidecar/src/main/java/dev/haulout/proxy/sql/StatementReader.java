package dev.haulout.proxy.sql;

import dev.haulout.proxy.sql.Assignment.Value;
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
    private final List<Token> tokens;
    private int at;

    private StatementReader(Lexer.Lexed lexed) {
        this.lexed = lexed;
        this.tokens = lexed.tokens();
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
        Token first = next();
        if (first == null || first.kind() != Token.Kind.WORD) {
            return null;
        }
        Statement statement = switch (first.text().toUpperCase(Locale.ROOT)) {
            case "SELECT" -> select();
            case "DO" -> literal() == null ? null : new Statement.Do();
            case "SET" -> set();
            case "USE" -> use();
            case "BEGIN" -> work(new Statement.Begin());
            case "START" -> word("TRANSACTION") ? new Statement.Begin() : null;
            case "COMMIT" -> work(new Statement.Commit());
            case "ROLLBACK" -> work(new Statement.Rollback());
            default -> null;
        };
        if (statement == null) {
            return null;
        }
        // A server that takes several statements sees an empty second one in a comment after the semicolon.
        boolean ended = !symbol(";") || lexed.spaceAfter(tokens.get(at - 1));
        return ended && at == tokens.size() ? statement : null;
    }

    private Statement work(Statement statement) {
        word("WORK");
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
        } while (symbol(","));
        if (word("FROM") && !word("DUAL")) {
            return null;
        }
        if (word("LIMIT")) {
            Token limit = next();
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
            int start = at;
            value = knownValue();
            if (value == null) {
                return null;
            }
            name = lexed.written(tokens.get(start), tokens.get(at - 1));
        }
        String alias = alias();
        if (alias == null) {
            return null;
        }
        return new Statement.Column(value, alias.isEmpty() ? name : alias);
    }

    /** An integer or string literal whose metadata is beyond doubt, or null with nothing consumed. */
    private Constant literal() {
        Token token = peek(0);
        if (token == null) {
            return null;
        }
        if (token.kind() == Token.Kind.STRING) {
            if (!HARMLESS.matcher(token.text()).matches()) {
                return null;
            }
            at++;
            return new Constant.Text(token.text());
        }
        boolean negative = token.isSymbol("-");
        Token digits = negative ? peek(1) : token;
        if (digits == null
                || digits.kind() != Token.Kind.INTEGER
                || !digits.text().matches(negative ? "[1-9][0-9]{0,7}" : "0|[1-9][0-9]{0,8}")
                || (negative && digits.start() != token.end())) {
            return null;
        }
        at += negative ? 2 : 1;
        return new Constant.Int((negative ? "-" : "") + digits.text());
    }

    private Constant knownValue() {
        if (symbol("@@")) {
            return variable(at - 1);
        }
        Token function = next();
        Token open = next();
        Token close = next();
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
        if (peek(1) != null && peek(1).isSymbol(".")) {
            scope = peek(0).isWord("GLOBAL") ? Constant.Scope.GLOBAL : Constant.Scope.SESSION;
            if (scope == Constant.Scope.SESSION && !scopeWord(peek(0))) {
                return null;
            }
            at += 2;
        }
        Token name = next();
        if (name == null || name.kind() != Token.Kind.WORD || (peek(0) != null && peek(0).isSymbol("."))) {
            return null;
        }
        for (int i = start + 1; i < at; i++) {
            if (tokens.get(i).start() != tokens.get(i - 1).end()) {
                return null;
            }
        }
        return new Constant.Variable(name.text().toLowerCase(Locale.ROOT), scope);
    }

    /** The alias, empty when there is none, null when there is one that is not certain. */
    private String alias() {
        boolean as = word("AS");
        Token token = peek(0);
        if (token == null
                || token.isSymbol(";")
                || token.isSymbol(",")
                || (!as && (token.isWord("FROM") || token.isWord("LIMIT")))) {
            return as ? null : "";
        }
        at++;
        boolean named = token.kind() == Token.Kind.QUOTED_WORD
                || (token.kind() == Token.Kind.WORD && !ReservedWords.contains(token.text()));
        return named && ALIAS.matcher(token.text()).matches() ? token.text() : null;
    }

    // ---- USE

    private Statement use() {
        Token token = next();
        if (token == null || token.text().isEmpty() || token.text().length() > 64) {
            return null;
        }
        boolean name = token.kind() == Token.Kind.QUOTED_WORD
                || (token.kind() == Token.Kind.WORD && !ReservedWords.contains(token.text()));
        return name ? new Statement.Use(token.text()) : null;
    }

    // ---- SET

    private Statement set() {
        List<Assignment> assignments = new ArrayList<>();
        if (tokens.size() > 3 && scopeWord(peek(0)) && tokens.get(2).isWord("TRANSACTION")) {
            at += 2;
            return transaction(assignments);
        }
        do {
            Assignment assignment = assignment();
            if (assignment == null) {
                return null;
            }
            assignments.add(assignment);
        } while (symbol(","));
        return new Statement.SetVariables(assignments);
    }

    private static boolean scopeWord(Token token) {
        return token != null && (token.isWord("SESSION") || token.isWord("LOCAL"));
    }

    private Statement transaction(List<Assignment> assignments) {
        boolean level = false;
        boolean access = false;
        do {
            if (word("ISOLATION")) {
                String name = word("LEVEL") ? isolationLevel() : null;
                if (level || name == null) {
                    return null;
                }
                level = true;
                assignments.add(new Assignment.Isolation(name));
            } else if (word("READ")) {
                boolean only = word("ONLY");
                if (access || !(only || word("WRITE"))) {
                    return null;
                }
                access = true;
                assignments.add(new Assignment.Access(only));
            } else {
                return null;
            }
        } while (symbol(","));
        return new Statement.SetVariables(assignments);
    }

    private String isolationLevel() {
        if (word("SERIALIZABLE")) {
            return "SERIALIZABLE";
        }
        if (word("REPEATABLE")) {
            return word("READ") ? "REPEATABLE-READ" : null;
        }
        if (!word("READ")) {
            return null;
        }
        if (word("COMMITTED")) {
            return "READ-COMMITTED";
        }
        return word("UNCOMMITTED") ? "READ-UNCOMMITTED" : null;
    }

    private Assignment assignment() {
        if (symbol("@")) {
            String name = name();
            Value value = name != null && assign() ? value() : null;
            return value == null ? null : new Assignment.UserVariable(name, value);
        }
        if (symbol("@@")) {
            boolean scoped = scopeWord(peek(0)) && peek(1) != null && peek(1).isSymbol(".");
            if (scoped) {
                at += 2;
            }
            return systemVariable(scoped ? Assignment.Scope.SESSION : Assignment.Scope.BARE);
        }
        if (word("NAMES")) {
            return names();
        }
        if (peek(0) != null && peek(0).isWord("CHARSET")) {
            return null;
        }
        if (peek(0) != null && peek(0).isWord("CHARACTER")) {
            at++;
            String charset = word("SET") ? charsetName() : null;
            return charset == null ? null : new Assignment.CharacterSet(charset);
        }
        boolean scoped = scopeWord(peek(0));
        if (scoped) {
            at++;
        }
        return systemVariable(scoped ? Assignment.Scope.SESSION : Assignment.Scope.PLAIN);
    }

    private Assignment names() {
        String charset = charsetName();
        if (charset == null) {
            return null;
        }
        if (!word("COLLATE")) {
            return new Assignment.Names(charset, null);
        }
        String collation = charsetName();
        return collation == null ? null : new Assignment.Names(charset, collation);
    }

    private String charsetName() {
        Token token = next();
        if (token == null
                || (token.kind() != Token.Kind.WORD && token.kind() != Token.Kind.STRING)
                || token.isWord("DEFAULT")) {
            return null;
        }
        return token.text().toLowerCase(Locale.ROOT);
    }

    private Assignment systemVariable(Assignment.Scope scope) {
        String name = name();
        if (name == null || ReservedWords.contains(name)) {
            return null;
        }
        Value value = assign() ? value() : null;
        return value == null ? null : new Assignment.SystemVariable(name.toLowerCase(Locale.ROOT), scope, value);
    }

    private String name() {
        Token token = next();
        boolean named = token != null
                && (token.kind() == Token.Kind.WORD || token.kind() == Token.Kind.QUOTED_WORD)
                && ALIAS.matcher(token.text()).matches();
        // a.b is a key cache, a routine's variable or a user variable with a dot
        return named && (peek(0) == null || !peek(0).isSymbol(".")) ? token.text() : null;
    }

    private boolean assign() {
        return symbol("=") || (symbol(":") && at < tokens.size() && adjacentEquals());
    }

    private boolean adjacentEquals() {
        return tokens.get(at).start() == tokens.get(at - 1).end() && symbol("=");
    }

    private Value value() {
        Token token = next();
        if (token == null) {
            return null;
        }
        return switch (token.kind()) {
            case INTEGER -> token.text().length() <= 18 ? new Value.Int(Long.parseLong(token.text())) : null;
            case STRING -> endOfValue() ? new Value.Text(token.text()) : null;
            case SYMBOL -> negative(token);
            case WORD -> wordValue(token);
            case QUOTED_WORD, DOUBLE_QUOTED, NUMBER -> null;
        };
    }

    private Value negative(Token minus) {
        Token digits = next();
        boolean number = minus.isSymbol("-")
                && digits != null
                && digits.kind() == Token.Kind.INTEGER
                && digits.text().length() <= 18;
        return number ? new Value.Int(-Long.parseLong(digits.text())) : null;
    }

    private Value wordValue(Token token) {
        if (token.isWord("DEFAULT")) {
            return new Value.Default();
        }
        if (token.isWord("NULL")) {
            return new Value.Null();
        }
        if (token.isWord("CONCAT")) {
            return appended();
        }
        // Any other word may stand before "(" or "." and be a call or a column.
        return endOfValue() ? new Value.Word(token.text()) : null;
    }

    private Value appended() {
        if (!symbol("(") || !symbol("@@")) {
            return null;
        }
        boolean global = word("GLOBAL");
        if ((global || word("SESSION") || word("LOCAL")) && !symbol(".")) {
            return null;
        }
        String variable = name();
        if (variable == null || !symbol(",")) {
            return null;
        }
        Token suffix = next();
        if (suffix == null || suffix.kind() != Token.Kind.STRING || !symbol(")") || !endOfValue()) {
            return null;
        }
        return new Value.Appended(variable.toLowerCase(Locale.ROOT), global, suffix.text());
    }

    private boolean endOfValue() {
        Token token = peek(0);
        return token == null || token.isSymbol(",") || token.isSymbol(";");
    }

    // ---- tokens

    private Token peek(int offset) {
        return at + offset < tokens.size() ? tokens.get(at + offset) : null;
    }

    private Token next() {
        return at < tokens.size() ? tokens.get(at++) : null;
    }

    private boolean word(String keyword) {
        Token token = peek(0);
        if (token != null && token.isWord(keyword)) {
            at++;
            return true;
        }
        return false;
    }

    private boolean symbol(String symbol) {
        Token token = peek(0);
        if (token != null && token.isSymbol(symbol)) {
            at++;
            return true;
        }
        return false;
    }
}
