package dev.haulout.e2e.drivers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** The client program for JDBC drivers; what it is to do stands in {@code e2e/drivers/README.md}. */
final class JdbcClient {
    private JdbcClient() {}

    /**
     * Takes the URL's scheme ({@code mariadb} or {@code mysql}), further options of the URL, host, port, user, password and
     * database. With options each statement is prepared, once.
     */
    public static void main(String[] args) throws SQLException, IOException {
        String url =
                "jdbc:" + args[0] + "://" + args[2] + ":" + args[3] + "/" + args[6] + "?connectTimeout=1000&" + args[1];
        boolean prepares = !args[1].isEmpty();
        Map<String, PreparedStatement> prepared = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(url, args[4], args[5]);
                Statement statement = connection.createStatement();
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("connected");
            for (String sql = lines.readLine(); sql != null; sql = lines.readLine()) {
                if (prepares && !prepared.containsKey(sql)) {
                    prepared.put(sql, connection.prepareStatement(sql));
                }
                try (ResultSet rows = prepares ? prepared.get(sql).executeQuery() : statement.executeQuery(sql)) {
                    rows.next();
                    System.out.println(rows.getString(1));
                }
            }
        }
    }
}
