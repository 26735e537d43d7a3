package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
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
import java.nio.file.Path;

/**
 * Records the bytes a real server answers a command with. It knows where an answer ends not from the answer but from what
 * comes behind it: the error of a second, faulty command.
 */
final class RecordingClient implements AutoCloseable {
    private static final String MARKER = "haulout_end_of_recording";

    private final SocketChannel channel;
    private final DataInputStream in;
    private final byte[] greeting;

    /** Logs in as root without a password. */
    RecordingClient(Path socket, long capabilities) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        in = new DataInputStream(Channels.newInputStream(channel));
        greeting = frame();
        HandshakeResponse response = new HandshakeResponse(
                capabilities, 1 << 30, 45, "root", new byte[0], "mysql", "mysql_native_password", new byte[0]);
        ByteBuf login = response.frame(UnpooledByteBufAllocator.DEFAULT, 1);
        try {
            send(ByteBufUtil.getBytes(login));
        } finally {
            login.release();
        }
        byte[] verdict = frame();
        if (verdict[Wire.HEADER] != 0) {
            throw new IOException("not logged in: " + new String(verdict, StandardCharsets.ISO_8859_1));
        }
    }

    /** The server's greeting, header included. */
    byte[] greeting() {
        return greeting.clone();
    }

    /** The answer to a statement. */
    byte[] query(String sql) throws IOException {
        return command(Command.QUERY, sql.getBytes(StandardCharsets.UTF_8));
    }

    /** The answer to a command. */
    byte[] command(int command, byte[] body) throws IOException {
        return command(command, body, new byte[0]);
    }

    /**
     * The answer to a command that the client says more to while it is answered.
     *
     * @param rest further frames
     */
    byte[] command(int command, byte[] body, byte[] rest) throws IOException {
        ByteBuf out = Unpooled.buffer();
        write(out, command, body);
        out.writeBytes(rest);
        write(out, Command.QUERY, MARKER.getBytes(StandardCharsets.US_ASCII));
        byte[] bytes = ByteBufUtil.getBytes(out);
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                send(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] frame = frame();
        while (!isMarker(frame)) {
            answer.writeBytes(frame);
            frame = frame();
        }
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return answer.toByteArray();
    }

    private static void write(ByteBuf out, int command, byte[] body) {
        out.writeMediumLE(1 + body.length).writeByte(0).writeByte(command).writeBytes(body);
    }

    private static boolean isMarker(byte[] frame) {
        return frame.length > Wire.HEADER
                && frame.length < 400
                && frame[Wire.HEADER] == (byte) 0xff
                && new String(frame, StandardCharsets.ISO_8859_1).contains(MARKER);
    }

    private byte[] frame() throws IOException {
        byte[] header = in.readNBytes(Wire.HEADER);
        int length = header[0] & 0xff | (header[1] & 0xff) << 8 | (header[2] & 0xff) << 16;
        byte[] frame = new byte[Wire.HEADER + length];
        System.arraycopy(header, 0, frame, 0, Wire.HEADER);
        in.readFully(frame, Wire.HEADER, length);
        return frame;
    }

    private void send(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
