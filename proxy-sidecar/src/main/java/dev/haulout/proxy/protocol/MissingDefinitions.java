package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * Puts column definitions into a result set that the server sent without them, as it does for a client with
 * {@link Capability#CACHE_METADATA} where they are those of the statement's preparation. A client that was not there then
 * can't know them. The packets behind them get new sequence numbers, in place.
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/result-set-packets#column-count-packet">
 *     Column count packet</a>
 */
public final class MissingDefinitions implements AnswerEdit {
    /** The longest column count packet: header, length-encoded integer, the flag that definitions follow. */
    private static final int LONGEST_HEAD = Wire.HEADER + 9 + 1;

    private final int columns;
    private final byte[] definitions;

    private ByteBuf head = Unpooled.buffer(LONGEST_HEAD, LONGEST_HEAD);
    private boolean hadResultSet;
    private int added;

    private final FrameNumbers numbers = new FrameNumbers();

    /**
     * @param columns how many columns they define
     * @param definitions the packets, headers included
     */
    public MissingDefinitions(int columns, byte[] definitions) {
        this.columns = columns;
        this.definitions = definitions;
    }

    /** Whether the answer was a result set: the client knows its columns from now on. */
    public boolean hadResultSet() {
        return hadResultSet;
    }

    @Override
    public int addedPackets() {
        return added;
    }

    @Override
    public ByteBuf apply(ByteBuf in, ByteBufAllocator alloc) {
        if (head == null) {
            renumber(in);
            return in;
        }
        while (in.isReadable() && !headIsKnown()) {
            head.writeByte(in.readByte());
        }
        if (!headIsKnown()) {
            in.release();
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf begin = begin(alloc);
        head = null;
        renumber(in);
        return alloc.compositeBuffer(2).addComponent(true, begin).addComponent(true, in);
    }

    /** Whether the first packet is here, or that much of it that it is no column count. */
    private boolean headIsKnown() {
        if (head.readableBytes() <= Wire.HEADER) {
            return false;
        }
        return !isColumnCount() || head.readableBytes() == Wire.HEADER + Wire.payloadLength(head);
    }

    private boolean isColumnCount() {
        int first = Wire.firstByte(head);
        return first != 0 && first != 0xff && first != 0xfb && Wire.payloadLength(head) <= LONGEST_HEAD - Wire.HEADER;
    }

    private ByteBuf begin(ByteBufAllocator alloc) {
        ByteBuf begin = alloc.buffer(head.readableBytes() + definitions.length).writeBytes(head, 0, head.writerIndex());
        if (!isColumnCount()) {
            return begin;
        }
        hadResultSet = true;
        int flagAt = begin.writerIndex() - 1;
        begin.skipBytes(Wire.HEADER);
        boolean ours = Wire.readLengthEncoded(begin) == columns;
        boolean flagged = begin.readableBytes() == 1;
        begin.readerIndex(0);
        if (ours && flagged && begin.getByte(flagAt) == 0) {
            begin.setByte(flagAt, 1);
            int at = begin.writerIndex();
            begin.writeBytes(definitions);
            for (added = 0; added < columns; added++) {
                begin.setByte(at + 3, Wire.sequence(head) + 1 + added);
                at += Wire.HEADER + begin.getUnsignedMediumLE(at);
            }
        }
        return begin;
    }

    private void renumber(ByteBuf in) {
        if (added > 0) {
            numbers.raise(in, added);
        }
    }
}
