package dev.haulout.proxy.postgres;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A connection's messages. One thread reads, one at a time writes. */
final class Wire implements AutoCloseable {
    private static final int CONNECT_MILLIS = 30_000;
    private static final int SSL_REQUEST = 80877103;
    private static final int MOST_MESSAGE = 256 << 20;

    private final AutoCloseable transport;
    private final DataInputStream in;
    private final OutputStream out;

    private Wire(AutoCloseable transport, InputStream in, OutputStream out) {
        this.transport = transport;
        this.in = new DataInputStream(new BufferedInputStream(in, 16384));
        this.out = out;
    }

    /** A message from the server. */
    record Message(char type, ByteBuffer body) {
        String text() {
            int start = body.position();
            while (body.get() != 0) {
                // up to the NUL
            }
            return new String(body.array(), start, body.position() - 1 - start, StandardCharsets.UTF_8);
        }

        /** All that is left, as text. */
        String rest() {
            return StandardCharsets.UTF_8.decode(body).toString();
        }
    }

    static Wire connect(ConnectionInfo info) throws IOException {
        if (info.isLocal()) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(info.socket()));
            } catch (IOException e) {
                channel.close();
                throw new IOException(
                        "connection to server on socket \"" + info.socket() + "\" failed: " + e.getMessage(), e);
            }
            return new Wire(channel, new ChannelInput(channel), new ChannelOutput(channel));
        }
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(info.host(), info.port()), CONNECT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            Socket secured =
                    info.sslMode().equals("disable") || info.sslMode().equals("allow") ? socket : secured(socket, info);
            return new Wire(secured, secured.getInputStream(), secured.getOutputStream());
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw new IOException(
                    "connection to server at \"" + info.host() + "\", port " + info.port() + " failed: "
                            + e.getMessage(),
                    e);
        }
    }

    private static Socket secured(Socket socket, ConnectionInfo info) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array());
        int answer = socket.getInputStream().read();
        if (answer != 'S') {
            if (info.sslMode().equals("prefer")) {
                return socket;
            }
            throw new IOException("server does not support SSL, but SSL was required");
        }
        boolean verify = info.sslMode().startsWith("verify-");
        SSLSocket tls =
                (SSLSocket) context(verify).getSocketFactory().createSocket(socket, info.host(), info.port(), true);
        if (info.sslMode().equals("verify-full")) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
        }
        tls.startHandshake();
        return tls;
    }

    /** As libpq does it: who doesn't ask for verification gets none. */
    private static SSLContext context(boolean verify) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, verify ? null : new TrustManager[] {new TrustAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS is not available: " + e.getMessage(), e);
        }
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    Message read() throws IOException {
        int type = in.read();
        if (type < 0) {
            throw new EOFException("server closed the connection unexpectedly");
        }
        int length = in.readInt() - 4;
        if (length < 0 || length > MOST_MESSAGE) {
            throw new IOException("malformed message from the server");
        }
        byte[] body = new byte[length];
        in.readFully(body);
        return new Message((char) type, ByteBuffer.wrap(body));
    }

    /** Sends messages that were put together. */
    void send(Builder messages) throws IOException {
        out.write(messages.bytes.toByteArray());
        out.flush();
    }

    /** Puts messages together. */
    static final class Builder {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** @param type 0 for the first message of a connection, which has none */
        Builder message(int type, byte[]... parts) {
            int length = 4;
            for (byte[] part : parts) {
                length += part.length;
            }
            if (type != 0) {
                bytes.write(type);
            }
            bytes.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
            for (byte[] part : parts) {
                bytes.writeBytes(part);
            }
            return this;
        }
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static byte[] shortNumber(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    static byte[] string(String value) {
        return string(value.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] string(byte[] text) {
        return java.util.Arrays.copyOf(text, text.length + 1);
    }

    @Override
    public void close() {
        try {
            transport.close();
        } catch (Exception e) {
            // it is of no use any more either way
        }
    }

    /** Reads a channel without keeping others from writing to it. */
    private static final class ChannelInput extends InputStream {
        private final SocketChannel channel;

        ChannelInput(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return channel.read(ByteBuffer.wrap(bytes, offset, length));
        }
    }

    private static final class ChannelOutput extends OutputStream {
        private final SocketChannel channel;

        ChannelOutput(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length); buffer.hasRemaining(); ) {
                channel.write(buffer);
            }
        }
    }
}
