package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * The OK that ends a login, and what it says of the certificate that the client was shown: servers from 11.4 on, and we,
 * have a hash in its message by which a client that trusts no authority knows that nobody stands between.
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/ok_packet">OK
 *     packet</a>
 */
public final class LoginOk {
    /** The message's first byte, where it is such a hash. */
    private static final byte BINDING = 1;

    private LoginOk() {}

    /**
     * The same OK with another hash.
     *
     * @param ok its payload
     * @param binding the hash as the message has it; empty for none
     */
    public static byte[] bind(byte[] ok, String binding) {
        ByteBuf in = Unpooled.wrappedBuffer(ok);
        in.skipBytes(1);
        Wire.readLengthEncoded(in);
        Wire.readLengthEncoded(in);
        Wire.need(in, 4);
        in.skipBytes(4); // status and warnings
        int head = in.readerIndex();
        byte[] message = in.isReadable() ? Wire.readLengthEncodedBytes(in) : new byte[0];
        boolean bound = message.length > 0 && message[0] == BINDING;
        if (binding.isEmpty() && !bound) {
            return ok;
        }
        byte[] hash = binding.getBytes(StandardCharsets.US_ASCII);
        ByteBuf out = Unpooled.buffer(ok.length + hash.length + 2);
        out.writeBytes(ok, 0, head);
        if (hash.length > 0) {
            Wire.writeLengthEncoded(out, hash.length + 1L);
            out.writeByte(BINDING).writeBytes(hash);
        } else if (in.isReadable()) {
            out.writeByte(0); // what is tracked follows, so an empty message has to stand before it
        }
        out.writeBytes(in);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }
}
