package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The server's first packet.
 *
 * @param serverVersion verbatim, with the {@code 5.5.5-} that 10.x puts before its own
 * @param connectionId as an unsigned 32-bit number
 * @param scramble 20 bytes
 * @param capabilities see {@link Capability}
 * @param collation the server's default collation, low byte
 * @param status see {@link ServerStatus}
 * @param plugin the authentication plugin the scramble is for
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#initial-handshake-packet">
 *     Initial handshake packet</a>
 */
public record Greeting(
        String serverVersion,
        long connectionId,
        byte[] scramble,
        long capabilities,
        int collation,
        int status,
        String plugin) {

    /** The greeting as a frame with sequence 0. */
    public ByteBuf frame(ByteBufAllocator alloc) {
        ByteBuf out = alloc.buffer(128);
        out.writeByte(10);
        Wire.writeNulTerminated(out, serverVersion);
        out.writeIntLE((int) connectionId);
        out.writeBytes(scramble, 0, 8).writeByte(0);
        out.writeShortLE((int) capabilities);
        out.writeByte(collation).writeShortLE(status);
        out.writeShortLE((int) (capabilities >>> 16));
        out.writeByte(scramble.length + 1).writeZero(6);
        out.writeIntLE((int) (capabilities >>> 32));
        out.writeBytes(scramble, 8, scramble.length - 8).writeByte(0);
        Wire.writeNulTerminated(out, plugin);
        return Wire.frame(alloc, 0, out);
    }

    /**
     * Reads a greeting's payload.
     *
     * @throws MalformedPacketException where it isn't one of protocol version 10
     */
    public static Greeting read(ByteBuf in) {
        Wire.need(in, 1);
        int version = in.readUnsignedByte();
        if (version != 10) {
            throw new MalformedPacketException("a greeting of protocol version " + version + ", not 10");
        }
        String serverVersion = Wire.readNulTerminatedText(in);
        Wire.need(in, 31);
        long connectionId = in.readUnsignedIntLE();
        byte[] scramble = new byte[20];
        in.readBytes(scramble, 0, 8);
        in.skipBytes(1);
        long capabilities = in.readUnsignedShortLE();
        int collation = in.readUnsignedByte();
        int status = in.readUnsignedShortLE();
        capabilities |= (long) in.readUnsignedShortLE() << 16;
        in.skipBytes(7);
        long extended = in.readUnsignedIntLE();
        if (!Capability.has(capabilities, Capability.CLIENT_MYSQL)) {
            capabilities |= extended << 32;
        }
        Wire.need(in, 12);
        in.readBytes(scramble, 8, 12);
        if (in.isReadable()) {
            in.skipBytes(1);
        }
        String plugin = in.isReadable() ? Wire.readNulTerminatedText(in) : "mysql_native_password";
        return new Greeting(serverVersion, connectionId, scramble, capabilities, collation, status, plugin);
    }

    /** Names only what isn't secret. */
    @Override
    public String toString() {
        return "Greeting[" + serverVersion + ", id " + connectionId + ", " + plugin + "]";
    }
}
