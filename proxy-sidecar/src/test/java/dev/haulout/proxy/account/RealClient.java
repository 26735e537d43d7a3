package dev.haulout.proxy.account;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A client of the MySQL protocol that shows what the server asked of it; just enough of one for these tests. */
final class RealClient implements AutoCloseable {

    /** What to log in with. */
    static final class Options {
        String user = "";
        byte[] password = new byte[0];
        boolean pluginAuth = true;
        boolean handlesExpiredPasswords = true;
        boolean tls;
        String database = "";

        Options user(String user) {
            this.user = user;
            return this;
        }

        Options password(String password) {
            this.password = password.getBytes(StandardCharsets.UTF_8);
            return this;
        }

        Options withoutPluginAuth() {
            this.pluginAuth = false;
            return this;
        }

        Options withoutExpiredPasswords() {
            this.handlesExpiredPasswords = false;
            return this;
        }

        Options tls() {
            this.tls = true;
            return this;
        }

        Options database(String database) {
            this.database = database;
            return this;
        }

        @Override
        public String toString() {
            return "'%s' with password '%s'%s%s%s%s"
                    .formatted(
                            user,
                            new String(password, StandardCharsets.UTF_8),
                            tls ? " over TLS" : "",
                            pluginAuth ? "" : " without plugin auth",
                            handlesExpiredPasswords ? "" : " without expired passwords",
                            database.isEmpty() ? "" : " to " + database);
        }
    }

    private static final int CAPABILITIES = 0x1 | 0x200 | 0x2000 | 0x8000;
    private static final int CONNECT_WITH_DB = 0x8;
    private static final int SSL = 0x800;
    private static final int PLUGIN_AUTH = 0x80000;
    private static final int HANDLES_EXPIRED_PASSWORDS = 0x400000;

    private final Closeable connection;
    private DataInputStream in;
    private OutputStream out;
    private int sequence;
    private final List<String> switches = new ArrayList<>();

    private RealClient(Closeable connection, InputStream in, OutputStream out) {
        this.connection = connection;
        use(in, out);
    }

    private void use(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /**
     * Logs in, over the unix socket or from the given address of this machine.
     *
     * @throws ServerError when the server refuses
     */
    static RealClient connect(RealServer server, ClientHost from, Options options) throws IOException {
        RealClient client;
        Socket socket = null;
        if (from.local()) {
            SocketChannel channel = SocketChannel.open(server.socket());
            client = new RealClient(channel, Channels.newInputStream(channel), Channels.newOutputStream(channel));
        } else {
            socket = new Socket();
            socket.bind(new InetSocketAddress(from.text(), 0));
            socket.connect(server.tcp());
            client = new RealClient(socket, socket.getInputStream(), socket.getOutputStream());
        }
        try {
            client.logIn(options, socket);
            return client;
        } catch (IOException e) {
            if (e instanceof ServerError) {
                lastSwitches.set(client.switches);
            }
            client.close();
            throw e;
        }
    }

    private static final ThreadLocal<List<String>> lastSwitches = ThreadLocal.withInitial(List::of);

    /** The plugins that the server switched to in the login of this thread that it refused last. */
    static List<String> switchesOfRefusedLogin() {
        return lastSwitches.get();
    }

    /** The plugins that the server switched to in the login. */
    List<String> switches() {
        return switches;
    }

    private void logIn(Options options, Socket socket) throws IOException {
        ByteBuffer greeting = ByteBuffer.wrap(receive()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        greeting.get();
        terminated(greeting);
        greeting.getInt();
        byte[] scramble = new byte[20];
        greeting.get(scramble, 0, 8);
        greeting.position(greeting.position() + 1 + 2 + 1 + 2 + 2 + 1 + 10);
        greeting.get(scramble, 8, 12);

        int capabilities = CAPABILITIES
                | (options.pluginAuth ? PLUGIN_AUTH : 0)
                | (options.handlesExpiredPasswords ? HANDLES_EXPIRED_PASSWORDS : 0)
                | (options.database.isEmpty() ? 0 : CONNECT_WITH_DB)
                | (options.tls ? SSL : 0);
        ByteBuffer head = ByteBuffer.allocate(32).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        head.putInt(capabilities).putInt(1 << 24).put((byte) 45);
        if (options.tls) {
            send(head.array());
            startTls(socket);
        }
        ByteArrayOutputStream response = new ByteArrayOutputStream();
        response.write(head.array());
        response.write(options.user.getBytes(StandardCharsets.UTF_8));
        response.write(0);
        byte[] proof = Answers.to(ClientPlugin.NATIVE_PASSWORD, scramble, options.password);
        response.write(proof.length);
        response.write(proof);
        if (!options.database.isEmpty()) {
            response.write(options.database.getBytes(StandardCharsets.UTF_8));
            response.write(0);
        }
        if (options.pluginAuth) {
            response.write(ClientPlugin.NATIVE_PASSWORD.getBytes(StandardCharsets.UTF_8));
            response.write(0);
        }
        send(response.toByteArray());
        while (true) {
            ByteBuffer packet = ByteBuffer.wrap(receive());
            if (packet.get(0) == 0) {
                return;
            }
            packet.get();
            String plugin = terminated(packet);
            switches.add(plugin);
            byte[] challenge = new byte[packet.remaining()];
            packet.get(challenge);
            int length = plugin.equals(ClientPlugin.NATIVE_PASSWORD) ? 20 : 32;
            send(Answers.to(plugin, Arrays.copyOf(challenge, length), options.password));
        }
    }

    /** The rows of a result in text, none for a statement without one. */
    List<List<String>> query(String sql) throws IOException {
        sequence = 0;
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        send(ByteBuffer.allocate(text.length + 1).put((byte) 3).put(text).array());
        byte[] first = receive();
        if (first[0] == 0) {
            return List.of();
        }
        int columns = first[0];
        for (int i = 0; i < columns; i++) {
            receive();
        }
        receive();
        List<List<String>> rows = new ArrayList<>();
        while (true) {
            byte[] packet = receive();
            if (packet[0] == (byte) 0xfe && packet.length < 9) {
                return rows;
            }
            ByteBuffer row = ByteBuffer.wrap(packet).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < columns; i++) {
                int length = row.get() & 0xff;
                if (length == 0xfb) {
                    cells.add(null);
                    continue;
                }
                byte[] cell = new byte[length == 0xfc ? row.getShort() & 0xffff : length];
                row.get(cell);
                cells.add(new String(cell, StandardCharsets.UTF_8));
            }
            rows.add(cells);
        }
    }

    private void startTls(Socket socket) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, "server", 0, true);
            secure.startHandshake();
            use(secure.getInputStream(), secure.getOutputStream());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(byte[] payload) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(payload.length + 4).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        packet.putInt(payload.length | sequence++ << 24).put(payload);
        out.write(packet.array());
        out.flush();
    }

    private byte[] receive() throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        sequence = in.readUnsignedByte() + 1;
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("the server hung up within a packet");
        }
        if (payload[0] == (byte) 0xff) {
            int code = (payload[1] & 0xff) | (payload[2] & 0xff) << 8;
            String text = new String(payload, 3, length - 3, StandardCharsets.UTF_8);
            boolean withState = text.startsWith("#");
            throw new ServerError(new Refusal(
                    code, withState ? text.substring(1, 6) : "HY000", withState ? text.substring(6) : text));
        }
        return payload;
    }

    private static String terminated(ByteBuffer packet) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (byte b = packet.get(); b != 0; b = packet.get()) {
            text.write(b);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        connection.close();
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
}
