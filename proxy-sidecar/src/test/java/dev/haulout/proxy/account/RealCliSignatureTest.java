package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the mariadb command line client answers to our own challenges must verify. */
@Timeout(60)
class RealCliSignatureTest {
    private static final Path CLIENT = Path.of("/usr/bin/mariadb");

    /** {@code ed25519_password('secret')}, from MariaDB's documentation of the plugin. */
    private static final Secret PUBLIC_KEY =
            Secret.of(Base64.getDecoder().decode("ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"));

    @Test
    void signatureOfTheCliVerifies() throws Exception {
        // given
        byte[] nonce = random(32);

        // when
        byte[] signature = askCli("secret", ClientPlugin.ED25519, nonce);

        // then
        assertThat(Verifier.ed25519(PUBLIC_KEY, nonce, signature)).isTrue();
        signature[40] ^= 1;
        assertThat(Verifier.ed25519(PUBLIC_KEY, nonce, signature)).isFalse();
    }

    @Test
    void signatureByAnotherPasswordDoesNotVerify() throws Exception {
        // given
        byte[] nonce = random(32);

        // when
        byte[] signature = askCli("Secret", ClientPlugin.ED25519, nonce);

        // then
        assertThat(signature).hasSize(64);
        assertThat(Verifier.ed25519(PUBLIC_KEY, nonce, signature)).isFalse();
    }

    @Test
    void passwordHashIsRecoveredFromTheCli() throws Exception {
        // given
        byte[] scramble = random(20);
        for (int i = 0; i < scramble.length; i++) {
            scramble[i] = (byte) ((scramble[i] & 0x3f) | 0x40);
        }

        // when
        byte[] response = askCli(
                "password",
                ClientPlugin.NATIVE_PASSWORD,
                ByteBuffer.allocate(21).put(scramble).array());

        // then
        Secret hash = VerifierTest.hex("2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
        assertThat(Verifier.nativePassword(hash, scramble, response)).isPresent();
    }

    /** Plays a server that switches the client to a plugin, and gives back the client's answer. */
    private static byte[] askCli(String password, String plugin, byte[] challenge) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(CLIENT), "no mariadb client is installed");
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process cli = new ProcessBuilder(
                            CLIENT.toString(),
                            "--no-defaults",
                            "--host=127.0.0.1",
                            "--port=" + listener.getLocalPort(),
                            "--user=u",
                            "--password=" + password,
                            "--skip-ssl",
                            "--execute=SELECT 1")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (Socket socket = listener.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream();
                send(out, 0, greeting());
                receive(in);
                ByteBuffer change = ByteBuffer.allocate(2 + plugin.length() + challenge.length);
                change.put((byte) 0xfe)
                        .put(plugin.getBytes(StandardCharsets.UTF_8))
                        .put((byte) 0)
                        .put(challenge);
                send(out, 2, change.array());
                return receive(in);
            } finally {
                assertThat(cli.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static byte[] greeting() {
        ByteBuffer greeting = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        int capabilities = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x80000;
        greeting.put((byte) 10)
                .put("5.5.5-10.11.0-MariaDB\0".getBytes(StandardCharsets.UTF_8))
                .putInt(1)
                .put("abcdefgh\0".getBytes(StandardCharsets.UTF_8))
                .putShort((short) capabilities)
                .put((byte) 45)
                .putShort((short) 2)
                .putShort((short) (capabilities >>> 16))
                .put((byte) 21)
                .put(new byte[10])
                .put("ijklmnopqrst\0mysql_old_password\0".getBytes(StandardCharsets.UTF_8));
        byte[] packet = new byte[greeting.position()];
        greeting.flip().get(packet);
        return packet;
    }

    private static void send(OutputStream out, int sequence, byte[] payload) throws IOException {
        out.write(ByteBuffer.allocate(payload.length + 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(payload.length | sequence << 24)
                .put(payload)
                .array());
        out.flush();
    }

    private static byte[] receive(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        in.readUnsignedByte();
        return in.readNBytes(length);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
