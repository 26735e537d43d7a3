package dev.haulout.proxy.sql;

/** One assignment of a {@code SET} statement, session scope only, with a value that is a literal. */
public sealed interface Assignment {

    /**
     * {@code [SESSION|LOCAL|@@session.|@@local.|@@] name = value}.
     *
     * @param name the variable, in lower case
     * @param scope how its scope was written
     * @param value what is assigned
     */
    record SystemVariable(String name, Scope scope, Value value) implements Assignment {}

    /** How a session variable's scope is written. The value is the same, but not what the server does around it. */
    enum Scope {
        /** {@code name}. */
        PLAIN,
        /** {@code SESSION name}, {@code LOCAL name}, {@code @@session.name} or {@code @@local.name}. */
        SESSION,
        /** {@code @@name}: some variables mean the next transaction then, and session tracking reports none. */
        BARE
    }

    /**
     * {@code @name = value}.
     *
     * @param name the user variable without its {@code @}, as written
     * @param value what is assigned
     */
    record UserVariable(String name, Value value) implements Assignment {}

    /**
     * {@code NAMES charset [COLLATE collation]}.
     *
     * @param charset in lower case
     * @param collation in lower case, or null for the character set's default
     */
    record Names(String charset, String collation) implements Assignment {}

    /**
     * {@code CHARACTER SET charset}.
     *
     * @param charset in lower case
     */
    record CharacterSet(String charset) implements Assignment {}

    /**
     * {@code SESSION TRANSACTION ISOLATION LEVEL ...}.
     *
     * @param level as the server shows it, for example {@code READ-COMMITTED}
     */
    record Isolation(String level) implements Assignment {}

    /**
     * {@code SESSION TRANSACTION READ ONLY} or {@code READ WRITE}.
     *
     * @param readOnly whether later transactions are read-only
     */
    record Access(boolean readOnly) implements Assignment {}

    /** The right-hand side of an assignment. */
    sealed interface Value {
        /**
         * An integer literal.
         *
         * @param number at most 18 digits
         */
        record Int(long number) implements Value {}

        /**
         * A string literal of ASCII bytes.
         *
         * @param text its content
         */
        record Text(String text) implements Value {}

        /**
         * A bare word such as {@code ON}, {@code TRUE} or {@code utf8mb4}.
         *
         * @param word as written
         */
        record Word(String word) implements Value {}

        /** {@code DEFAULT}: the global value. */
        record Default() implements Value {}

        /** {@code NULL}. */
        record Null() implements Value {}

        /**
         * {@code CONCAT(@@[scope.]variable, 'suffix')}, as MariaDB's connectors write it.
         *
         * @param variable in lower case
         * @param global whether the global value is read
         * @param suffix what is appended
         */
        record Appended(String variable, boolean global, String suffix) implements Value {}
    }
}
