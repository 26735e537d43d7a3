package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;

/** Raises the sequence numbers of a stream of frames, in place, wherever the bytes are cut. */
final class FrameNumbers {
    // where we are
    private int headerBytes;
    private int length;

    /** @param in the next bytes; its indexes stay */
    void raise(ByteBuf in, int by) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end) {
            if (headerBytes == Wire.HEADER) {
                int here = Math.min(length, end - at);
                length -= here;
                at += here;
                if (length == 0) {
                    headerBytes = 0;
                }
                continue;
            }
            int value = in.getUnsignedByte(at);
            switch (headerBytes++) {
                case 0 -> length = value;
                case 1 -> length |= value << 8;
                case 2 -> length |= value << 16;
                default -> {
                    in.setByte(at, value + by);
                    if (length == 0) {
                        headerBytes = 0;
                    }
                }
            }
            at++;
        }
    }
}
