package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.PrepareResult;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.MissingDefinitions;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * One prepared statement: what the client knows it by, what it takes to prepare it again on another backend connection,
 * and what only the present connection has of it.
 */
final class PreparedStatement {
    private static final int ID_AT = Wire.HEADER + 1;
    private static final int FLAGS_AT = ID_AT + 4;
    private static final int SEND_TYPES = 128;
    private static final int NOT_PREPARED = 0; // servers count from 1
    private static final int OUTLIVED = -1;

    private final int id;
    private final byte[] text;
    private final String database;
    private int context;
    private final int parameters;
    private final RunningCommand execution;

    private byte[] types; // two bytes per parameter; null as long as the client has sent none
    private SqlError failure;

    // of the present backend connection
    private int backendId = NOT_PREPARED;
    private boolean typesSent;
    private boolean hasLongData;
    private boolean cursorOpen;
    private PrepareResult unknownToClient; // its columns, where the client caches those of another preparation
    private MissingDefinitions edit;

    /**
     * @param id the client's
     * @param prepared the command that prepared it; its body is the statement's text
     * @param kept whether it can be prepared again from that text
     * @param database the current one when it was prepared, empty for none
     * @param context see {@link PreparedStatements#contextChanged}
     * @param parameters how many it has
     */
    PreparedStatement(int id, RunningCommand prepared, boolean kept, String database, int context, int parameters) {
        this.id = id;
        this.text = kept ? prepared.body() : null;
        this.database = database;
        this.context = context;
        this.parameters = parameters;
        this.execution = prepared.execution(kept);
    }

    /** The client's id for it. */
    int id() {
        return id;
    }

    /** Its text; null where that is not kept. */
    byte[] text() {
        return text;
    }

    /** The current database when it was prepared, empty for none. */
    String database() {
        return database;
    }

    int context() {
        return context;
    }

    /** It could not be prepared again while the server would still have read its text as it did: it never can be. */
    void outlive() {
        context = OUTLIVED;
    }

    /** Its execution, as far as the text tells. */
    RunningCommand execution() {
        return execution;
    }

    /** Bytes of memory that keeping it costs. */
    int size() {
        return text == null ? 0 : sizeOf(text.length, parameters);
    }

    static int sizeOf(int textLength, int parameters) {
        return textLength + 2 * parameters;
    }

    // ------------------------------------------------------------ on a backend connection

    /** Whether the present backend connection knows it. */
    boolean isPrepared() {
        return backendId != NOT_PREPARED;
    }

    /** The client prepared it on the present connection, under that id there. */
    void preparedAs(int newBackendId) {
        backendId = newBackendId;
    }

    /** It was prepared again, on a connection that the client knows nothing of. */
    void preparedAgain(PrepareResult result, boolean clientCachesMetadata) {
        backendId = result.statementId();
        unknownToClient = clientCachesMetadata && result.columns() > 0 ? result : null;
    }

    /** The connection has gone, and whatever it had of this. */
    void detached() {
        backendId = NOT_PREPARED;
        typesSent = false;
        hasLongData = false;
        cursorOpen = false;
        unknownToClient = null;
    }

    /** The present connection's id for it; only where {@link #isPrepared}. */
    int backendId() {
        return backendId;
    }

    /** Puts the present connection's id into a command's frame, in place of the client's. */
    void address(ByteBuf frame) {
        frame.setIntLE(frame.readerIndex() + ID_AT, backendId);
    }

    /** What the answer to the execution that begins now may lack, and this client needs; null for nothing. */
    MissingDefinitions missingInAnswer() {
        edit = unknownToClient == null
                ? null
                : new MissingDefinitions(unknownToClient.columns(), unknownToClient.definitions());
        return edit;
    }

    // ------------------------------------------------------------ parameters

    /**
     * Notes the types of the parameters in an execution, or says that it has none and the present connection doesn't know
     * them from an earlier one, so that they are to be put in ({@link #withTypes}).
     */
    boolean lacksTypes(ByteBuf frame) {
        if (parameters == 0) {
            return false;
        }
        int at = frame.readerIndex() + typesAt(frame);
        if (frame.writerIndex() < at) {
            return false; // too short: the server says so
        }
        if (hasTypes(frame)) {
            if (frame.writerIndex() >= at + 2 * parameters) {
                if (types == null) {
                    types = new byte[2 * parameters];
                }
                frame.getBytes(at, types);
                typesSent = true;
            }
            return false;
        }
        return !typesSent && types != null;
    }

    private static boolean isBulk(ByteBuf frame) {
        return Wire.firstByte(frame) == Command.STMT_BULK_EXECUTE;
    }

    private boolean hasTypes(ByteBuf frame) {
        return isBulk(frame)
                ? (frame.getByte(frame.readerIndex() + FLAGS_AT) & SEND_TYPES) != 0
                : frame.getByte(frame.readerIndex() + typesAt(frame) - 1) == 1;
    }

    /**
     * Where the types are, or would be. An execution has flags, a count and the bit map of NULLs before a byte that says
     * whether they follow; a bulk execution has two bytes of flags.
     */
    private int typesAt(ByteBuf frame) {
        return isBulk(frame) ? FLAGS_AT + 2 : FLAGS_AT + 1 + 4 + (parameters + 7) / 8 + 1;
    }

    /** Whether the types can be put into that frame without another one becoming necessary. */
    boolean canHoldTypes(ByteBuf frame) {
        return Wire.payloadLength(frame) + types.length < Wire.MAX_PAYLOAD;
    }

    /** The same execution with the types that the client sent with an earlier one; {@code frame} is released. */
    ByteBuf withTypes(ByteBuf frame, ByteBufAllocator alloc) {
        int at = typesAt(frame);
        ByteBuf full = alloc.buffer(frame.readableBytes() + types.length);
        full.writeMediumLE(Wire.payloadLength(frame) + types.length);
        full.writeBytes(frame, frame.readerIndex() + 3, at - 3);
        if (isBulk(frame)) {
            full.setByte(FLAGS_AT, full.getByte(FLAGS_AT) | SEND_TYPES);
        } else {
            full.setByte(at - 1, 1);
        }
        full.writeBytes(types).writeBytes(frame, frame.readerIndex() + at, frame.readableBytes() - at);
        frame.release();
        typesSent = true;
        return full;
    }

    /** Part of a parameter was sent ahead: it can't be had again. */
    void gotLongData() {
        hasLongData = true;
    }

    boolean hasLongData() {
        return hasLongData;
    }

    /** Part of a parameter was to be sent ahead, and couldn't be: the next execution fails for it. */
    void failNextExecution(SqlError error) {
        failure = error;
    }

    /** The error of that kind, once; null for none. */
    SqlError takeFailure() {
        SqlError taken = failure;
        failure = null;
        return taken;
    }

    // ------------------------------------------------------------ what became of commands

    /** It was executed. @param cursor whether that left a cursor open */
    void executed(boolean cursor) {
        hasLongData = false;
        cursorOpen = cursor;
        if (edit != null && edit.hadResultSet()) {
            unknownToClient = null;
        }
        edit = null;
    }

    /** COM_STMT_RESET. */
    void reset() {
        hasLongData = false;
        cursorOpen = false;
        failure = null;
    }

    void cursorEnded() {
        cursorOpen = false;
    }

    boolean cursorOpen() {
        return cursorOpen;
    }
}
