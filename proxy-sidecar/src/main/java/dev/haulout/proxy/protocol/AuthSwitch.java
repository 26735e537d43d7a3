package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The server's request to prove oneself by another plugin or over another scramble.
 *
 * @param plugin its name
 * @param data what the plugin needs, a scramble as a rule, without a closing NUL
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#authentication-switch-request">
 *     Authentication switch request</a>
 */
public record AuthSwitch(String plugin, byte[] data) {

    /** The request as a frame; a NUL is put after the data, as the server does for its own plugins. */
    public ByteBuf frame(ByteBufAllocator alloc, int sequence) {
        ByteBuf out = alloc.buffer(32 + plugin.length() + data.length);
        out.writeByte(0xfe);
        Wire.writeNulTerminated(out, plugin);
        out.writeBytes(data).writeByte(0);
        return Wire.frame(alloc, sequence, out);
    }

    /** Reads the payload, from its 0xfe on; one closing NUL is taken off the data. */
    public static AuthSwitch read(ByteBuf in) {
        in.skipBytes(1);
        if (!in.isReadable()) {
            return new AuthSwitch("mysql_old_password", new byte[0]);
        }
        String plugin = Wire.readNulTerminatedText(in);
        int length = in.readableBytes();
        if (length > 0 && in.getByte(in.writerIndex() - 1) == 0) {
            length--;
        }
        byte[] data = new byte[length];
        in.readBytes(data);
        return new AuthSwitch(plugin, data);
    }

    @Override
    public String toString() {
        return "AuthSwitch[" + plugin + "]";
    }
}
