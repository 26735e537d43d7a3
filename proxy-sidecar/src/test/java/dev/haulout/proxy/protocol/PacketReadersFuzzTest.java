package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a packet holds, its reader gives a packet that is written and read again as the same, or throws
 * {@link MalformedPacketException} and nothing else.
 */
class PacketReadersFuzzTest {
    /** Without the leak detector, which costs more than all else here. */
    private static final UnpooledByteBufAllocator UNWATCHED = new UnpooledByteBufAllocator(false, true);

    @FuzzTest(maxDuration = "3m")
    void greeting(byte[] payload) {
        readsOrSaysWhatIsWrong(payload, Greeting::read, greeting -> greeting.frame(UNWATCHED));
    }

    @FuzzTest(maxDuration = "3m")
    void handshakeResponse(byte[] payload) {
        readsOrSaysWhatIsWrong(payload, HandshakeResponse::read, response -> response.frame(UNWATCHED, 1));
    }

    @FuzzTest(maxDuration = "3m")
    void authSwitch(byte[] payload) {
        readsOrSaysWhatIsWrong(payload, AuthSwitch::read, request -> request.frame(UNWATCHED, 2));
    }

    @FuzzTest(maxDuration = "3m")
    void sqlError(byte[] payload) {
        readsOrSaysWhatIsWrong(payload, SqlError::read, error -> error.frame(UNWATCHED, 1, true));
    }

    /** Real packets with some bytes changed, cut off or doubled. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void damagedPackets(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            greeting(damaged(Samples.GREETING, random));
            handshakeResponse(damaged(Samples.CLI_RESPONSE, random));
            authSwitch(damaged(Samples.AUTH_SWITCH, random));
            sqlError(damaged(Samples.ERROR, random));
        }
    }

    private static byte[] damaged(byte[] packet, Random random) {
        byte[] bytes = Arrays.copyOf(packet, random.nextInt(4) == 0 ? random.nextInt(packet.length) : packet.length);
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static <T> void readsOrSaysWhatIsWrong(
            byte[] payload, Function<ByteBuf, T> reader, Function<T, ByteBuf> writer) {
        T packet;
        try {
            packet = reader.apply(Unpooled.wrappedBuffer(payload));
        } catch (MalformedPacketException e) {
            return;
        }
        byte[] written = payload(writer.apply(packet));
        byte[] again = payload(writer.apply(reader.apply(Unpooled.wrappedBuffer(written))));
        assertThat(again).isEqualTo(written);
    }

    private static byte[] payload(ByteBuf frame) {
        try {
            return ByteBufUtil.getBytes(frame.skipBytes(Wire.HEADER));
        } finally {
            frame.release();
        }
    }
}
