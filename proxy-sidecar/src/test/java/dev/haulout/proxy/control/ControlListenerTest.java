package dev.haulout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.socket.NativeSocket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlListenerTest {
    private static final byte[] DATAGRAM = ControlDatagram.write(
            List.of(new ControlCommand(ControlCommand.DISCONNECT_DATABASE, "acct".getBytes(StandardCharsets.UTF_8))));

    @TempDir
    private Path folder;

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final ControlListener.Receiver receiver = new ControlListener.Receiver() {
        @Override
        public void command(ControlCommand command) {
            received.add(command.toString());
        }

        @Override
        public void malformed(String why) {
            received.add("malformed: " + why);
        }
    };

    @Test
    void datagramsToALocalSocketAreReceivedAfterMalformedOnesToo() throws Exception {
        String path = folder.resolve("c").toString();
        try (ControlListener listener = ControlListener.local(path, receiver);
                NativeSocket client = NativeSocket.local(NativeSocket.Type.DATAGRAM)) {
            client.connectLocal(path);
            client.send(new byte[5], 0, 5);
            client.send(DATAGRAM, 0, DATAGRAM.length);

            await().until(() -> received.size() == 2);
            assertThat(received).containsExactly("malformed: wrong magic number 00000000", "20(acct)");
        }
        try (ControlListener again = ControlListener.local(path, receiver)) {
            assertThat(again).as("listening where a socket was left").isNotNull();
        }
    }

    @Test
    void datagramsByUdpAndMulticastAreReceived() throws Exception {
        int port = freePort();
        try (ControlListener listener = ControlListener.ip(
                        new InetSocketAddress("0.0.0.0", port),
                        Optional.of(InetAddress.ofLiteral("224.0.0.42")),
                        Optional.of("lo"),
                        receiver);
                DatagramSocket client = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            client.send(new DatagramPacket(DATAGRAM, DATAGRAM.length, InetAddress.getLoopbackAddress(), port));
            await().until(() -> received.size() == 1);
            client.setOption(java.net.StandardSocketOptions.IP_MULTICAST_IF, java.net.NetworkInterface.getByName("lo"));
            client.send(new DatagramPacket(DATAGRAM, DATAGRAM.length, InetAddress.ofLiteral("224.0.0.42"), port));
            await().until(() -> received.size() == 2);
        }
    }

    @Test
    void anInterfaceThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> ControlListener.ip(
                        new InetSocketAddress("127.0.0.1", freePort()),
                        Optional.empty(),
                        Optional.of("nothere0"),
                        receiver))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No such device");
    }

    private static int freePort() throws IOException {
        try (DatagramSocket free = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            return free.getLocalPort();
        }
    }
}
