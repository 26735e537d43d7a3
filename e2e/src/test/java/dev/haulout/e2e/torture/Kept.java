package dev.haulout.e2e.torture;

import dev.haulout.e2e.torture.Reckoning.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The table that writers write. */
public final class Kept {
    private Kept() {}

    /** Makes it, and a procedure that answers long after its row is there. */
    public static void create(Statement statement) throws SQLException {
        // no unique key: a row that is written twice is to be seen
        statement.execute("CREATE TABLE kept (id BIGINT NOT NULL, unit BIGINT NOT NULL, writer INT, KEY by_id (id))");
        statement.execute("CREATE PROCEDURE linger(IN row_id BIGINT, IN seconds DOUBLE) BEGIN"
                + " INSERT INTO kept (id, unit, writer) VALUES (row_id, row_id, @writer);"
                + " DO SLEEP(seconds); END");
    }

    /** All rows, read by the table and counted again by its index; {@code faults} gets what those two differ in. */
    public static List<Row> read(Statement statement, List<String> faults) throws SQLException {
        List<Row> table = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT id, unit, writer FROM kept IGNORE INDEX (by_id)")) {
            while (rows.next()) {
                int writer = rows.getInt(3);
                table.add(new Row(rows.getLong(1), rows.getLong(2), rows.wasNull() ? null : writer));
            }
        }
        try (ResultSet rows = statement.executeQuery("SELECT COUNT(id) FROM kept FORCE INDEX (by_id)")) {
            rows.next();
            if (rows.getLong(1) != table.size()) {
                faults.add("the index holds " + rows.getLong(1) + " rows, the table " + table.size());
            }
        }
        return table;
    }
}
