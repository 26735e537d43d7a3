package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * The protocol's basic types: frames, length-encoded integers, NUL-terminated and length-encoded strings.
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/protocol-data-types">Data types</a>
 */
public final class Wire {
    /** Bytes of a frame's header: three of length, one of sequence. */
    public static final int HEADER = 4;

    /** The longest payload of one frame; a frame of this length is continued by the next. */
    public static final int MAX_PAYLOAD = 0xffffff;

    private Wire() {}

    /** A frame's payload length, read at its header without moving the reader index. */
    public static int payloadLength(ByteBuf frame) {
        return frame.getUnsignedMediumLE(frame.readerIndex());
    }

    /** How many bytes of a frame are still to come behind those that are here; see {@link PacketDecoder}. */
    public static int rest(ByteBuf frame) {
        return HEADER + payloadLength(frame) - frame.readableBytes();
    }

    /** A frame's sequence number, read at its header. */
    public static int sequence(ByteBuf frame) {
        return frame.getUnsignedByte(frame.readerIndex() + 3);
    }

    /** Gives a frame another sequence number. */
    public static void sequence(ByteBuf frame, int number) {
        frame.setByte(frame.readerIndex() + 3, number);
    }

    /** The first byte of a frame's payload, or -1 where the payload is empty. */
    public static int firstByte(ByteBuf frame) {
        return frame.readableBytes() <= HEADER ? -1 : frame.getUnsignedByte(frame.readerIndex() + HEADER);
    }

    /**
     * Passes over the next frame and gives its payload, a part of the same memory.
     *
     * @throws MalformedPacketException where {@code in} ends within it
     */
    public static ByteBuf readFrame(ByteBuf in) {
        need(in, HEADER);
        need(in, HEADER + payloadLength(in));
        return in.readSlice(HEADER + payloadLength(in)).skipBytes(HEADER);
    }

    /** One frame around {@code payload}, which must be shorter than {@link #MAX_PAYLOAD}. */
    public static ByteBuf frame(ByteBufAllocator alloc, int sequence, byte[] payload) {
        return alloc.buffer(HEADER + payload.length)
                .writeMediumLE(payload.length)
                .writeByte(sequence)
                .writeBytes(payload);
    }

    /** One frame around {@code payload}, which is released. */
    public static ByteBuf frame(ByteBufAllocator alloc, int sequence, ByteBuf payload) {
        try {
            return alloc.buffer(HEADER + payload.readableBytes())
                    .writeMediumLE(payload.readableBytes())
                    .writeByte(sequence)
                    .writeBytes(payload);
        } finally {
            payload.release();
        }
    }

    /** Up to and without the next NUL, which is consumed; to the end where there is none. */
    public static byte[] readNulTerminated(ByteBuf in) {
        int length = in.bytesBefore((byte) 0);
        byte[] bytes = new byte[length < 0 ? in.readableBytes() : length];
        in.readBytes(bytes);
        if (length >= 0) {
            in.skipBytes(1);
        }
        return bytes;
    }

    /** The same as text in UTF-8. */
    public static String readNulTerminatedText(ByteBuf in) {
        return new String(readNulTerminated(in), StandardCharsets.UTF_8);
    }

    /** Writes {@code text} in UTF-8 and a NUL. */
    public static void writeNulTerminated(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        out.writeByte(0);
    }

    /**
     * A length-encoded integer.
     *
     * @throws MalformedPacketException for 0xff, for 0xfb (NULL), and where bytes are missing
     */
    public static long readLengthEncoded(ByteBuf in) {
        need(in, 1);
        int first = in.readUnsignedByte();
        return switch (first) {
            case 0xfc -> {
                need(in, 2);
                yield in.readUnsignedShortLE();
            }
            case 0xfd -> {
                need(in, 3);
                yield in.readUnsignedMediumLE();
            }
            case 0xfe -> {
                need(in, 8);
                yield in.readLongLE();
            }
            case 0xfb, 0xff -> throw new MalformedPacketException("a length that starts with " + first);
            default -> first;
        };
    }

    /** Writes a length-encoded integer; {@code value} must not be negative. */
    public static void writeLengthEncoded(ByteBuf out, long value) {
        if (value < 0xfb) {
            out.writeByte((int) value);
        } else if (value <= 0xffff) {
            out.writeByte(0xfc).writeShortLE((int) value);
        } else if (value <= 0xffffff) {
            out.writeByte(0xfd).writeMediumLE((int) value);
        } else {
            out.writeByte(0xfe).writeLongLE(value);
        }
    }

    /** A length-encoded string's bytes. */
    public static byte[] readLengthEncodedBytes(ByteBuf in) {
        long length = readLengthEncoded(in);
        if (length < 0 || length > in.readableBytes()) {
            throw new MalformedPacketException("a string of " + length + " bytes where " + in.readableBytes() + " are");
        }
        byte[] bytes = new byte[(int) length];
        in.readBytes(bytes);
        return bytes;
    }

    /** The cell of a text row: bytes, or null for SQL NULL. */
    public static byte[] readCell(ByteBuf in) {
        need(in, 1);
        if (in.getUnsignedByte(in.readerIndex()) == 0xfb) {
            in.skipBytes(1);
            return null;
        }
        return readLengthEncodedBytes(in);
    }

    static void need(ByteBuf in, int bytes) {
        if (in.readableBytes() < bytes) {
            throw new MalformedPacketException("it ends " + (bytes - in.readableBytes()) + " bytes early");
        }
    }
}
