package dev.haulout.e2e.door;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** A stranger at a TCP door who sends bytes of its own making. */
final class Visitor implements AutoCloseable {
    /** Longer than any deadline of the door. */
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    Visitor(int port) throws IOException {
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = socket.getInputStream();
    }

    /** One packet: the greeting comes first, by itself. */
    byte[] packet() throws IOException {
        byte[] header = in.readNBytes(4);
        if (header.length < 4) {
            throw new IOException("the door closed the connection");
        }
        return in.readNBytes((header[0] & 0xff) | (header[1] & 0xff) << 8 | (header[2] & 0xff) << 16);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void sendHex(String hex) throws IOException {
        send(HexFormat.of().parseHex(hex));
    }

    /** A handshake response's packet with an empty proof, for a user without a database. */
    static byte[] handshakeResponse(String user) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        payload.writeBytes(HexFormat.of().parseHex("0d820800")); // protocol 4.1, plugin names, transactions
        payload.writeBytes(HexFormat.of().parseHex("00000001")); // longest packet
        payload.write(45); // utf8mb4_general_ci
        payload.writeBytes(new byte[23]);
        payload.writeBytes(user.getBytes(StandardCharsets.UTF_8));
        payload.write(0);
        payload.write(0); // no proof
        payload.writeBytes("mysql_native_password\0".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(payload.size());
        packet.write(payload.size() >>> 8);
        packet.write(0);
        packet.write(1);
        packet.writeBytes(payload.toByteArray());
        return packet.toByteArray();
    }

    /** Waits until the door closes the connection; what it said before that is read and forgotten. */
    void awaitClosed() throws IOException {
        try {
            in.readAllBytes();
        } catch (java.net.SocketException reset) {
            // closed too: with bytes of ours unread the kernel says so by a reset
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
