package dev.haulout.e2e.bench;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A client of its own that speaks the least of MySQL's protocol that gives a row: {@code mysql_native_password} and text
 * queries. It shares no code with the proxy, and has no pool, no statements of its own and no warming up that would show
 * in a measurement.
 */
final class RawClient implements AutoCloseable {
    /** LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH. */
    private static final int CAPABILITIES = 1 | 1 << 3 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 19;

    private static final int LONGEST_PACKET = 1 << 24;
    private static final int UTF8MB4 = 45;
    private static final int COM_QUIT = 1;
    private static final int COM_QUERY = 3;
    private static final int ERR = 0xff;
    private static final int EOF_OR_SWITCH = 0xfe;
    private static final int SCRAMBLE = 20;

    private final SocketChannel channel;
    private final DataInputStream in;
    private final OutputStream out;
    private int sequence;

    private RawClient(SocketChannel channel) {
        this.channel = channel;
        this.in = new DataInputStream(Channels.newInputStream(channel));
        this.out = Channels.newOutputStream(channel);
    }

    /** Connects, without waiting for the greeting. */
    static RawClient connect(SocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        if (!(address instanceof UnixDomainSocketAddress)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        return new RawClient(channel);
    }

    /** Logs in and returns when the login is accepted. */
    void login(String user, String password, String database) throws IOException {
        byte[] scramble = scramble(ByteBuffer.wrap(read()));
        ByteArrayOutputStream response = new ByteArrayOutputStream();
        response.writeBytes(little(CAPABILITIES));
        response.writeBytes(little(LONGEST_PACKET));
        response.write(UTF8MB4);
        response.writeBytes(new byte[23]);
        response.writeBytes(text(user));
        byte[] proof = proof(password, scramble);
        response.write(proof.length);
        response.writeBytes(proof);
        response.writeBytes(text(database));
        response.writeBytes(text("mysql_native_password"));
        write(response.toByteArray());
        byte[] reply = read();
        if ((reply[0] & 0xff) == EOF_OR_SWITCH) {
            ByteBuffer rest = ByteBuffer.wrap(reply, 1, reply.length - 1);
            String plugin = text(rest);
            byte[] other = new byte[SCRAMBLE];
            rest.get(other);
            if (!plugin.equals("mysql_native_password")) {
                throw new IOException("the server wants the plugin " + plugin + ", which this client does not speak");
            }
            write(proof(password, other));
            read();
        }
    }

    /** Runs a query and gives the first column of its first row, once all of the result has come. */
    String query(String sql) throws IOException {
        send(COM_QUERY, sql);
        byte[] head = read();
        if (head[0] == 0) {
            throw new IOException("no rows came of: " + sql);
        }
        for (int ends = 0; ends < 1; ) {
            ends += isEof(read()) ? 1 : 0;
        }
        String first = null;
        for (byte[] packet = read(); !isEof(packet); packet = read()) {
            if (first == null) {
                first = new String(packet, 1, packet[0] & 0xff, StandardCharsets.UTF_8);
            }
        }
        if (first == null) {
            throw new IOException("not one row came of: " + sql);
        }
        return first;
    }

    /** Runs a statement that gives no rows. */
    void execute(String sql) throws IOException {
        send(COM_QUERY, sql);
        if (read()[0] != 0) {
            throw new IOException("rows came of: " + sql);
        }
    }

    /**
     * The query, to be run over and over without a byte being looked at: its answer is as long each time as the first was.
     */
    Repeated repeated(String sql) throws IOException {
        send(COM_QUERY, sql);
        long length = 0;
        for (int ends = 0; ends < 2; ) {
            byte[] packet = read();
            length += 4 + packet.length;
            ends += isEof(packet) ? 1 : 0;
        }
        return new Repeated(sql, length);
    }

    /** See {@link #repeated}. */
    final class Repeated {
        private final ByteBuffer request;
        private final ByteBuffer answer = ByteBuffer.allocateDirect(64 << 10);
        private final long length;

        private Repeated(String sql, long length) {
            byte[] text = sql.getBytes(StandardCharsets.UTF_8);
            this.length = length;
            request = ByteBuffer.allocateDirect(5 + text.length);
            request.putInt(Integer.reverseBytes(1 + text.length))
                    .put((byte) COM_QUERY)
                    .put(text);
        }

        /** Bytes of an answer, headers included. */
        long length() {
            return length;
        }

        /** Runs it and returns when all of the answer has come. */
        void once() throws IOException {
            request.rewind();
            while (request.hasRemaining()) {
                channel.write(request);
            }
            for (long left = length; left > 0; left -= answer.position()) {
                answer.clear().limit((int) Math.min(left, answer.capacity()));
                if (channel.read(answer) < 0) {
                    throw new IOException("the connection ended " + left + " bytes before the answer did");
                }
                if (left == length && answer.position() > 4 && (answer.get(4) & 0xff) == ERR) {
                    throw new IOException("an error came in answer to a query that had none before");
                }
            }
        }
    }

    private static boolean isEof(byte[] packet) {
        return (packet[0] & 0xff) == EOF_OR_SWITCH && packet.length < 9;
    }

    private void send(int command, String text) throws IOException {
        sequence = 0;
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(command);
        packet.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        write(packet.toByteArray());
    }

    private static byte[] scramble(ByteBuffer greeting) {
        greeting.get(); // protocol version
        text(greeting); // server version
        greeting.getInt(); // connection id
        byte[] scramble = new byte[SCRAMBLE];
        greeting.get(scramble, 0, 8);
        greeting.position(greeting.position() + 19); // capabilities, collation, status, reserved
        greeting.get(scramble, 8, SCRAMBLE - 8);
        return scramble;
    }

    private static byte[] proof(String password, byte[] scramble) {
        byte[] once = sha1(password.getBytes(StandardCharsets.UTF_8));
        byte[] proof = sha1(scramble, sha1(once));
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= once[i];
        }
        return proof;
    }

    private static byte[] sha1(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private byte[] read() throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        sequence = in.readUnsignedByte() + 1;
        byte[] payload = in.readNBytes(length);
        if (payload.length < length || length == 0) {
            throw new IOException("the connection ended within a packet");
        }
        if ((payload[0] & 0xff) == ERR) {
            int code = payload[1] & 0xff | (payload[2] & 0xff) << 8;
            throw new IOException("error " + code + ": " + new String(payload, 3, length - 3, StandardCharsets.UTF_8));
        }
        return payload;
    }

    private void write(byte[] payload) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(4 + payload.length);
        packet.put((byte) payload.length)
                .put((byte) (payload.length >> 8))
                .put((byte) (payload.length >> 16))
                .put((byte) sequence)
                .put(payload);
        out.write(packet.array());
    }

    private static byte[] little(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
    }

    private static byte[] text(String value) {
        return (value + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer from) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte next = from.get(); next != 0; next = from.get()) {
            bytes.write(next);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Says goodbye and closes. */
    @Override
    public void close() throws IOException {
        try (channel) {
            send(COM_QUIT, "");
        }
    }
}
