package dev.haulout.proxy.session;

import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Optional;

/**
 * A session's prepared statements, under ids of our own that stay valid whatever backend connection there is. The texts are
 * kept to prepare them again, as far as {@link #MOST_KEPT} goes; a statement beyond that pins the session to its connection.
 */
final class PreparedStatements {
    /** Bytes of texts and parameter types kept for one session. */
    static final int MOST_KEPT = 256 << 10;

    private static final int ID_AT = Wire.HEADER + 1;

    private final IntObjectMap<PreparedStatement> byId = new IntObjectHashMap<>(1);
    private PreparedStatement last;
    private int lastId;
    private int kept;
    private int context;

    boolean isEmpty() {
        return byId.isEmpty();
    }

    /** How many more bytes of text can be kept. */
    int room() {
        return MOST_KEPT - kept;
    }

    /** The id that the client is told for the statement it prepares now. */
    int nextId() {
        return ++lastId;
    }

    /** An id that was given before another user came is not given again: a late word about that statement is about none. */
    void countOnFrom(PreparedStatements before) {
        lastId = before.lastId;
    }

    /** The client prepared a statement on the present connection, under the id given last. */
    void add(RunningCommand prepared, long backendId, int parameters, Optional<String> database) {
        int size = PreparedStatement.sizeOf(prepared.body().length, parameters);
        boolean keep = prepared.statement() != null && database.isPresent() && size <= room();
        last = new PreparedStatement(lastId, prepared, keep, database.orElse(""), context, parameters);
        last.preparedAs((int) backendId);
        kept += last.size();
        byId.put(lastId, last);
    }

    /** The client was told that its statement can't be prepared: there is no last one then. */
    void notPrepared() {
        last = null;
    }

    /** The statement that a command's frame names; null where there is none. */
    PreparedStatement find(ByteBuf frame) {
        int id = idIn(frame);
        return id == Command.LAST_PREPARED ? last : byId.get(id);
    }

    private static int idIn(ByteBuf frame) {
        return frame.readableBytes() < ID_AT + 4 ? 0 : frame.getIntLE(frame.readerIndex() + ID_AT);
    }

    /** The server's own error for a command that can't be carried out whatever the connection. */
    Optional<SqlError> refusal(ByteBuf frame) {
        int command = Wire.firstByte(frame);
        PreparedStatement statement = find(frame);
        if (statement == null) {
            return Optional.of(SessionErrors.unknownStatement(Integer.toUnsignedLong(idIn(frame)), command));
        }
        return command == Command.STMT_FETCH && !statement.cursorOpen()
                ? Optional.of(SessionErrors.noOpenCursor(statement.id()))
                : Optional.empty();
    }

    /** COM_STMT_CLOSE. */
    void close(PreparedStatement statement) {
        byId.remove(statement.id());
        kept -= statement.size();
        if (last == statement) {
            last = null;
        }
    }

    /** COM_RESET_CONNECTION and COM_CHANGE_USER close them all. */
    void clear() {
        byId.clear();
        last = null;
        kept = 0;
    }

    /** The connection they were prepared on has gone. */
    void detached() {
        byId.values().forEach(PreparedStatement::detached);
    }

    /** Something that decides how the server reads texts may have changed: statements prepared before were read otherwise. */
    void contextChanged() {
        context++;
    }

    /** One that the present connection doesn't know, and that could be prepared there now; null for none. */
    PreparedStatement unprepared() {
        for (PreparedStatement statement : byId.values()) {
            if (!statement.isPrepared() && canBePrepared(statement)) {
                return statement;
            }
        }
        return null;
    }

    /** Whether the server would still read its text as it did. */
    boolean canBePrepared(PreparedStatement statement) {
        return statement.text() != null && statement.context() == context;
    }

    /** What of them no other connection can have, in words; empty if nothing. */
    String pinned(String database) {
        for (PreparedStatement statement : byId.values()) {
            if (!statement.isPrepared()) {
                continue; // the present connection has nothing of it
            }
            if (statement.cursorOpen()) {
                return "an open cursor";
            }
            if (statement.hasLongData()) {
                return "parts of a parameter that were sent ahead";
            }
            if (statement.text() == null) {
                return "prepared statements too long to be kept";
            }
            if (statement.context() != context) {
                return "a statement prepared before sql_mode or the character set changed";
            }
            if (!StatementCommands.reachable(statement.database(), database)) {
                return "a statement prepared without a database";
            }
        }
        return "";
    }
}
