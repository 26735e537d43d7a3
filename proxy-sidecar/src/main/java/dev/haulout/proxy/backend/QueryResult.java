package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.SqlError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server answered to a statement of ours, text protocol.
 *
 * @param error null where there was none
 * @param rows the cells as sent, null for SQL NULL; empty where the statement has no result set
 */
public record QueryResult(SqlError error, List<byte[][]> rows) {

    /** The rows as text in UTF-8. */
    public List<List<String>> text() {
        List<List<String>> text = new ArrayList<>(rows.size());
        for (byte[][] row : rows) {
            List<String> cells = new ArrayList<>(row.length);
            for (byte[] cell : row) {
                cells.add(cell == null ? null : new String(cell, StandardCharsets.UTF_8));
            }
            text.add(cells);
        }
        return text;
    }
}
