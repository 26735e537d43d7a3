package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Cuts a byte stream into frames, header included. Until it is told otherwise it takes only small frames, so that a
 * stranger costs no more than {@code limit} bytes.
 */
public final class PacketDecoder extends ByteToMessageDecoder {
    private int limit;

    /** @param limit the longest payload accepted, in bytes */
    public PacketDecoder(int limit) {
        this.limit = limit;
    }

    /** Accepts payloads of up to {@code limit} bytes from now on. */
    public void limit(int limit) {
        this.limit = limit;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < Wire.HEADER) {
            return;
        }
        int length = Wire.payloadLength(in);
        if (length > limit) {
            in.skipBytes(in.readableBytes());
            throw new PacketTooLongException(length, limit);
        }
        if (in.readableBytes() >= Wire.HEADER + length) {
            out.add(in.readRetainedSlice(Wire.HEADER + length));
        }
    }
}
