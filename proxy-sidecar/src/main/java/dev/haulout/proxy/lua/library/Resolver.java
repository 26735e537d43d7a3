package dev.haulout.proxy.lua.library;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.haulout.proxy.lua.Args;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.Varargs;

/**
 * Host names to addresses: at once while the configuration is read, and later as something to wait for, by
 * systemd-resolved where it runs, else by Java's own resolver.
 */
final class Resolver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_REPLY = 1 << 20;

    /** Where systemd-resolved listens. */
    private final Path resolved;

    Resolver(Path resolved) {
        this.resolved = resolved;
    }

    /** mysql_resolve and control_resolve while the configuration is read: errors are raised. */
    static Varargs atOnce(Args args, int usualPort) {
        return Addresses.resolved(args.text(1), usualPort);
    }

    /** mysql_resolve in callbacks: nil and a message on failure; a host name takes no port. */
    CompletableFuture<Varargs> later(Args args, int usualPort) {
        String name = args.text(1);
        Address numeric;
        try {
            numeric = Addresses.numericOrNull(name, usualPort);
        } catch (LuaError e) {
            return CompletableFuture.completedFuture(Background.failure(e.getMessage()));
        }
        if (numeric != null) {
            return CompletableFuture.completedFuture(numeric);
        }
        return Background.run("lua-resolve", () -> {
            try {
                InetAddress address = Files.exists(resolved) ? ask(name) : InetAddress.getByName(name);
                return Address.of(new InetSocketAddress(address, usualPort));
            } catch (IOException e) {
                return Background.failure("Failed to resolve '" + name + "': " + e.getMessage());
            }
        });
    }

    private InetAddress ask(String name) throws IOException {
        ObjectNode question = JSON.createObjectNode().put("method", "io.systemd.Resolve.ResolveHostname");
        question.putObject("parameters").put("name", name).put("family", 0).put("flags", 0);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(resolved));
            byte[] text = JSON.writeValueAsBytes(question);
            ByteBuffer message =
                    ByteBuffer.allocate(text.length + 1).put(text).put((byte) 0).flip();
            while (message.hasRemaining()) {
                channel.write(message);
            }
            return first(JSON.readTree(reply(channel)));
        }
    }

    private static byte[] reply(SocketChannel channel) throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (channel.read(buffer.clear()) > 0) {
            for (buffer.flip(); buffer.hasRemaining(); ) {
                byte b = buffer.get();
                if (b == 0) {
                    return reply.toByteArray();
                }
                reply.write(b);
            }
            if (reply.size() > MOST_REPLY) {
                throw new IOException("systemd-resolved sends more than " + MOST_REPLY + " bytes");
            }
        }
        throw new IOException("systemd-resolved closed the connection");
    }

    private static InetAddress first(JsonNode reply) throws IOException {
        if (reply.hasNonNull("error")) {
            throw new IOException(reply.get("error").asText());
        }
        JsonNode address = reply.path("parameters").path("addresses").path(0).path("address");
        if (!address.isArray() || (address.size() != 4 && address.size() != 16)) {
            throw new IOException("no address");
        }
        byte[] bytes = new byte[address.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) address.get(i).asInt();
        }
        return InetAddress.getByAddress(bytes);
    }
}
