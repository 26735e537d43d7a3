package dev.haulout.e2e.protocol;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * What a client does in a {@link Conversation}: plain data, so that a conversation can be written down, said again and made
 * shorter. A prepared statement is known by its slot; what was never prepared there is not known to a server either.
 */
sealed interface Step {
    /** Nothing, until the server behind the door sleeps or is kept awake. */
    record Sleep() implements Step {}

    record Query(String sql) implements Step {}

    record Prepare(int slot, String sql) implements Step {}

    /**
     * COM_STMT_EXECUTE.
     *
     * @param cursor whether to open one
     * @param types whether the types of the parameters are sent
     */
    record Execute(int slot, boolean cursor, List<Value> parameters, boolean types) implements Step {}

    record LongData(int slot, int parameter, String piece) implements Step {}

    record Fetch(int slot, int rows) implements Step {}

    record Reset(int slot) implements Step {}

    record Close(int slot) implements Step {}

    record ChangeUser(String user, String password, String database) implements Step {}

    record FieldList(String table) implements Step {}

    /** A command that is answered by one packet, with that text after its byte. */
    record Simple(int command, String body) implements Step {}

    /** Both are sent before the answer to the first is read. */
    record Pipelined(Step first, Step second) implements Step {}

    /** A parameter's value. */
    sealed interface Value {
        int type();

        default void write(ByteBuf to) {}

        record Number(int value) implements Value {
            @Override
            public int type() {
                return 0x03;
            }

            @Override
            public void write(ByteBuf to) {
                to.writeIntLE(value);
            }
        }

        record Text(String value) implements Value {
            @Override
            public int type() {
                return 0xfd;
            }

            @Override
            public void write(ByteBuf to) {
                ByteBuf text = RawSession.text(value);
                to.writeByte(text.readableBytes()).writeBytes(text);
            }
        }

        /** Told by the bitmap. */
        record Null() implements Value {
            @Override
            public int type() {
                return 0x06;
            }
        }

        /** Was sent before, by COM_STMT_SEND_LONG_DATA. */
        record Sent() implements Value {
            @Override
            public int type() {
                return 0xfc;
            }
        }
    }
}
