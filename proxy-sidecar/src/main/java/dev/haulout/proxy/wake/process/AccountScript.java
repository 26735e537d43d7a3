package dev.haulout.proxy.wake.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The SQL that gives a fresh data directory its accounts, run by the server itself (its {@code init-file}) before it
 * accepts the first connection. Running it twice is the same as running it once, so a start cut short in between does no
 * harm. It holds hashes, never passwords. A statement ends with the line.
 */
final class AccountScript {
    /** Our own account's name. */
    static final String SERVICE_USER = "haulout";

    /**
     * What our account needs: to stop the server, to see who is connected and kill, to set globals, to get in when
     * {@code max_connections} are used up, to list schemas and tables (for MEMORY tables). Not: to read or change a
     * single row of a user's data, or to give rights.
     */
    private static final String SERVICE_PRIVILEGES =
            "SHUTDOWN, PROCESS, RELOAD, SUPER, CONNECTION ADMIN, BINLOG ADMIN, BINLOG MONITOR, READ_ONLY ADMIN, "
                    + "REPLICATION MASTER ADMIN, REPLICATION SLAVE ADMIN, SHOW DATABASES, SHOW VIEW";

    private AccountScript() {}

    static String of(Secrets secrets, Optional<ApplicationAccount> application) {
        List<String> statements = new ArrayList<>();
        String service = quoted(SERVICE_USER) + "@localhost";
        statements.add("CREATE OR REPLACE USER " + service + identified(secrets.service()));
        statements.add("GRANT " + SERVICE_PRIVILEGES + " ON *.* TO " + service);
        statements.add("GRANT SELECT ON mysql.* TO " + service);
        // Not by ALTER USER: that wants the plugin unix_socket, which our servers run without. Only where root still
        // has
        // that alternative, which is how the server's own scripts made it: a root that a person has changed is theirs.
        statements.add("UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.plugin', 'mysql_native_password',"
                + " '$.authentication_string', '" + Secrets.nativeHash(secrets.root()) + "')"
                + " WHERE Host = 'localhost' AND User = 'root'"
                + " AND JSON_CONTAINS(Priv, '{\"plugin\": \"unix_socket\"}', '$.auth_or')");
        statements.add("FLUSH PRIVILEGES");
        application.ifPresent(account -> {
            String user = quoted(account.user()) + "@`%`";
            statements.add("CREATE DATABASE IF NOT EXISTS " + quoted(account.database()));
            statements.add("CREATE USER IF NOT EXISTS " + user + identified(account.password()));
            statements.add("GRANT ALL PRIVILEGES ON " + quoted(literalPattern(account.database())) + ".* TO " + user);
        });
        return String.join(";\n", statements) + ";\n";
    }

    private static String identified(String password) {
        return " IDENTIFIED VIA mysql_native_password USING '" + Secrets.nativeHash(password) + "'";
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** A schema in a GRANT is a LIKE pattern. */
    private static String literalPattern(String database) {
        return database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%");
    }
}
