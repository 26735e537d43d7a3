package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that real programs sent: read as what they say, and written again byte for byte. */
class PacketsTest {
    private static final UnpooledByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void greetingOfARealServer() {
        Greeting greeting = Greeting.read(Unpooled.wrappedBuffer(Samples.GREETING));

        assertThat(greeting.serverVersion()).isEqualTo("5.5.5-10.11.19-MariaDB-0+deb12u1");
        assertThat(greeting.connectionId()).isEqualTo(4);
        assertThat(new String(greeting.scramble(), StandardCharsets.US_ASCII)).isEqualTo("=eeK)*6qXC&3lKmf6z$C");
        assertThat(greeting.capabilities()).isEqualTo(0x1d_81ff_f7feL);
        assertThat(greeting.collation()).isEqualTo(8);
        assertThat(greeting.status()).isEqualTo(ServerStatus.AUTOCOMMIT);
        assertThat(greeting.plugin()).isEqualTo("mysql_native_password");
        assertFrame(greeting.frame(ALLOC), 0, Samples.GREETING);
    }

    @Test
    void greetingKeepsItsScrambleToItself() {
        Greeting greeting = Greeting.read(Unpooled.wrappedBuffer(Samples.GREETING));

        assertThat(greeting.toString()).contains("10.11.19").doesNotContain("eeK");
    }

    @Test
    void connectionIdsAreUnsigned() {
        Greeting greeting = new Greeting("11.4", 0xffff_ff01L, new byte[20], 0, 8, 2, "p");

        assertThat(payload(greeting.frame(ALLOC), Greeting::read).connectionId())
                .isEqualTo(0xffff_ff01L);
    }

    @Test
    void aGreetingOfAnotherProtocolIsRefused() {
        byte[] old = Samples.GREETING.clone();
        old[0] = 9;

        assertThatThrownBy(() -> Greeting.read(Unpooled.wrappedBuffer(old)))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessageContaining("version 9, not 10");
    }

    @Test
    void handshakeResponseOfARealClient() {
        HandshakeResponse response = HandshakeResponse.read(Unpooled.wrappedBuffer(Samples.CLI_RESPONSE));

        assertThat(response.user()).isEqualTo("app");
        assertThat(response.database()).isEqualTo("shop");
        assertThat(response.plugin()).isEqualTo("mysql_native_password");
        assertThat(HexFormat.of().formatHex(response.authResponse()))
                .isEqualTo("b7c054d8cbe9a9c59098a9ab282ea5bd745568fe");
        assertThat(response.maxPacket()).isEqualTo(1 << 24);
        assertThat(response.collation()).isEqualTo(0x21);
        assertThat(Capability.has(
                        response.capabilities(),
                        Capability.PROGRESS | Capability.STMT_BULK_OPERATIONS | Capability.CACHE_METADATA))
                .isTrue();
        assertThat(new String(response.attributes(), StandardCharsets.US_ASCII)).contains("libmariadb", "x86_64");
        assertFrame(response.frame(ALLOC, 1), 1, Samples.CLI_RESPONSE);
    }

    @Test
    void handshakeResponseKeepsItsProofToItself() {
        HandshakeResponse response = HandshakeResponse.read(Unpooled.wrappedBuffer(Samples.CLI_RESPONSE));

        assertThat(response).hasToString("HandshakeResponse[app, shop, mysql_native_password]");
    }

    /** The flags decide how a proof's end is told. */
    @ParameterizedTest
    @CsvSource({"0", "0x8000", "0x200000", "0x208000"})
    void proofsAreWrittenAsTheyAreRead(long flags) {
        HandshakeResponse response = new HandshakeResponse(
                Capability.PROTOCOL_41 | Capability.CONNECT_WITH_DB | flags,
                1024,
                45,
                "ann",
                "a proof of twenty by".getBytes(StandardCharsets.US_ASCII),
                "shop",
                "",
                new byte[0]);

        HandshakeResponse again = payload(response.frame(ALLOC, 1), HandshakeResponse::read);

        assertThat(again).usingRecursiveComparison().isEqualTo(response);
    }

    @Test
    void aHandshakeResponseOlderThan41IsRefused() {
        byte[] old = Samples.CLI_RESPONSE.clone();
        old[1] &= (byte) ~2;

        assertThatThrownBy(() -> HandshakeResponse.read(Unpooled.wrappedBuffer(old)))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessageContaining("older than protocol 4.1");
    }

