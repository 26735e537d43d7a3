package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * What an ERR packet says.
 *
 * @param code the server's error number
 * @param sqlState five characters
 * @param message one line
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/err_packet">ERR</a>
 */
public record SqlError(int code, String sqlState, String message) {

    /** The ERR packet as a frame; {@code withState} is false only before the client's capabilities are known. */
    public ByteBuf frame(ByteBufAllocator alloc, int sequence, boolean withState) {
        ByteBuf payload = alloc.buffer(16 + message.length());
        payload.writeByte(0xff).writeShortLE(code);
        if (withState) {
            payload.writeByte('#');
            payload.writeCharSequence(sqlState, StandardCharsets.ISO_8859_1);
        }
        payload.writeCharSequence(message, StandardCharsets.UTF_8);
        return Wire.frame(alloc, sequence, payload);
    }

    /**
     * Reads an ERR packet's payload, from its 0xff on.
     *
     * @throws MalformedPacketException where it ends within the code
     */
    public static SqlError read(ByteBuf payload) {
        Wire.need(payload, 3);
        payload.skipBytes(1);
        int code = payload.readUnsignedShortLE();
        String state = "HY000";
        if (payload.readableBytes() >= 6 && payload.getByte(payload.readerIndex()) == '#') {
            payload.skipBytes(1);
            state = payload.readCharSequence(5, StandardCharsets.ISO_8859_1).toString();
        }
        return new SqlError(
                code,
                state,
                payload.readCharSequence(payload.readableBytes(), StandardCharsets.UTF_8)
                        .toString());
    }

    @Override
    public String toString() {
        return code + " (" + sqlState + "): " + message;
    }
}
