package dev.haulout.proxy.sql;

import dev.haulout.proxy.sql.Assignment.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads {@code SET}: session scope only, and literals only. */
final class SetReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,60}");

    private final Cursor cursor;

    SetReader(Cursor cursor) {
        this.cursor = cursor;
    }

    /** The statement, or null when some part of it is not certain; SET itself is passed already. */
    Statement read() {
        List<Assignment> assignments = new ArrayList<>();
        if (cursor.peek(1) != null
                && scopeWord(cursor.peek(0))
                && cursor.peek(1).isWord("TRANSACTION")) {
            cursor.skip(2);
            return transaction(assignments);
        }
        do {
            Assignment assignment = assignment();
            if (assignment == null) {
                return null;
            }
            assignments.add(assignment);
        } while (cursor.symbol(","));
        return new Statement.SetVariables(assignments);
    }

    static boolean scopeWord(Token token) {
        return token != null && (token.isWord("SESSION") || token.isWord("LOCAL"));
    }

    private Statement transaction(List<Assignment> assignments) {
        boolean level = false;
        boolean access = false;
        do {
            if (cursor.word("ISOLATION")) {
                String name = cursor.word("LEVEL") ? isolationLevel() : null;
                if (level || name == null) {
                    return null;
                }
                level = true;
                assignments.add(new Assignment.Isolation(name));
            } else if (cursor.word("READ")) {
                boolean only = cursor.word("ONLY");
                if (access || !(only || cursor.word("WRITE"))) {
                    return null;
                }
                access = true;
                assignments.add(new Assignment.Access(only));
            } else {
                return null;
            }
        } while (cursor.symbol(","));
        return new Statement.SetVariables(assignments);
    }

    private String isolationLevel() {
        if (cursor.word("SERIALIZABLE")) {
            return "SERIALIZABLE";
        }
        if (cursor.word("REPEATABLE")) {
            return cursor.word("READ") ? "REPEATABLE-READ" : null;
        }
        if (!cursor.word("READ")) {
            return null;
        }
        if (cursor.word("COMMITTED")) {
            return "READ-COMMITTED";
        }
        return cursor.word("UNCOMMITTED") ? "READ-UNCOMMITTED" : null;
    }

    private Assignment assignment() {
        if (cursor.symbol("@")) {
            String name = name();
            Value value = name != null && assign() ? value() : null;
            return value == null ? null : new Assignment.UserVariable(name, value);
        }
        if (cursor.symbol("@@")) {
            boolean scoped = scopeWord(cursor.peek(0))
                    && cursor.peek(1) != null
                    && cursor.peek(1).isSymbol(".");
            if (scoped) {
                cursor.skip(2);
            }
            return systemVariable(scoped ? Assignment.Scope.SESSION : Assignment.Scope.BARE);
        }
        if (cursor.word("NAMES")) {
            return names();
        }
        if (cursor.peek(0) != null && cursor.peek(0).isWord("CHARSET")) {
            return null;
        }
        if (cursor.peek(0) != null && cursor.peek(0).isWord("CHARACTER")) {
            cursor.skip(1);
            String charset = cursor.word("SET") ? charsetName() : null;
            return charset == null ? null : new Assignment.CharacterSet(charset);
        }
        boolean scoped = scopeWord(cursor.peek(0));
        if (scoped) {
            cursor.skip(1);
        }
        return systemVariable(scoped ? Assignment.Scope.SESSION : Assignment.Scope.PLAIN);
    }

    private Assignment names() {
        String charset = charsetName();
        if (charset == null) {
            return null;
        }
        if (!cursor.word("COLLATE")) {
            return new Assignment.Names(charset, null);
        }
        String collation = charsetName();
        return collation == null ? null : new Assignment.Names(charset, collation);
    }

    private String charsetName() {
        Token token = cursor.next();
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
        Token token = cursor.next();
        boolean named = token != null
                && (token.kind() == Token.Kind.WORD || token.kind() == Token.Kind.QUOTED_WORD)
                && NAME.matcher(token.text()).matches();
        // a.b is a key cache, a routine's variable or a user variable with a dot
        return named && (cursor.peek(0) == null || !cursor.peek(0).isSymbol(".")) ? token.text() : null;
    }

    private boolean assign() {
        return cursor.symbol("=") || (cursor.symbol(":") && adjacentEquals());
    }

    private boolean adjacentEquals() {
        Token colon = cursor.passed(cursor.position() - 1);
        return cursor.peek(0) != null && cursor.peek(0).start() == colon.end() && cursor.symbol("=");
    }

    private Value value() {
        Token token = cursor.next();
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
        Token digits = cursor.next();
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
        if (!cursor.symbol("(") || !cursor.symbol("@@")) {
            return null;
        }
        boolean global = cursor.word("GLOBAL");
        if ((global || cursor.word("SESSION") || cursor.word("LOCAL")) && !cursor.symbol(".")) {
            return null;
        }
        String variable = name();
        if (variable == null || !cursor.symbol(",")) {
            return null;
        }
        Token suffix = cursor.next();
        if (suffix == null || suffix.kind() != Token.Kind.STRING || !cursor.symbol(")") || !endOfValue()) {
            return null;
        }
        return new Value.Appended(variable.toLowerCase(Locale.ROOT), global, suffix.text());
    }

    private boolean endOfValue() {
        Token token = cursor.peek(0);
        return token == null || token.isSymbol(",") || token.isSymbol(";");
    }
}
