package dev.haulout.e2e.drivers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The client program for JDBC drivers; what it is to do stands in {@code e2e/drivers/README.md}. */
final class JdbcClient {
    private JdbcClient() {}

    /** Takes the URL's scheme ({@code mariadb} or {@code mysql}), host, port, user, password and database. */
    public static void main(String[] args) throws SQLException, IOException {
        String url = "jdbc:" + args[0] + "://" + args[1] + ":" + args[2] + "/" + args[5] + "?connectTimeout=1000";
        try (Connection connection = DriverManager.getConnection(url, args[3], args[4]);
                Statement statement = connection.createStatement();
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("connected");
            for (String sql = lines.readLine(); sql != null; sql = lines.readLine()) {
                try (ResultSet rows = statement.executeQuery(sql)) {
                    rows.next();
                    System.out.println(rows.getString(1));
                }
            }
        }
    }
}
