package dev.haulout.proxy.sql;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A client that speaks just enough of the protocol to show reply payloads as they came. */
final class WireClient implements AutoCloseable {
    /** What every client here has: 4.1 protocol, transactions, secure connection, long flag, plugin auth, local infile off. */
    static final long CLASSIC = 1L | 1L << 2 | 1L << 9 | 1L << 13 | 1L << 15 | 1L << 16 | 1L << 17 | 1L << 19;

    private static final int COM_QUERY = 3;
    private static final int COM_SET_OPTION = 27;

    private final SocketChannel channel;
    private final DataInputStream in;
    private final boolean deprecateEof;
    private final byte[] login;
    private int sequence;

    /**
     * Logs in as root without a password.
     *
     * @param capabilities flags, MariaDB's in the upper half; these need CLIENT_MYSQL cleared
     */
    WireClient(RealServer server, long capabilities, int collation, String database) {
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(server.socket()));
            in = new DataInputStream(Channels.newInputStream(channel));
            deprecateEof = (capabilities & 1L << 24) != 0;
            read();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(little(capabilities | (database == null ? 0 : 8)));
            out.writeBytes(little(1 << 24));
            out.write(collation);
            out.writeBytes(new byte[19]);
            out.writeBytes(little(capabilities >>> 32));
            out.writeBytes("root\0\0".getBytes(StandardCharsets.US_ASCII));
            if (database != null) {
                out.writeBytes((database + "\0").getBytes(StandardCharsets.US_ASCII));
            }
            out.writeBytes("mysql_native_password\0".getBytes(StandardCharsets.US_ASCII));
            write(out.toByteArray(), sequence + 1);
            byte[] reply = read();
            if ((reply[0] & 0xff) == 0xfe) {
                write(new byte[0], sequence + 1);
                reply = read();
            }
            login = reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] little(long value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
    }

    byte[] login() {
        return login;
    }

    List<byte[]> query(String text) {
        return query(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    List<byte[]> query(byte[] text) {
        return command(COM_QUERY, text);
    }

    /** Sends a command and gives all payloads of its reply. */
    List<byte[]> command(int code, byte[] body) {
        try {
            byte[] payload = new byte[body.length + 1];
            payload[0] = (byte) code;
            System.arraycopy(body, 0, payload, 1, body.length);
            write(payload, 0);
            List<byte[]> reply = new ArrayList<>(List.of(read()));
            int first = reply.getFirst()[0] & 0xff;
            int ends = first == 0 || first == 0xff || code == COM_SET_OPTION ? 0 : deprecateEof ? 1 : 2;
            while (ends > 0) {
                byte[] packet = read();
                reply.add(packet);
                int head = packet[0] & 0xff;
                ends = head == 0xff ? 0 : head == 0xfe ? ends - 1 : ends;
            }
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a query of two text columns (needs DEPRECATE_EOF) and gives its rows; null values are left out. */
    Map<String, String> pairs(String text) {
        Map<String, String> pairs = new HashMap<>();
        for (List<String> row : rows(text, 2)) {
            if (row.get(1) != null) {
                pairs.put(row.get(0), row.get(1));
            }
        }
        return pairs;
    }

    /** Runs a query (needs DEPRECATE_EOF, no cached metadata) and gives its rows. */
    List<List<String>> rows(String text, int columns) {
        List<byte[]> reply = query(text);
        if ((reply.getFirst()[0] & 0xff) == 0xff) {
            throw new IllegalStateException(text + ": " + new String(reply.getFirst(), StandardCharsets.UTF_8));
        }
        List<List<String>> rows = new ArrayList<>();
        for (byte[] packet : reply.subList(1 + columns, reply.size() - 1)) {
            ByteBuffer buffer = ByteBuffer.wrap(packet);
            List<String> row = new ArrayList<>();
            while (buffer.hasRemaining()) {
                row.add(text(buffer));
            }
            rows.add(row);
        }
        return rows;
    }

    private static String text(ByteBuffer buffer) {
        int length = buffer.get() & 0xff;
        if (length == 0xfb) {
            return null;
        }
        if (length == 0xfc) {
            length = (buffer.get() & 0xff) | (buffer.get() & 0xff) << 8;
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private byte[] read() throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        sequence = in.readUnsignedByte();
        return in.readNBytes(length);
    }

    private void write(byte[] payload, int number) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(payload.length + 4);
        packet.put((byte) payload.length).put((byte) (payload.length >> 8)).put((byte) (payload.length >> 16));
        packet.put((byte) number).put(payload).flip();
        while (packet.hasRemaining()) {
            channel.write(packet);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
