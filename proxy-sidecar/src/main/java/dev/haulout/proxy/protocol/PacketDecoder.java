package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Cuts a byte stream into frames, header included. A frame of more than {@link #WHOLE} bytes comes in pieces, of which the
 * first has that many, so that a long one is neither gathered nor copied. Until it is told otherwise it takes only small
 * frames, so that a stranger costs no more than {@code limit} bytes.
 */
public final class PacketDecoder extends ChannelInboundHandlerAdapter {
    /** Frames of up to so many bytes, header included, come whole: more than anybody has to look at. */
    public static final int WHOLE = 272 << 10;

    /** Room for the beginning of a frame whose length isn't known yet. */
    private static final int FIRST_ROOM = 64;

    private int limit;
    private ByteBuf begun;
    private int rest;
    private boolean tooLong;

    /** @param limit the longest payload accepted, in bytes */
    public PacketDecoder(int limit) {
        this.limit = limit;
    }

    /** Accepts payloads of up to {@code limit} bytes from now on. */
    public void limit(int limit) {
        this.limit = limit;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable() && !tooLong) {
                int length = next(context, in);
                if (length == 0) {
                    continue;
                }
                if (length == in.readableBytes()) {
                    ByteBuf all = in;
                    in = null;
                    context.fireChannelRead(all);
                    return;
                }
                context.fireChannelRead(in.readRetainedSlice(length));
            }
        } finally {
            if (in != null) {
                in.release();
            }
        }
    }

    /** How many of the next bytes go on as they are; 0 where they were taken, because a frame's beginning isn't whole. */
    private int next(ChannelHandlerContext context, ByteBuf in) {
        if (rest > 0) {
            int piece = Math.min(rest, in.readableBytes());
            rest -= piece;
            return piece;
        }
        if (begun == null && in.readableBytes() >= Wire.HEADER) {
            int frame = frameLength(in);
            int first = Math.min(frame, WHOLE);
            if (in.readableBytes() >= first) {
                rest = frame - first;
                return first;
            }
            begun = context.alloc().buffer(Math.min(first, 2 * in.readableBytes()), first);
        } else if (begun == null) {
            begun = context.alloc().buffer(FIRST_ROOM, WHOLE);
        }
        gather(context, in);
        return 0;
    }

    private int frameLength(ByteBuf at) {
        int length = Wire.payloadLength(at);
        if (length > limit) {
            tooLong = true;
            throw new PacketTooLongException(length, limit);
        }
        return Wire.HEADER + length;
    }

    private void gather(ChannelHandlerContext context, ByteBuf in) {
        if (begun.readableBytes() < Wire.HEADER) {
            begun.writeBytes(in, Math.min(Wire.HEADER - begun.readableBytes(), in.readableBytes()));
            if (begun.readableBytes() < Wire.HEADER) {
                return;
            }
        }
        int frame = frameLength(begun);
        int first = Math.min(frame, WHOLE);
        begun.writeBytes(in, Math.min(first - begun.readableBytes(), in.readableBytes()));
        if (begun.readableBytes() == first) {
            rest = frame - first;
            ByteBuf whole = begun;
            begun = null;
            context.fireChannelRead(whole);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        forget();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        forget();
    }

    private void forget() {
        if (begun != null) {
            begun.release();
            begun = null;
        }
    }
}
