package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * The attributes by which a client describes itself in its handshake response: names and values, each with its length.
 *
 * @see HandshakeResponse#attributes
 */
public final class ConnectionAttributes {
    /** By which a sidecar says that it understands notices, and of which version. */
    public static final String SIDECAR = "_haulout_sidecar";

    private ConnectionAttributes() {}

    /** {@code attributes} and one more. */
    public static byte[] with(byte[] attributes, String name, String value) {
        ByteBuf out = Unpooled.buffer(attributes.length + name.length() + value.length() + 2);
        out.writeBytes(attributes);
        write(out, name);
        write(out, value);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private static void write(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Wire.writeLengthEncoded(out, bytes.length);
        out.writeBytes(bytes);
    }

    /** Whether {@code attributes} say {@code value} under {@code name}; what can't be read says nothing. */
    public static boolean say(byte[] attributes, String name, String value) {
        ByteBuf in = Unpooled.wrappedBuffer(attributes);
        try {
            while (in.isReadable()) {
                String one = text(in);
                if (text(in).equals(value) && one.equals(name)) {
                    return true;
                }
            }
        } catch (MalformedPacketException e) {
            return false; // it is the server's to complain
        }
        return false;
    }

    private static String text(ByteBuf in) {
        return new String(Wire.readLengthEncodedBytes(in), StandardCharsets.UTF_8);
    }
}
