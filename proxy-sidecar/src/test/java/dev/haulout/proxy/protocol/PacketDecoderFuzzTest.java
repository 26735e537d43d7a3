package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever bytes come in whatever pieces, the decoder cuts the frames that are there, holds no more than it may, and
 * throws nothing but {@link PacketTooLongException}. Runs on the kept inputs as a rule; {@code JAZZER_FUZZ=1 ./mvnw test
 * -pl proxy-sidecar -am -Dtest=PacketDecoderFuzzTest#anyBytes -Dsurefire.failIfNoSpecifiedTests=false} looks for new
 * ones.
 */
class PacketDecoderFuzzTest {
    private static final int LIMIT = 100;

    @FuzzTest(maxDuration = "3m")
    void anyBytes(byte[] input) {
        long seed = input.length == 0 ? 0 : input[0];
        cutsAsAReaderOfTheWholeWould(input, Chunks.random(input, seed));
        cutsAsAReaderOfTheWholeWould(input, Chunks.single(input));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void framesInAnyPieces(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            byte[] stream = frames(random);

            cutsAsAReaderOfTheWholeWould(stream, Chunks.random(stream, random.nextLong()));
        }
    }

    /** Of a frame that is too long to be gathered the first piece is as long as promised, and nothing is held back. */
    @Test
    void longFramesComeInPieces() {
        int length = 3 * PacketDecoder.WHOLE;
        byte[] stream = new byte[Wire.HEADER + length + Wire.HEADER + 1];
        new Random(1).nextBytes(stream);
        Unpooled.wrappedBuffer(stream).setMediumLE(0, length).setMediumLE(Wire.HEADER + length, 1);
        EmbeddedChannel channel = new EmbeddedChannel(new PacketDecoder(Wire.MAX_PAYLOAD));
        ByteBuf pieces = Unpooled.buffer();
        List<Integer> lengths = new ArrayList<>();
        for (byte[] chunk : Chunks.random(stream, 1)) {
            channel.writeInbound(Unpooled.wrappedBuffer(chunk));
            for (ByteBuf piece = channel.readInbound(); piece != null; piece = channel.readInbound()) {
                lengths.add(piece.readableBytes());
                pieces.writeBytes(piece);
                piece.release();
            }
        }
        channel.finishAndReleaseAll();

        assertThat(ByteBufUtil.getBytes(pieces)).isEqualTo(stream);
        assertThat(lengths.getFirst()).isEqualTo(PacketDecoder.WHOLE);
        assertThat(lengths.getLast()).as("the next frame").isEqualTo(Wire.HEADER + 1);
        assertThat(lengths).hasSizeGreaterThan(3);
    }

    private static byte[] frames(Random random) {
        ByteBuf stream = Unpooled.buffer();
        for (int i = random.nextInt(20); i > 0; i--) {
            byte[] payload = new byte[random.nextInt(i == 1 ? 2 * LIMIT : LIMIT + 1)];
            random.nextBytes(payload);
            stream.writeMediumLE(payload.length)
                    .writeByte(random.nextInt(256))
                    .writeBytes(payload, 0, random.nextInt(10) == 0 ? payload.length / 2 : payload.length);
        }
        return ByteBufUtil.getBytes(stream);
    }

    private static void cutsAsAReaderOfTheWholeWould(byte[] stream, List<byte[]> chunks) {
        EmbeddedChannel channel = new EmbeddedChannel(new PacketDecoder(LIMIT));
        List<byte[]> frames = new ArrayList<>();
        boolean tooLong = false;
        int held = 0;
        try {
            for (byte[] chunk : chunks) {
                channel.writeInbound(Unpooled.wrappedBuffer(chunk));
                held += chunk.length - take(channel, frames);
                assertThat(held).as("bytes held back").isLessThan(Wire.HEADER + LIMIT);
            }
        } catch (PacketTooLongException e) {
            tooLong = true;
            take(channel, frames);
        } finally {
            channel.finishAndReleaseAll();
        }

        int at = 0;
        List<byte[]> expected = new ArrayList<>();
        boolean expectedTooLong = false;
        while (at + Wire.HEADER <= stream.length) {
            int length = stream[at] & 0xff | (stream[at + 1] & 0xff) << 8 | (stream[at + 2] & 0xff) << 16;
            if (length > LIMIT) {
                expectedTooLong = true;
                break;
            }
            int end = at + Wire.HEADER + length;
            if (end > stream.length) {
                break;
            }
            expected.add(Arrays.copyOfRange(stream, at, end));
            at = end;
        }
        assertThat(tooLong).isEqualTo(expectedTooLong);
        assertThat(frames.toArray(byte[][]::new)).isDeepEqualTo(expected.toArray(byte[][]::new));
    }

    private static int take(EmbeddedChannel channel, List<byte[]> frames) {
        int bytes = 0;
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            bytes += frame.readableBytes();
            frames.add(ByteBufUtil.getBytes(frame));
            frame.release();
        }
        return bytes;
    }
}
