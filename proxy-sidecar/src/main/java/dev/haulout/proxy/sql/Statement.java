package dev.haulout.proxy.sql;

import java.util.List;
import java.util.Set;

/**
 * A statement, read only as far as a door needs. Everything that cannot be read in exactly one way, whatever the
 * session's {@code sql_mode} and the server's version, is {@link Other}.
 */
public sealed interface Statement {

    /**
     * Reads a whole statement text; never throws, whatever its bytes.
     *
     * @param text the text of a COM_QUERY as sent, in any character set a client may use
     */
    static Statement read(byte[] text) {
        return StatementReader.read(text);
    }

    /**
     * Reads the beginning of a statement too long to be looked at whole. Never answerable nor deferrable; classified by
     * what is seen, and not neutral because the rest is unknown.
     *
     * @param prefix the first bytes of the text
     */
    static Other readPrefix(byte[] prefix) {
        return OtherReader.readPrefix(prefix);
    }

    /**
     * Whether the statement only keeps a connection alive (decisions.md 8): it neither wakes nor counts as activity.
     *
     * @param inTransaction whether the session is in a transaction, where COMMIT, ROLLBACK and SET autocommit do work
     */
    default boolean keepAlive(boolean inTransaction) {
        return false;
    }

    /**
     * Whether the server is certain to accept it, without a warning, whenever it is replayed later; as far as the text
     * tells. {@link AsleepAnswer} also knows the server's version, which decides whether a name may stand in
     * {@code session_track_system_variables}.
     */
    default boolean deferrable() {
        return false;
    }

    /** What it may leave behind in the backend session; empty for most. */
    default Set<Pin> pins() {
        return Set.of();
    }

    /**
     * Whether the session's state after it follows from its text and the server's reply alone, so that a session whose
     * server crashed can be rebuilt. Diagnostics, {@code LAST_INSERT_ID()}, {@code FOUND_ROWS()} and the like are left
     * out of account.
     */
    default boolean neutral() {
        return true;
    }

    /**
     * {@code SELECT} of literals and well-known values, each with an optional alias, {@code FROM DUAL} and
     * {@code LIMIT n}.
     *
     * @param columns what is selected, at least one
     */
    record Select(List<Column> columns) implements Statement {
        public Select {
            columns = List.copyOf(columns);
        }

        @Override
        public boolean keepAlive(boolean inTransaction) {
            return columns.stream().allMatch(column -> switch (column.value()) {
                case Constant.Int _, Constant.Text _ -> true;
                case Constant.Variable _, Constant.Function _ -> false;
            });
        }
    }

    /**
     * One column of a {@link Select}.
     *
     * @param value what is selected
     * @param name the column's name in the result
     */
    record Column(Constant value, String name) {}

    /** What a {@link Column} asks for. */
    sealed interface Constant {
        /**
         * An integer literal.
         *
         * @param digits as written, at most nine digits with no leading zero, perhaps a minus
         */
        record Int(String digits) implements Constant {}

        /**
         * A string literal.
         *
         * @param text one to 60 harmless ASCII characters
         */
        record Text(String text) implements Constant {}

        /**
         * {@code @@[session.|local.|global.]name}.
         *
         * @param name in lower case
         * @param scope which of its values
         */
        record Variable(String name, Scope scope) implements Constant {}

        /** Which value of a variable is asked for. */
        enum Scope {
            /** The session's, or the global one where there is no other. */
            ANY,
            /** The session's; an error where there is none. */
            SESSION,
            /** The global one. */
            GLOBAL
        }

        /** A function without arguments. */
        enum Function implements Constant {
            /** {@code VERSION()}. */
            VERSION,
            /** {@code DATABASE()}. */
            DATABASE
        }
    }

    /** {@code DO} with one literal. */
    record Do() implements Statement {
        @Override
        public boolean keepAlive(boolean inTransaction) {
            return true;
        }
    }

    /**
     * {@code SET}, every assignment of which was read.
     *
     * @param assignments in the order written
     */
    record SetVariables(List<Assignment> assignments) implements Statement {
        public SetVariables {
            assignments = List.copyOf(assignments);
        }

        @Override
        public boolean deferrable() {
            return assignments.stream().allMatch(KnownVariables::deferrable);
        }

        @Override
        public boolean keepAlive(boolean inTransaction) {
            return !inTransaction
                    && deferrable()
                    && assignments.size() == 1
                    && assignments.getFirst() instanceof Assignment.SystemVariable variable
                    && variable.name().equals("autocommit");
        }

        @Override
        public Set<Pin> pins() {
            return KnownVariables.pins(assignments);
        }

        /** False where a user variable gets a bare word, which may be a function such as CURRENT_USER. */
        @Override
        public boolean neutral() {
            return assignments.stream()
                    .noneMatch(assignment -> assignment instanceof Assignment.UserVariable variable
                            && variable.value() instanceof Assignment.Value.Word);
        }
    }

    /**
     * {@code USE database}. Whether the account may is for the caller to know.
     *
     * @param database the name as written, quotes removed
     */
    record Use(String database) implements Statement {
        @Override
        public boolean deferrable() {
            return true;
        }
    }

    /** {@code BEGIN [WORK]} or {@code START TRANSACTION}, with nothing more. */
    record Begin() implements Statement {
        @Override
        public boolean deferrable() {
            return true;
        }
    }

    /** {@code COMMIT [WORK]}, with nothing more. */
    record Commit() implements Statement {
        @Override
        public boolean keepAlive(boolean inTransaction) {
            return !inTransaction;
        }
    }

    /** {@code ROLLBACK [WORK]}, with nothing more. */
    record Rollback() implements Statement {
        @Override
        public boolean keepAlive(boolean inTransaction) {
            return !inTransaction;
        }
    }

    /**
     * Anything else: only the server can answer it.
     *
     * @param keyword its first word in upper case, or empty when it has none
     * @param neutral see {@link Statement#neutral()}. Triggers, and functions inside views or column defaults, cannot
     *     be seen in a text; a statement that may fire triggers is called neutral all the same and says so in
     *     {@code mayFireTriggers}
     * @param mayFireTriggers INSERT, UPDATE, DELETE, REPLACE or LOAD: where the instance has triggers, these may set
     *     user variables or take locks, and the session must not be rebuilt from its text
     * @param pins what it may leave behind
     * @param truncated only the beginning of the text was seen
     */
    record Other(String keyword, boolean neutral, boolean mayFireTriggers, Set<Pin> pins, boolean truncated)
            implements Statement {
        public Other {
            pins = Set.copyOf(pins);
        }
    }
}
