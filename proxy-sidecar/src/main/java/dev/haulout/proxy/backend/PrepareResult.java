package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;

/**
 * What a server answered to COM_STMT_PREPARE.
 *
 * @param error null where there was none; the rest is then meaningless
 * @param statementId the server's
 * @param parameters how many the statement has
 * @param columns how many its result set has, 0 where it has none
 * @param definitions the packets that define these columns, headers included
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/3-binary-protocol-prepared-statements/com_stmt_prepare">
 *     COM_STMT_PREPARE</a>
 */
public record PrepareResult(SqlError error, int statementId, int parameters, int columns, byte[] definitions) {
    private static final int OK_LENGTH = 12;

    /**
     * Reads an answer.
     *
     * @param answer all of it, frame by frame
     * @param eof whether an EOF packet stands behind each list of definitions (no DEPRECATE_EOF)
     * @throws MalformedPacketException where it is none
     */
    static PrepareResult read(ByteBuf answer, boolean eof) {
        ByteBuf head = Wire.readFrame(answer);
        int first = head.isReadable() ? head.getUnsignedByte(head.readerIndex()) : -1;
        if (first == 0xff) {
            return new PrepareResult(SqlError.read(head), 0, 0, 0, new byte[0]);
        }
        if (first != 0 || head.readableBytes() < OK_LENGTH) {
            throw new MalformedPacketException("an answer to COM_STMT_PREPARE that starts with " + first);
        }
        head.skipBytes(1);
        int id = head.readIntLE();
        int columns = head.readUnsignedShortLE();
        int parameters = head.readUnsignedShortLE();
        for (int i = 0; i < parameters + (eof && parameters > 0 ? 1 : 0); i++) {
            Wire.readFrame(answer);
        }
        int start = answer.readerIndex();
        for (int i = 0; i < columns; i++) {
            Wire.readFrame(answer);
        }
        byte[] definitions = new byte[answer.readerIndex() - start];
        answer.getBytes(start, definitions);
        return new PrepareResult(null, id, parameters, columns, definitions);
    }
}
