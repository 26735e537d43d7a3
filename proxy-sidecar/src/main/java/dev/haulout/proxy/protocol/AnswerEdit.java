package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Changes a server's answer on its way to the client, wherever the bytes are cut. For the few answers that need it. */
public interface AnswerEdit {
    /**
     * The next bytes of the answer.
     *
     * @param in changed in place, or released
     * @return what the client gets in its place, perhaps nothing yet; the caller releases it
     */
    ByteBuf apply(ByteBuf in, ByteBufAllocator alloc);

    /** By how much the answer's sequence numbers have grown. */
    int addedPackets();

    /** Has the answer go on behind packets that the client has got before it, and makes another change besides. */
    final class Later implements AnswerEdit {
        private final int packets;
        private final AnswerEdit other;
        private final FrameNumbers numbers = new FrameNumbers();

        /**
         * @param packets how many the client has got
         * @param other made first; null for none
         */
        public Later(int packets, AnswerEdit other) {
            this.packets = packets;
            this.other = other;
        }

        @Override
        public ByteBuf apply(ByteBuf in, ByteBufAllocator alloc) {
            ByteBuf out = other == null ? in : other.apply(in, alloc);
            numbers.raise(out, packets);
            return out;
        }

        @Override
        public int addedPackets() {
            return packets + (other == null ? 0 : other.addedPackets());
        }
    }

    /**
     * Tells the client another id than the server's in the answer to COM_STMT_PREPARE.
     *
     * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/3-binary-protocol-prepared-statements/com_stmt_prepare#com_stmt_prepare_ok">
     *     COM_STMT_PREPARE_OK</a>
     */
    final class StatementId implements AnswerEdit {
        private static final int ID_AT = Wire.HEADER + 1;
        private static final int ID_END = ID_AT + 4;

        private final int id;
        private int position;
        private boolean ok;

        /** @param id what the client is told */
        public StatementId(int id) {
            this.id = id;
        }

        @Override
        public ByteBuf apply(ByteBuf in, ByteBufAllocator alloc) {
            for (int at = in.readerIndex(); at < in.writerIndex() && position < ID_END; at++, position++) {
                if (position == Wire.HEADER) {
                    ok = in.getByte(at) == 0;
                } else if (position >= ID_AT && ok) {
                    in.setByte(at, id >>> 8 * (position - ID_AT));
                }
            }
            return in;
        }

        @Override
        public int addedPackets() {
            return 0;
        }
    }
}
