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
 * A unix socket, open to the proxy's own user and root: whoever connects is sent the status of all instances as one JSON
 * document, and the end.
 */
public final class StatusSocket implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StatusSocket.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final ServerSocketChannel listener;

    private StatusSocket(Path path, ServerSocketChannel listener) {
        this.path = path;
        this.listener = listener;
    }

    static StatusSocket open(Path path, Host host) throws IOException {
        Files.deleteIfExists(path); // ours alone: the state's lock is held
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw new IOException(
                    "the status socket " + path + " can't be opened: " + e.getMessage()
                            + "; choose another --state, with a shorter path if that is it",
                    e);
        }
        StatusSocket socket = new StatusSocket(path, listener);
        Thread.ofVirtual().name("haulout-status").start(() -> socket.serve(host));
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
                log.warn("the status socket {} failed: {}", path, e.getMessage());
                return;
            }
        }
    }

    private static void answer(SocketChannel visitor, Host host) {
        try (visitor) {
            ByteBuffer json = ByteBuffer.wrap(JSON.writeValueAsBytes(host.status()));
            while (json.hasRemaining()) {
                visitor.write(json);
            }
        } catch (IOException e) {
            log.debug("a status visitor left early: {}", e.getMessage());
        }
    }

    /**
     * Asks a running proxy.
     *
     * @throws IOException when none runs with that state
     */
    public static List<InstanceStatus> ask(Path path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return List.of(JSON.readValue(Channels.newInputStream(channel), InstanceStatus[].class));
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            log.warn("the status socket {} could not be removed: {}", path, e.getMessage());
        }
    }
}
