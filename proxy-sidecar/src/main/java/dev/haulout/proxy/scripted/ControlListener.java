package dev.haulout.proxy.scripted;

import dev.haulout.proxy.control.ControlCommand;
import dev.haulout.proxy.control.ControlDatagram;
import dev.haulout.proxy.lua.library.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the datagrams of the control protocol. Whoever can send one is believed, and nobody is answered. */
final class ControlListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.script");

    private final DatagramChannel channel;
    private final Consumer<ControlCommand> obey;

    private ControlListener(DatagramChannel channel, Consumer<ControlCommand> obey) {
        this.channel = channel;
        this.obey = obey;
    }

    /**
     * Listens.
     *
     * @param group a multicast group to join
     * @param networkInterface the only one to listen at
     */
    static ControlListener open(
            Address address,
            Optional<InetAddress> group,
            Optional<String> networkInterface,
            Consumer<ControlCommand> obey)
            throws IOException {
        if (address.isLocal()) {
            throw new IOException("only IP addresses can be listened at; write for example '127.0.0.1:5478'");
        }
        boolean six = address.ip().getAddress() instanceof java.net.Inet6Address;
        DatagramChannel channel =
                DatagramChannel.open(six ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address.ip());
            if (group.isPresent()) {
                channel.join(group.get(), networkInterface(networkInterface, address.ip()));
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        ControlListener listener = new ControlListener(channel, obey);
        Thread.ofVirtual().name("haulout-control").start(listener::listen);
        return listener;
    }

    private static NetworkInterface networkInterface(Optional<String> name, InetSocketAddress bound)
            throws IOException {
        NetworkInterface found = name.isPresent()
                ? NetworkInterface.getByName(name.get())
                : NetworkInterface.getByInetAddress(
                        bound.getAddress().isAnyLocalAddress() ? InetAddress.getLocalHost() : bound.getAddress());
        if (found == null) {
            throw new IOException("there is no network interface "
                    + name.map(wanted -> "'" + wanted + "'").orElse("of that address; name one with interface="));
        }
        return found;
    }

    private void listen() {
        ByteBuffer buffer = ByteBuffer.allocate(ControlDatagram.MOST + 1);
        while (channel.isOpen()) {
            try {
                buffer.clear();
                SocketAddress from = channel.receive(buffer);
                byte[] datagram = new byte[buffer.flip().remaining()];
                buffer.get(datagram);
                take(datagram, from);
            } catch (IOException e) {
                if (channel.isOpen()) {
                    log.warn("a control datagram could not be received: {}", e.getMessage());
                }
            }
        }
    }

    private void take(byte[] datagram, SocketAddress from) {
        if (datagram.length > ControlDatagram.MOST) {
            log.warn("a control datagram from {} is longer than {} bytes", from, ControlDatagram.MOST);
            return;
        }
        ControlDatagram.Reading reading = ControlDatagram.read(datagram);
        reading.fault().ifPresent(fault -> log.warn("a control datagram from {}: {}", from, fault));
        reading.commands().forEach(obey);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            log.warn("a control listener could not be closed: {}", e.getMessage());
        }
    }
}
