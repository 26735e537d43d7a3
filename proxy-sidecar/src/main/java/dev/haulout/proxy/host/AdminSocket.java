package dev.haulout.proxy.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unix socket, open to the proxy's own user and root. A visitor says what it wants as one JSON document, or nothing, and
 * ends its half; it is answered with one JSON document, and the end: a {@link RestartRequest} with its reply, nothing
 * with the status of all instances.
 */
public final class AdminSocket implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AdminSocket.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_REQUEST = 4096;

    private final Path path;
    private final ServerSocketChannel listener;

    private AdminSocket(Path path, ServerSocketChannel listener) {
        this.path = path;
        this.listener = listener;
    }

    static AdminSocket open(Path path, Host host) throws IOException {
        Files.deleteIfExists(path); // ours alone: the state's lock is held
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw new IOException(
                    "the admin socket " + path + " can't be opened: " + e.getMessage()
                            + "; choose another --state, with a shorter path if that is it",
                    e);
        }
        AdminSocket socket = new AdminSocket(path, listener);
        Thread.ofVirtual().name("haulout-admin").start(() -> socket.serve(host));
        return socket;
    }

    private void serve(Host host) {
        while (true) {
            try {
                SocketChannel visitor = listener.accept();
                Thread.ofVirtual().start(() -> answer(visitor, host));
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                log.warn("the admin socket {} failed: {}", path, e.getMessage());
                return;
            }
        }
    }

    private static void answer(SocketChannel visitor, Host host) {
        try (visitor) {
            byte[] request = Channels.newInputStream(visitor).readNBytes(LONGEST_REQUEST);
            Object answer =
                    request.length == 0 ? host.status() : host.restart(JSON.readValue(request, RestartRequest.class));
            write(visitor, answer);
        } catch (IOException e) {
            log.warn("a visitor of the admin socket got no answer: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(SocketChannel channel, Object value) throws IOException {
        ByteBuffer json = ByteBuffer.wrap(JSON.writeValueAsBytes(value));
        while (json.hasRemaining()) {
            channel.write(json);
        }
    }

    /**
     * Asks a running proxy how its instances are.
     *
     * @throws IOException when none runs with that state
     */
    public static List<InstanceStatus> status(Path path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            channel.shutdownOutput();
            return List.of(JSON.readValue(Channels.newInputStream(channel), InstanceStatus[].class));
        }
    }

    /**
     * Has a running proxy start a server again. Blocks until it is done, or it is clear that it is not.
     *
     * @throws IOException when none runs with that state
     */
    public static RestartRequest.Reply restart(Path path, RestartRequest request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            write(channel, request);
            channel.shutdownOutput();
            return JSON.readValue(Channels.newInputStream(channel), RestartRequest.Reply.class);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            log.warn("the admin socket {} could not be removed: {}", path, e.getMessage());
        }
    }
}