    @Test
    void authSwitchOfNativePassword() {
        byte[] scramble = "=eeK)*6qXC&3lKmf6z$C".getBytes(StandardCharsets.US_ASCII);

        assertFrame(AuthSwitch.nativePassword(scramble).frame(ALLOC, 2), 2, Samples.AUTH_SWITCH);

        AuthSwitch read = AuthSwitch.read(Unpooled.wrappedBuffer(Samples.AUTH_SWITCH));
        assertThat(read.plugin()).isEqualTo("mysql_native_password");
        assertThat(read.data()).startsWith(scramble).endsWith(0).hasSize(21);
    }

    @Test
    void aBareAuthSwitchMeansTheOldPassword() {
        assertThat(AuthSwitch.read(Unpooled.wrappedBuffer(new byte[] {(byte) 0xfe}))
                        .plugin())
                .isEqualTo("mysql_old_password");
    }

    @Test
    void errorOfARealServer() {
        SqlError error = SqlError.read(Unpooled.wrappedBuffer(Samples.ERROR));

        assertThat(error).isEqualTo(new SqlError(1045, "28000", "Access denied for user 'app'@localhost"));
        assertFrame(error.frame(ALLOC, 2, true), 2, Samples.ERROR);
    }

    /** As servers write one before they know the client: 1040 in place of a greeting. */
    @Test
    void anErrorWithoutState() {
        ByteBuf frame = new SqlError(1040, "08004", "Too many connections").frame(ALLOC, 0, false);

        SqlError read = payload(frame, SqlError::read);

        assertThat(read).isEqualTo(new SqlError(1040, "HY000", "Too many connections"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xfa, 0xfb, 0xfc, 0xffff, 0x1_0000, 0xff_ffff, 0x100_0000, Long.MAX_VALUE})
    void lengthsAreReadAsTheyWereWritten(long value) {
        ByteBuf bytes = Unpooled.buffer();
        Wire.writeLengthEncoded(bytes, value);

        assertThat(Wire.readLengthEncoded(bytes)).isEqualTo(value);
        assertThat(bytes.isReadable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"fa,1", "fcfb00,3", "fd000001,4", "fe0000000100000000,9"})
    void lengthsAreWrittenAsTheProtocolSays(String hex, int size) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        ByteBuf written = Unpooled.buffer();

        Wire.writeLengthEncoded(written, Wire.readLengthEncoded(Unpooled.wrappedBuffer(bytes)));

        assertThat(ByteBufUtil.getBytes(written)).isEqualTo(bytes).hasSize(size);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fb", "ff", "fc01", "fd0102", "fe01020304050607"})
    void lengthsThatAreNoneAreRefused(String hex) {
        assertThatThrownBy(() -> Wire.readLengthEncoded(
                        Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex))))
                .isInstanceOf(MalformedPacketException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0561", "fe00000000000000806161", "feffffffffffffffff61"})
    void stringsLongerThanTheirPacketAreRefusedWithoutMakingRoomForThem(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> Wire.readLengthEncodedBytes(Unpooled.wrappedBuffer(bytes)))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void cellsAreBytesOrNull() {
        ByteBuf row = Unpooled.wrappedBuffer(new byte[] {(byte) 0xfb, 0, 1, 'x'});

        assertThat(Wire.readCell(row)).isNull();
        assertThat(Wire.readCell(row)).isEmpty();
        assertThat(Wire.readCell(row)).containsExactly('x');
    }

    private static <T> T payload(ByteBuf frame, java.util.function.Function<ByteBuf, T> reader) {
        try {
            return reader.apply(frame.skipBytes(Wire.HEADER));
        } finally {
            frame.release();
        }
    }

    private static void assertFrame(ByteBuf frame, int sequence, byte[] payload) {
        byte[] bytes = ByteBufUtil.getBytes(frame);
        frame.release();
        assertThat(bytes[0] & 0xff | (bytes[1] & 0xff) << 8 | (bytes[2] & 0xff) << 16)
                .isEqualTo(payload.length);
        assertThat(bytes[3]).isEqualTo((byte) sequence);
        assertThat(Arrays.copyOfRange(bytes, Wire.HEADER, bytes.length)).isEqualTo(payload);
    }
}
