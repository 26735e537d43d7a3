package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The framing of a connection with {@link Capability#COMPRESS}: the stream of packets in both directions, cut anywhere into
 * frames with a header and numbers of their own. Neither side of it is ever gathered: what comes is inflated bit by bit, and
 * only while somebody reads on, so that a small frame that means a large one costs no memory.
 *
 * <pre>
 * int&lt;3&gt; length of what follows the header, int&lt;1&gt; number, int&lt;3&gt; length when inflated; 0 where it isn't deflated
 * </pre>
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/0-packet#compressed-packet">Compressed
 *     packet</a>
 */
public final class CompressedFrames extends ChannelDuplexHandler {
    /** Bytes of a frame's header. */
    static final int HEADER = 7;

    /** Less is not worth it; the server and all clients see it so. */
    private static final int LEAST_DEFLATED = 50;

    /** What goes into one frame at most, and what is inflated at once. */
    private static final int CHUNK = 64 << 10;

    private final BooleanSupplier busy;

    // what comes
    private final Deque<ByteBuf> arrived = new ArrayDeque<>(2);
    private final Inflater inflater = new Inflater();
    private int headerBytes;
    private int length;
    private int number;
    private int inflated;
    private boolean deflated;
    private boolean reading;

    // what goes
    private Deflater deflater;
    private ByteBuf gathered;
    private int nextNumber;
    private int waitingCommands;

    private boolean over;

    /** The client doesn't keep to this framing. */
    public static final class BrokenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenException(String message) {
            super(message);
        }
    }

    /** @param busy whether a command has yet to be answered, so that one that comes now will be answered later */
    public CompressedFrames(BooleanSupplier busy) {
        this.busy = busy;
    }

    /** An answer is whole. @param last whether no other command waits */
    public void answered(boolean last) {
        if (waitingCommands > 0) {
            waitingCommands = last ? 0 : waitingCommands - 1;
            nextNumber = 1;
        }
    }

    // ------------------------------------------------------------ what comes

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        arrived.add((ByteBuf) message);
        passOn(context);
    }

    /** Somebody reads on. */
    @Override
    public void read(ChannelHandlerContext context) {
        if (!reading && !arrived.isEmpty()) {
            passOn(context);
            context.fireChannelReadComplete();
        }
        if (arrived.isEmpty()) {
            context.read();
        }
    }

    private void passOn(ChannelHandlerContext context) {
        if (reading) {
            return;
        }
        reading = true;
        try {
            while (!over && !arrived.isEmpty() && context.channel().config().isAutoRead()) {
                ByteBuf in = arrived.peek();
                boolean moreToInflate = deflated && headerBytes == HEADER && length == 0;
                if (!in.isReadable() && !moreToInflate) {
                    arrived.poll().release();
                } else if (headerBytes < HEADER) {
                    header(in);
                } else if (deflated) {
                    inflate(context, in);
                } else {
                    int here = Math.min(length, in.readableBytes());
                    length -= here;
                    if (length == 0) {
                        headerBytes = 0;
                    }
                    context.fireChannelRead(in.readRetainedSlice(here));
                }
            }
        } finally {
            reading = false;
        }
    }

    private void header(ByteBuf in) {
        int value = in.readUnsignedByte();
        switch (headerBytes++) {
            case 0 -> length = value;
            case 1 -> length |= value << 8;
            case 2 -> length |= value << 16;
            case 3 -> number = value;
            case 4 -> inflated = value;
            case 5 -> inflated |= value << 8;
            default -> {
                inflated |= value << 16;
                deflated = inflated > 0;
                inflater.reset();
                heard();
                if (length == 0) {
                    headerBytes = 0;
                }
            }
        }
    }

    /** What is answered goes on with the number behind the last frame that was heard of it. */
    private void heard() {
        if (number == 0 && busy.getAsBoolean()) {
            waitingCommands++;
        } else if (waitingCommands == 0) {
            nextNumber = number + 1;
        }
    }

    /** Inflates one chunk. */
    private void inflate(ChannelHandlerContext context, ByteBuf in) {
        int here = Math.min(length, in.readableBytes());
        ByteBuffer source = in.nioBuffer(in.readerIndex(), here);
        int room = Math.clamp(inflated, 1, CHUNK); // one byte too many is a byte too many
        ByteBuf out = context.alloc().directBuffer(room, room);
        int made;
        try {
            inflater.setInput(source);
            made = inflater.inflate(out.internalNioBuffer(0, room));
        } catch (DataFormatException e) {
            out.release();
            throw broken("is not deflated: " + e.getMessage());
        }
        in.skipBytes(source.position());
        length -= source.position();
        if (made > inflated) {
            out.release();
            throw broken("holds more than it says");
        }
        inflated -= made;
        if (inflater.finished()) {
            if (length > 0 || inflated > 0) {
                out.release();
                throw broken("holds less than it says");
            }
            headerBytes = 0;
        } else if (made == 0 && source.position() == 0) {
            out.release();
            throw broken("ends early");
        }
        if (made == 0) {
            out.release();
        } else {
            context.fireChannelRead(out.writerIndex(made));
        }
    }

    private BrokenException broken(String how) {
        over = true;
        return new BrokenException("a compressed frame " + how);
    }

    // ------------------------------------------------------------ what goes

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (bytes.isReadable()) {
                if (gathered == null) {
                    gathered = context.alloc().directBuffer(Math.min(bytes.readableBytes(), CHUNK), CHUNK);
                }
                gathered.writeBytes(bytes, Math.min(bytes.readableBytes(), gathered.maxWritableBytes()));
                if (gathered.maxWritableBytes() == 0) {
                    send(context, context.voidPromise());
                }
            }
        } finally {
            bytes.release();
        }
        if (!promise.isVoid()) {
            send(context, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (gathered != null) {
            send(context, context.voidPromise());
        }
        context.flush();
    }

    private void send(ChannelHandlerContext context, ChannelPromise promise) {
        if (gathered == null) {
            context.write(context.alloc().buffer(0, 0), promise);
            return;
        }
        ByteBuf payload = gathered;
        gathered = null;
        ByteBuf frame = deflated(context, payload);
        if (frame == null) {
            frame = context.alloc().directBuffer(HEADER + payload.readableBytes());
            header(frame, payload.readableBytes(), 0)
                    .writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        }
        payload.release();
        nextNumber++;
        context.write(frame, promise);
    }

    /** A frame with the payload deflated; null where that is no shorter. */
    private ByteBuf deflated(ChannelHandlerContext context, ByteBuf payload) {
        int size = payload.readableBytes();
        if (size < LEAST_DEFLATED) {
            return null;
        }
        if (deflater == null) {
            deflater = new Deflater(Deflater.BEST_SPEED); // others wait on this thread
        }
        ByteBuf frame = context.alloc().directBuffer(HEADER + size);
        deflater.reset();
        deflater.setInput(payload.nioBuffer());
        deflater.finish();
        int made = deflater.deflate(frame.internalNioBuffer(HEADER, size - 1));
        if (!deflater.finished()) {
            frame.release();
            return null;
        }
        return header(frame, made, size).writerIndex(HEADER + made);
    }

    private ByteBuf header(ByteBuf frame, int payload, int original) {
        return frame.writeMediumLE(payload).writeByte(nextNumber).writeMediumLE(original);
    }

    // ------------------------------------------------------------ the end

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
        inflater.end();
        if (deflater != null) {
            deflater.end();
        }
    }

    private void end() {
        over = true;
        while (!arrived.isEmpty()) {
            arrived.poll().release();
        }
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
