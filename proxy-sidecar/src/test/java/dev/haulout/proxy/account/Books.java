package dev.haulout.proxy.account;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Account books without a server: from rows as a server would answer them. */
final class Books {
    static final String NATIVE =
            "\"plugin\":\"mysql_native_password\",\"authentication_string\":\"*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19\"";
    static final String ED25519 =
            "\"plugin\":\"ed25519\",\"authentication_string\":\"ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY\"";

    private String settings = "1,0,0,0,0,10.11.19-MariaDB";
    private final List<List<String>> accounts = new ArrayList<>();
    private final List<List<String>> database = new ArrayList<>();

    static Books with() {
        return new Books();
    }

    /** The columns of {@link ServerSettings}, in order. */
    Books settings(String commaSeparated) {
        settings = commaSeparated;
        return this;
    }

    Books account(String user, String host, String keys) {
        accounts.add(List.of(host, user, "{" + keys + "}"));
        return this;
    }

    Books grant(String user, String host, String databasePattern) {
        database.add(List.of(host, databasePattern, user, "Y", "N"));
        return this;
    }

    AccountBook read() throws IOException {
        return AccountBook.read(sql -> {
            if (sql.contains("@@global")) {
                return List.of(Arrays.asList(settings.split(",")));
            }
            if (sql.contains("global_priv")) {
                return accounts;
            }
            if (sql.contains("mysql.db")) {
                return database;
            }
            return sql.contains("SCHEMATA") ? List.of(List.of("shop"), List.of("mysql")) : List.of();
        });
    }
}
