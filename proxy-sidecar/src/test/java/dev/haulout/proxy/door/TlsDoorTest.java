package dev.haulout.proxy.door;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.tls.OwnCertificate;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a client gets into TLS at a door, or doesn't. */
class TlsDoorTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int TLS_ALERT = 21;

    @TempDir
    private Path folder;

    private SleeperDoor door;

    private void open(Duration deadline) throws Exception {
        door = SleeperDoor.open(
                deadline, Optional.of(new OwnCertificate(folder.resolve("tls.pem"), Clock.systemUTC())));
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void greetingOffersTls() throws Exception {
        open(LONG);
        try (Caller caller = new Caller(door.port())) {
            Greeting greeting = Greeting.read(Unpooled.wrappedBuffer(caller.read()));

            assertThat(Capability.has(greeting.capabilities(), Capability.SSL)).isTrue();
        }
    }

    @Test
    void clientsHelloMayComeInOnePacketWithItsRequest() throws Exception {
        open(LONG);
        try (Socket socket = new FirstWritePrefixed(door.port(), TlsCaller.sslRequest())) {
            byte[] header = socket.getInputStream().readNBytes(4);
            socket.getInputStream().readNBytes(header[0] & 0xff);
            SSLContext trusting = SSLContext.getInstance("TLS");
            trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);

            try (SSLSocket tls = (SSLSocket) trusting.getSocketFactory().createSocket(socket, "door", 1, true)) {
                tls.startHandshake();
                tls.getOutputStream().write(frame(2, new byte[] {1}));

                assertThat(tls.getInputStream().readNBytes(5)[4])
                        .as("an error, as that was no response")
                        .isEqualTo((byte) 0xff);
            }
        }
    }

    /** Holds back nothing, but says something before the first word. */
    private static final class FirstWritePrefixed extends Socket {
        private byte[] prefix;

        FirstWritePrefixed(int port, byte[] prefix) throws IOException {
            super(InetAddress.getLoopbackAddress(), port);
            setSoTimeout(60_000);
            this.prefix = prefix;
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(super.getOutputStream()) {
                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    byte[] all = Unpooled.wrappedBuffer(
                                    Unpooled.wrappedBuffer(prefix), Unpooled.wrappedBuffer(bytes, from, length))
                            .copy()
                            .array();
                    prefix = new byte[0];
                    out.write(all);
                }
            };
        }
    }

    @Test
    void whoIsStuckInTheTlsHandshakeIsCutAtTheDeadline() throws Exception {
        open(Duration.ofMillis(300));
        byte[] halfARecord = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc};
        try (Caller silent = new Caller(door.port());
                Caller half = new Caller(door.port())) {
            silent.read();
            silent.send(TlsCaller.sslRequest());
            half.read();
            half.send(TlsCaller.sslRequest());
            half.send(halfARecord);

            assertThat(silent.readToTheEnd()).isEmpty();
            assertThat(half.readToTheEnd()).isEmpty();
        }
        // their places are free again: there are ten
        for (int i = 0; i < 10; i++) {
            try (Caller another = new Caller(door.port())) {
                assertThat(another.read()).startsWith(10);
            }
        }
    }

    @Test
    void whoSaysNoHelloIsCutAtOnce() throws Exception {
        open(LONG);
        try (Caller caller = new Caller(door.port())) {
            caller.read();
            caller.send(TlsCaller.sslRequest());
            caller.send("GET / HTTP/1.0\r\n\r\n".repeat(100).getBytes(StandardCharsets.US_ASCII));

            byte[] rest = caller.readToTheEnd();

            assertThat(rest.length).isLessThan(100);
            assertThat(rest.length == 0 || rest[0] == TLS_ALERT).isTrue();
        }
    }

    @Test
    void requestThatSaysMoreIsRefused() throws Exception {
        open(LONG);
        try (Caller caller = new Caller(door.port())) {
            caller.read();
            byte[] request = TlsCaller.sslRequest();
            byte[] longer = new byte[request.length - 4 + 30];
            System.arraycopy(request, 4, longer, 0, request.length - 4);
            caller.send(frame(1, longer));

            assertThat(new String(caller.read(), StandardCharsets.UTF_8)).contains("Bad handshake: TLS was asked for");
        }
    }
}
