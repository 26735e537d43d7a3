package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * The server's request to prove oneself by another plugin or over another scramble.
 *
 * @param plugin its name
 * @param data what the plugin needs as it stands in the packet: a scramble as a rule, which for
 *     {@code mysql_native_password} has a NUL behind it
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#authentication-switch-request">
 *     Authentication switch request</a>
 */
public record AuthSwitch(String plugin, byte[] data) {

    /** The request for {@code mysql_native_password} over {@code scramble}. */
    public static AuthSwitch nativePassword(byte[] scramble) {
        return new AuthSwitch("mysql_native_password", Arrays.copyOf(scramble, scramble.length + 1));
    }

    /** The request as a frame. */
    public ByteBuf frame(ByteBufAllocator alloc, int sequence) {
        ByteBuf out = alloc.buffer(32 + plugin.length() + data.length);
        out.writeByte(0xfe);
        Wire.writeNulTerminated(out, plugin);
        out.writeBytes(data);
        return Wire.frame(alloc, sequence, out);
    }

    /**
     * Reads the payload, from its 0xfe on.
     *
     * @throws MalformedPacketException where there is no such byte
     */
    public static AuthSwitch read(ByteBuf in) {
        Wire.need(in, 1);
        in.skipBytes(1);
        if (!in.isReadable()) {
            return new AuthSwitch("mysql_old_password", new byte[0]);
        }
        String plugin = Wire.readNulTerminatedText(in);
        byte[] data = new byte[in.readableBytes()];
        in.readBytes(data);
        return new AuthSwitch(plugin, data);
    }

    @Override
    public String toString() {
        return "AuthSwitch[" + plugin + "]";
    }
}
