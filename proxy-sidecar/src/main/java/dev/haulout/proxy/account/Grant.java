package dev.haulout.proxy.account;

import java.util.Locale;
import java.util.Objects;

/**
 * Any privilege within a database: what it is doesn't matter to USE.
 *
 * @param user the grantee: an account's name, empty for everybody, or a role
 * @param host the grantee's host pattern; empty for a role
 * @param database a name; a pattern when granted on the whole database
 * @param onDatabase whether it comes from {@code mysql.db}, else from a table, column or routine
 */
record Grant(String user, String host, String database, boolean onDatabase) {
    Grant {
        Objects.requireNonNull(user);
        Objects.requireNonNull(host);
        Objects.requireNonNull(database);
    }

    boolean covers(String name, boolean ignoreCase) {
        String granted = ignoreCase ? database.toLowerCase(Locale.ROOT) : database;
        return onDatabase ? Wildcard.matches(name, granted, false) : name.equals(granted);
    }
}
