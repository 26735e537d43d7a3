package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.function.Consumer;

/**
 * Takes a gateway's notices out of what it sends. A notice is one packet with sequence number 0, sent between answers: the
 * first packet of an answer has a higher one, since the command had 0. So it can come ahead of an answer, never within.
 */
final class NoticeReader {
    /** A gateway leaves out what would make a notice longer. */
    static final int LONGEST = 1 << 20;

    private final Consumer<byte[]> heard;
    private ByteBuf gathered;

    /** @param heard told each notice's payload */
    NoticeReader(Consumer<byte[]> heard) {
        this.heard = heard;
    }

    /**
     * Reads bytes that begin at the start of a packet and releases them.
     *
     * @return what is no notice; without readable bytes where more has to come first
     * @throws MalformedPacketException when one is longer than a notice can be
     */
    ByteBuf read(ByteBufAllocator alloc, ByteBuf bytes) {
        ByteBuf in = gathered == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, gathered, bytes);
        gathered = null;
        while (in.readableBytes() >= Wire.HEADER && Wire.sequence(in) == 0) {
            int length = Wire.payloadLength(in);
            if (length > LONGEST) {
                in.release();
                throw new MalformedPacketException("notice of " + length + " bytes");
            }
            if (in.readableBytes() < Wire.HEADER + length) {
                break;
            }
            byte[] payload = new byte[length];
            in.skipBytes(Wire.HEADER).readBytes(payload);
            heard.accept(payload);
        }
        if (in.readableBytes() < Wire.HEADER || Wire.sequence(in) == 0) {
            if (in.isReadable()) {
                gathered = in;
            } else {
                in.release();
            }
            return Unpooled.EMPTY_BUFFER;
        }
        return in;
    }

    /** Releases what has come of a notice so far. */
    void end() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
