package dev.haulout.proxy.door;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.account.Verifier;
import dev.haulout.proxy.protocol.AuthSwitch;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/** A client at a door on loopback that says whatever it is told to. */
final class Caller implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;

    Caller(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(60_000);
        in = new DataInputStream(socket.getInputStream());
    }

    /** The next payload; empty at the end. */
    byte[] read() throws IOException {
        byte[] header;
        try {
            header = in.readNBytes(Wire.HEADER);
        } catch (SocketException reset) {
            return new byte[0];
        }
        return header.length < Wire.HEADER
                ? new byte[0]
                : in.readNBytes(header[0] & 0xff | (header[1] & 0xff) << 8 | (header[2] & 0xff) << 16);
    }

    /** Whether anything has come that was not read. */
    boolean hasAnswer() throws IOException {
        return in.available() > 0;
    }

    /** Passes over so many bytes. */
    void skip(int bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    /** All that comes until the door closes the connection. */
    byte[] readToTheEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                all.write(b);
            }
        } catch (SocketException reset) {
            // an end too
        }
        return all.toByteArray();
    }

    void send(byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException closedAlready) {
            // that is its good right
        }
    }

    /** Says that nothing more comes. */
    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** As user {@code app} of {@link dev.haulout.proxy.wake.Sleeper}. */
    void logIn() throws Exception {
        assertThat(tryToLogIn("app", "secret")).startsWith(0);
    }

    /** The door's verdict, be it in answer to an AuthSwitchRequest for {@code mysql_native_password}. */
    byte[] tryToLogIn(String user, String password) throws Exception {
        Greeting greeting = Greeting.read(Unpooled.wrappedBuffer(read()));
        send(response(user, proof(password, greeting.scramble())));
        byte[] answer = read();
        if (answer.length == 0 || answer[0] != (byte) 0xfe) {
            return answer;
        }
        AuthSwitch asked = AuthSwitch.read(Unpooled.wrappedBuffer(answer));
        send(frame(3, proof(password, Arrays.copyOf(asked.data(), 20))));
        return read();
    }

    private static byte[] proof(String password, byte[] scramble) throws Exception {
        byte[] clear = password.getBytes(StandardCharsets.UTF_8);
        byte[] sha1 =
                clear.length == 0 ? clear : MessageDigest.getInstance("SHA-1").digest(clear);
        return Verifier.nativeResponse(Secret.of(sha1), scramble);
    }

    /** A handshake response as a frame. */
    static byte[] response(String user, byte[] proof) {
        ByteBuf frame = new HandshakeResponse(
                        Capability.CLIENT_MYSQL
                                | Capability.PROTOCOL_41
                                | Capability.SECURE_CONNECTION
                                | Capability.PLUGIN_AUTH,
                        1 << 24,
                        45,
                        user,
                        proof,
                        "",
                        "mysql_native_password",
                        new byte[0])
                .frame(UnpooledByteBufAllocator.DEFAULT, 1);
        try {
            return ByteBufUtil.getBytes(frame);
        } finally {
            frame.release();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
