package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Doors behind a load balancer that says where clients are. */
class ProxyHeaderTest {
    private static final String BALANCER = "127.0.0.9";
    private static final String V2 = "0d0a0d0a000d0a515549540a";

    private static int port;
    private static HostProcess host;

    @BeforeAll
    static void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .options("--proxy-protocol-networks", BALANCER + "/32,::1")
                .instance("shop", port, "  sleep: {after: 1s}")
                .start();
    }

    /** Refusals are the door's own then, in one round. */
    @BeforeEach
    void asleep() {
        host.awaitAsleep("shop");
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
    }

    /** What the door answers to a login without a password, sent from that address after {@code before}. */
    private static String refusal(String from, byte[] before, int split) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            socket.setSoTimeout(60_000);
            socket.setTcpNoDelay(true);
            packet(socket);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(before);
            all.writeBytes(Visitor.handshakeResponse("nobody"));
            socket.getOutputStream().write(all.toByteArray(), 0, split);
            socket.getOutputStream().flush();
            socket.getOutputStream().write(all.toByteArray(), split, all.size() - split);
            return packet(socket);
        }
    }

    private static String packet(Socket socket) throws IOException {
        byte[] header = socket.getInputStream().readNBytes(4);
        return header.length < 4
                ? "closed"
                : new String(
                        socket.getInputStream().readNBytes((header[0] & 0xff) | (header[1] & 0xff) << 8),
                        StandardCharsets.ISO_8859_1);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 20, 60})
    void theFirstVersionTellsWhereTheClientIs(int split) throws IOException {
        byte[] header = ascii("PROXY TCP4 203.0.113.7 127.0.0.1 4711 3306\r\n");

        assertThat(refusal(BALANCER, header, split)).contains("Access denied for user 'nobody'@'203.0.113.7'");
    }

    @ParameterizedTest
    @CsvSource({
        "2111000ccb0071077f00000112670cea, 203.0.113.7",
        "2121002420010db80000000000000000000000070000000000000000000000000000000112670cea, 2001:db8::7",
        "2111000fcb0071077f00000112670ceaee0000, 203.0.113.7", // with further information
        "20000000, 127.0.0.9", // the balancer's own health check
    })
    void theSecondVersionTellsWhereTheClientIs(String header, String address) throws IOException {
        assertThat(refusal(BALANCER, hex(V2 + header), 20)).contains("Access denied for user 'nobody'@'" + address);
    }

    @Test
    void thereNeedNotBeOne() throws IOException {
        assertThat(refusal(BALANCER, new byte[0], 0)).contains("Access denied for user 'nobody'@'127.0.0.9'");
    }

    @Test
    void oneOfAnUntrustedClientIsNotBelieved() throws IOException {
        assertThat(refusal("127.0.0.5", ascii("PROXY TCP4 203.0.113.7 127.0.0.1 4711 3306\r\n"), 0))
                .doesNotContain("203.0.113.7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 203.0.113.777 127.0.0.1 4711 3306\r\n",
                "PROXY TCP4 no end of it, no end of it, no end of it, no end of it, no end of it, no end of it, no end of it, no end"
            })
    void oneThatCantBeReadEndsTheConnection(String header) throws IOException {
        assertThat(refusal(BALANCER, ascii(header), 0)).isEqualTo("closed");
    }

    @Test
    void theServerSeesWhoCameThroughHaproxy() throws Exception {
        assumeThat(Program.exists("haproxy")).as("haproxy is installed").isTrue();
        int front = HostProcess.freePort();
        Path configuration = Files.createTempFile("haulout-haproxy", ".cfg");
        Files.writeString(configuration, """
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                listen shop
                  bind 127.0.0.1:%d
                  server door 127.0.0.1:%d source %s send-proxy-v2
                """.formatted(front, port, BALANCER));
        Process haproxy = new ProcessBuilder("haproxy", "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            await("haproxy").atMost(Duration.ofMinutes(1)).until(() -> {
                try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), front)) {
                    return probe.isConnected();
                } catch (IOException notYet) {
                    return false;
                }
            });
            for (String tls : List.of("disable", "trust")) {
                try (Connection connection = DriverManager.getConnection(
                                "jdbc:mariadb://127.0.0.1:" + front + "/app?localSocketAddress=127.0.0.5&sslMode="
                                        + tls,
                                "app",
                                "secret");
                        Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery(
                                "SELECT USER(), host FROM information_schema.processlist WHERE id = CONNECTION_ID()")) {
                    row.next();
                    assertThat(row.getString(1)).isEqualTo("app@127.0.0.5");
                    assertThat(row.getString(2)).startsWith("127.0.0.5:");
                }
            }
        } finally {
            haproxy.destroy();
            haproxy.waitFor();
            Files.delete(configuration);
        }
    }
}
