package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
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

    /** How many columns a server's SELECT can have. */
    private static final int MOST_COLUMNS = 4096;

    /**
     * Reads the first result set of an answer; further ones are passed over.
     *
     * @param answer all of it, frame by frame
     * @param eof whether an EOF packet stands between the columns and the rows (no DEPRECATE_EOF)
     * @throws MalformedPacketException where it is none
     */
    static QueryResult read(ByteBuf answer, boolean eof) {
        ByteBuf head = Wire.readFrame(answer);
        int first = head.isReadable() ? head.getUnsignedByte(head.readerIndex()) : -1;
        if (first == 0xff) {
            return new QueryResult(SqlError.read(head), List.of());
        }
        List<byte[][]> rows = new ArrayList<>();
        if (first == 0x00) {
            return new QueryResult(null, rows);
        }
        long count = Wire.readLengthEncoded(head);
        if (count < 1 || count > MOST_COLUMNS) {
            throw new MalformedPacketException("a result set of " + count + " columns");
        }
        int columns = (int) count;
        for (int i = 0; i < columns + (eof ? 1 : 0); i++) {
            Wire.readFrame(answer);
        }
        while (answer.isReadable()) {
            ByteBuf row = Wire.readFrame(answer);
            int mark = row.isReadable() ? row.getUnsignedByte(row.readerIndex()) : -1;
            if (mark == 0xff) {
                return new QueryResult(SqlError.read(row), List.of());
            }
            if (mark == 0xfe && row.readableBytes() < (eof ? 9 : Wire.MAX_PAYLOAD)) {
                break;
            }
            byte[][] cells = new byte[columns][];
            for (int i = 0; i < columns; i++) {
                cells[i] = Wire.readCell(row);
            }
            rows.add(cells);
        }
        return new QueryResult(null, rows);
    }

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
