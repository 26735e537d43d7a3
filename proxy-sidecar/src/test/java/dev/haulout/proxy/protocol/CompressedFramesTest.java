package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressedFramesTest {
    private static EmbeddedChannel channel() {
        return new EmbeddedChannel(new CompressedFrames(() -> false));
    }

    private static byte[] all(EmbeddedChannel channel, boolean inbound) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = next(channel, inbound); part != null; part = next(channel, inbound)) {
            all.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    private static ByteBuf next(EmbeddedChannel channel, boolean inbound) {
        return inbound ? channel.readInbound() : channel.readOutbound();
    }

    /** Half of it can be deflated and half can't. */
    private static byte[] stream(Random random, int length) {
        byte[] stream = new byte[length];
        for (int at = 0; at < length; at++) {
            stream[at] = (byte) (at / 500 % 2 == 0 ? 'x' : random.nextInt());
        }
        return stream;
    }

    private static ByteBuf frame(int number, byte[] payload, int says) {
        Deflater deflater = new Deflater();
        deflater.setInput(payload);
        deflater.finish();
        byte[] deflated = new byte[payload.length + 100];
        int made = deflater.deflate(deflated);
        deflater.end();
        return Unpooled.buffer()
                .writeMediumLE(made)
                .writeByte(number)
                .writeMediumLE(says)
                .writeBytes(deflated, 0, made);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 49, 50, 51, 500, 65_535, 65_536, 65_537, 1_000_000, 17_000_000})
    void whatIsSentInFramesComesOutAsItWas(int length) {
        byte[] stream = stream(new Random(length), length);
        EmbeddedChannel sender = channel();
        for (byte[] chunk : Chunks.random(stream, length)) {
            sender.write(Unpooled.wrappedBuffer(chunk), sender.voidPromise());
        }
        sender.flush();
        byte[] frames = all(sender, false);

        EmbeddedChannel receiver = channel();
        for (byte[] chunk : Chunks.random(frames, length + 1)) {
            receiver.writeInbound(Unpooled.wrappedBuffer(chunk));
        }

        assertThat(all(receiver, true)).isEqualTo(stream);
        if (length >= 500) {
            assertThat(frames.length).isLessThan(length * 3 / 4);
        }
        sender.finishAndReleaseAll();
        receiver.finishAndReleaseAll();
    }

    @Test
    void shortPacketsAreNotDeflated() {
        EmbeddedChannel channel = channel();

        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[49]));
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[50]));

        ByteBuf sent = Unpooled.wrappedBuffer(all(channel, false));
        assertThat(sent.readUnsignedMediumLE()).isEqualTo(49);
        assertThat(sent.readUnsignedByte()).as("number").isZero();
        assertThat(sent.readUnsignedMediumLE()).as("when inflated").isZero();
        sent.skipBytes(49);
        assertThat(sent.readUnsignedMediumLE()).isLessThan(50);
        assertThat(sent.readUnsignedByte()).as("number").isEqualTo((short) 1);
        assertThat(sent.readUnsignedMediumLE()).as("when inflated").isEqualTo(50);
        channel.finishAndReleaseAll();
    }

    @Test
    void anAnswerIsNumberedBehindTheCommandsLastFrame() {
        EmbeddedChannel channel = channel();
        for (int number = 0; number < 3; number++) {
            channel.writeInbound(frame(number, new byte[100], 100));
        }

        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[7]));

        assertThat(all(channel, false)[3]).isEqualTo((byte) 3);
        channel.finishAndReleaseAll();
    }

    @Test
    void aCommandThatComesTooEarlyDoesNotDisturbTheAnswerBeforeIt() {
        boolean[] busy = {false};
        CompressedFrames frames = new CompressedFrames(() -> busy[0]);
        EmbeddedChannel channel = new EmbeddedChannel(frames);
        channel.writeInbound(frame(0, new byte[100], 100));
        busy[0] = true;
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[7]));
        channel.writeInbound(frame(0, new byte[100], 100));
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[7]));
        frames.answered(false);
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[7]));

        byte[] sent = all(channel, false);

        assertThat(new byte[] {sent[3], sent[14 + 3], sent[28 + 3]}).containsExactly(1, 2, 1);
        channel.finishAndReleaseAll();
    }

    /** 16 MB that came as 16 KB are inflated as they are read, and not at all while nobody reads. */
    @Test
    void aBombGoesOffInSmallPieces() {
        int[] most = {0};
        long[] seen = {0};
        EmbeddedChannel channel =
                new EmbeddedChannel(new CompressedFrames(() -> false), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ByteBuf bytes = (ByteBuf) message;
                        most[0] = Math.max(most[0], bytes.capacity());
                        seen[0] += bytes.readableBytes();
                        bytes.release();
                        context.channel().config().setAutoRead(false);
                    }
                });
        channel.writeInbound(frame(0, new byte[Wire.MAX_PAYLOAD], Wire.MAX_PAYLOAD));

        assertThat(seen[0]).isEqualTo(64 << 10);
        for (int i = 1; i < 10; i++) {
            channel.config().setAutoRead(true);
        }
        assertThat(seen[0]).isEqualTo(10 * (64 << 10));
        assertThat(most[0]).isEqualTo(64 << 10);
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {999, 1001, 1, Wire.MAX_PAYLOAD})
    void aFrameThatIsNotAsLongAsItSaysIsRefused(int says) {
        EmbeddedChannel channel = channel();

        assertThatThrownBy(() -> channel.writeInbound(frame(0, new byte[1000], says)))
                .isInstanceOf(CompressedFrames.BrokenException.class);
        channel.finishAndReleaseAll();
    }

    @FuzzTest(maxDuration = "2m")
    void anyBytes(byte[] input) {
        EmbeddedChannel channel = channel();
        try {
            for (byte[] chunk : Chunks.random(input, input.length)) {
                channel.writeInbound(Unpooled.wrappedBuffer(chunk));
            }
        } catch (CompressedFrames.BrokenException refused) {
            assertThat(refused).hasMessageStartingWith("a compressed frame ");
        } finally {
            channel.finishAndReleaseAll();
        }
    }
}
