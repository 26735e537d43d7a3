package dev.haulout.proxy.control;

import dev.haulout.proxy.socket.NativeSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Receives control datagrams, on a thread of its own. */
public final class ControlListener implements AutoCloseable {
    private final NativeSocket socket;
    private volatile boolean closed;

    private ControlListener(NativeSocket socket) {
        this.socket = socket;
    }

    /** What is done with what comes, on the listener's thread. */
    public interface Receiver {
        /** A command that is whole, known or not. */
        void command(ControlCommand command);

        /** Something that is no control datagram, or not to its end; for the log. */
        void malformed(String why);
    }

    /**
     * Listens for datagrams at an address of IP.
     *
     * @param group a multicast group to join
     * @param networkInterface the only interface to listen at
     */
    public static ControlListener ip(
            InetSocketAddress address,
            Optional<InetAddress> group,
            Optional<String> networkInterface,
            Receiver receiver)
            throws IOException {
        NativeSocket socket = NativeSocket.ip(address.getAddress(), NativeSocket.Type.DATAGRAM);
        return started(socket, receiver, bound -> {
            if (networkInterface.isPresent()) {
                bound.onlyAt(networkInterface.get());
            }
            bound.bind(address);
            if (group.isPresent()) {
                bound.join(group.get(), networkInterface.orElse(null));
            }
        });
    }

    /** Listens at a local address, {@code /path} or {@code @name}; a socket that is there already gives way. */
    public static ControlListener local(String name, Receiver receiver) throws IOException {
        return started(NativeSocket.local(NativeSocket.Type.DATAGRAM), receiver, socket -> {
            if (name.startsWith("/")) {
                Files.deleteIfExists(Path.of(name));
            }
            socket.bindLocal(name);
        });
    }

    @FunctionalInterface
    private interface Binding {
        void bind(NativeSocket socket) throws IOException;
    }

    private static ControlListener started(NativeSocket socket, Receiver receiver, Binding binding) throws IOException {
        try {
            binding.bind(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        ControlListener listener = new ControlListener(socket);
        Thread.ofPlatform().daemon().name("control").start(() -> listener.receive(receiver));
        return listener;
    }

    private void receive(Receiver receiver) {
        while (!closed) {
            try {
                byte[] datagram = socket.receive(ControlDatagram.MOST);
                if (!closed) {
                    take(datagram, receiver::command, receiver::malformed);
                }
            } catch (IOException e) {
                if (!closed) {
                    receiver.malformed(e.getMessage()); // such as an ICMP error: the next one may be fine
                }
            }
        }
    }

    private static void take(byte[] datagram, Consumer<ControlCommand> commands, Consumer<String> faults) {
        ControlDatagram.Reading reading = ControlDatagram.read(datagram);
        reading.commands().forEach(commands);
        reading.fault().ifPresent(faults);
    }

    @Override
    public void close() {
        closed = true;
        socket.close();
    }
}
