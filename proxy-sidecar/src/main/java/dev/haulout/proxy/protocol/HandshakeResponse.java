package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The client's answer to the greeting.
 *
 * @param capabilities what the client asks for, see {@link Capability}
 * @param maxPacket the client's largest packet in bytes
 * @param collation the collation the client wants; at a login only its low byte can be told
 * @param user as sent (UTF-8)
 * @param authResponse the proof for {@code plugin} over the greeting's scramble; empty for an empty password
 * @param database empty for none
 * @param plugin the plugin the proof is for; empty when the client names none
 * @param attributes the connection attributes' bytes as sent; empty for none
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#client-handshake-response">
 *     Client handshake response</a>
 */
public record HandshakeResponse(
        long capabilities,
        long maxPacket,
        int collation,
        String user,
        byte[] authResponse,
        String database,
        String plugin,
        byte[] attributes) {

    /** The payload of the packet that asks for TLS has as many bytes. */
    public static final int SSL_REQUEST_LENGTH = 32;

    /**
     * Reads a handshake response's payload.
     *
     * @throws MalformedPacketException where it is older than protocol 4.1 or ends early
     */
    public static HandshakeResponse read(ByteBuf in) {
        Wire.need(in, 32);
        long capabilities = in.readUnsignedIntLE();
        if (!Capability.has(capabilities, Capability.PROTOCOL_41)) {
            throw new MalformedPacketException("a handshake response older than protocol 4.1");
        }
        long maxPacket = in.readUnsignedIntLE();
        int collation = in.readUnsignedByte();
        in.skipBytes(19);
        long extended = in.readUnsignedIntLE();
        if (!Capability.has(capabilities, Capability.CLIENT_MYSQL)) {
            capabilities |= extended << 32;
        }
        String user = Wire.readNulTerminatedText(in);
        byte[] proof;
        if (Capability.has(capabilities, Capability.PLUGIN_AUTH_LENENC_DATA)) {
            proof = Wire.readLengthEncodedBytes(in);
        } else if (Capability.has(capabilities, Capability.SECURE_CONNECTION)) {
            Wire.need(in, 1);
            int length = in.readUnsignedByte();
            Wire.need(in, length);
            proof = new byte[length];
            in.readBytes(proof);
        } else {
            proof = Wire.readNulTerminated(in);
        }
        String database = "";
        if (Capability.has(capabilities, Capability.CONNECT_WITH_DB) && in.isReadable()) {
            database = Wire.readNulTerminatedText(in);
        }
        String plugin = "";
        if (Capability.has(capabilities, Capability.PLUGIN_AUTH) && in.isReadable()) {
            plugin = Wire.readNulTerminatedText(in);
        }
        byte[] attributes = new byte[0];
        if (Capability.has(capabilities, Capability.CONNECT_ATTRS) && in.isReadable()) {
            attributes = Wire.readLengthEncodedBytes(in);
        }
        return new HandshakeResponse(capabilities, maxPacket, collation, user, proof, database, plugin, attributes);
    }

    /** The same from somebody else, who wants another database; empty for none. */
    public HandshakeResponse as(String otherUser, String otherDatabase) {
        return new HandshakeResponse(
                capabilities, maxPacket, collation, otherUser, authResponse, otherDatabase, plugin, attributes);
    }

    /**
     * Reads the payload of a COM_CHANGE_USER, which says again what the handshake response said.
     *
     * @param before what was agreed at the login; capabilities and packet size stay
     * @param usualCollation of a client that names none
     * @throws MalformedPacketException where it ends early
     * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/2-text-protocol/com_change_user">
     *     COM_CHANGE_USER</a>
     */
    public static HandshakeResponse readChange(ByteBuf in, HandshakeResponse before, int usualCollation) {
        Wire.need(in, 1);
        in.skipBytes(1);
        String user = Wire.readNulTerminatedText(in);
        byte[] proof;
        if (Capability.has(before.capabilities, Capability.SECURE_CONNECTION)) {
            Wire.need(in, 1);
            int length = in.readUnsignedByte();
            Wire.need(in, length);
            proof = new byte[length];
            in.readBytes(proof);
        } else {
            proof = Wire.readNulTerminated(in);
        }
        String database = Wire.readNulTerminatedText(in);
        int collation = in.readableBytes() < 2 ? usualCollation : in.readUnsignedShortLE();
        String plugin = "";
        if (Capability.has(before.capabilities, Capability.PLUGIN_AUTH) && in.isReadable()) {
            plugin = Wire.readNulTerminatedText(in);
        }
        byte[] attributes = new byte[0];
        if (Capability.has(before.capabilities, Capability.CONNECT_ATTRS) && in.isReadable()) {
            attributes = Wire.readLengthEncodedBytes(in);
        }
        return new HandshakeResponse(
                before.capabilities, before.maxPacket, collation, user, proof, database, plugin, attributes);
    }

    /** The same with other capability flags. */
    public HandshakeResponse withCapabilities(long agreed) {
        return new HandshakeResponse(agreed, maxPacket, collation, user, authResponse, database, plugin, attributes);
    }

    /** The response as a frame; the capability flags decide which fields are written. */
    public ByteBuf frame(ByteBufAllocator alloc, int sequence) {
        ByteBuf out = alloc.buffer(64 + user.length() + authResponse.length + attributes.length);
        writeHead(out, capabilities, maxPacket, collation);
        Wire.writeNulTerminated(out, user);
        if (Capability.has(capabilities, Capability.PLUGIN_AUTH_LENENC_DATA)) {
            Wire.writeLengthEncoded(out, authResponse.length);
            out.writeBytes(authResponse);
        } else if (Capability.has(capabilities, Capability.SECURE_CONNECTION)) {
            out.writeByte(authResponse.length).writeBytes(authResponse);
        } else {
            out.writeBytes(authResponse).writeByte(0);
        }
        if (Capability.has(capabilities, Capability.CONNECT_WITH_DB)) {
            Wire.writeNulTerminated(out, database);
        }
        if (Capability.has(capabilities, Capability.PLUGIN_AUTH)) {
            Wire.writeNulTerminated(out, plugin);
        }
        if (Capability.has(capabilities, Capability.CONNECT_ATTRS)) {
            Wire.writeLengthEncoded(out, attributes.length);
            out.writeBytes(attributes);
        }
        return Wire.frame(alloc, sequence, out);
    }

    /**
     * The packet that asks for TLS, as a frame: the head of the response, which follows under TLS.
     *
     * @param capabilities those of the response, {@link Capability#SSL} among them
     * @param maxPacket the client's largest packet in bytes
     * @param collation low byte of the collation the client wants
     * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#sslrequest-packet">
     *     SSLRequest packet</a>
     */
    public static ByteBuf sslRequest(
            ByteBufAllocator alloc, int sequence, long capabilities, long maxPacket, int collation) {
        ByteBuf out = alloc.buffer(SSL_REQUEST_LENGTH);
        writeHead(out, capabilities, maxPacket, collation);
        return Wire.frame(alloc, sequence, out);
    }

    private static void writeHead(ByteBuf out, long capabilities, long maxPacket, int collation) {
        out.writeIntLE((int) capabilities).writeIntLE((int) maxPacket).writeByte(collation);
        out.writeZero(19).writeIntLE((int) (capabilities >>> 32));
    }

    /** Names nothing secret. */
    @Override
    public String toString() {
        return "HandshakeResponse[" + user + (database.isEmpty() ? "" : ", " + database) + ", " + plugin + "]";
    }
}
