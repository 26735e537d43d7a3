package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.PrepareResult;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Gets commands on prepared statements ready for the present backend connection: a statement that it doesn't know is
 * prepared there first.
 */
final class StatementCommands {
    private final Session session;

    StatementCommands(Session session) {
        this.session = session;
    }

    private PreparedStatements statements() {
        return session.profile().prepared();
    }

    /** Whether a command is an execution that asks for a cursor. */
    static boolean opensCursor(ByteBuf frame) {
        int flags = frame.readerIndex() + Wire.HEADER + 5; // behind the command and the statement's id
        return Wire.firstByte(frame) == Command.STMT_EXECUTE
                && frame.writerIndex() > flags
                && frame.getByte(flags) != 0;
    }

    /**
     * Makes the client's next command ready but for the id, and tells its statement. Null where it is not to be passed on: it
     * has been answered or needs no answer, or it waits for its statement to be prepared.
     */
    PreparedStatement ready(BackendConnection backend) {
        ByteBuf frame = session.peek();
        Optional<SqlError> refusal = statements().refusal(frame);
        if (refusal.isPresent()) {
            session.answerWith(refusal.get());
            return null;
        }
        PreparedStatement statement = statements().find(frame);
        int command = Wire.firstByte(frame);
        if (command == Command.STMT_CLOSE) {
            statements().close(statement);
            if (!statement.isPrepared()) {
                session.take().release();
                return null;
            }
        } else if (isExecution(command) && failsFor(backend, statement)) {
            return null;
        } else if (command == Command.STMT_RESET && !statement.isPrepared()) {
            statement.reset();
            // there is nothing to reset, and the server's answer to a ping is the same
            ByteBuf ping = Wire.frame(session.alloc(), Wire.sequence(frame), new byte[] {Command.PING});
            session.take().release();
            session.putBack(ping);
            return null;
        } else if (!statement.isPrepared()) {
            prepare(backend, statement, error -> session.answerWith(error));
            return null;
        } else if (isExecution(command) && statement.lacksTypes(frame)) {
            if (!statement.canHoldTypes(frame)) {
                session.answerWith(SessionErrors.toBePreparedAnew());
                return null;
            }
            session.putBack(statement.withTypes(session.take(), session.alloc()));
        }
        return statement;
    }

    private static boolean isExecution(int command) {
        return command == Command.STMT_EXECUTE || command == Command.STMT_BULK_EXECUTE;
    }

    /** An execution that lacks what was to be sent ahead of it fails, and with it goes whatever did get there. */
    private boolean failsFor(BackendConnection backend, PreparedStatement statement) {
        SqlError failure = statement.takeFailure();
        if (failure == null) {
            return false;
        }
        if (statement.isPrepared()) {
            backend.closeStatement(statement.backendId());
            statement.detached();
        }
        session.answerWith(failure);
        return true;
    }

    // ------------------------------------------------------------ preparing again

    /** Whether a connection whose current database is {@code current} can come to {@code wanted}, and back. */
    static boolean reachable(String wanted, String current) {
        return wanted.equals(current) || !wanted.isEmpty() && !current.isEmpty(); // there is no way back to none
    }

    /**
     * Prepares whatever the connection doesn't know yet, before a command that changes how the server reads texts. False
     * where that command has to wait for it.
     */
    boolean allPrepared(BackendConnection backend) {
        PreparedStatement unprepared = statements().unprepared();
        if (unprepared == null) {
            return true;
        }
        prepare(backend, unprepared, error -> unprepared.outlive());
        return false;
    }

    /** The command that waits goes on afterwards; {@code onFailure} is told first where the statement can't be prepared. */
    private void prepare(BackendConnection backend, PreparedStatement statement, Consumer<SqlError> onFailure) {
        String current = session.profile().database();
        if (!statements().canBePrepared(statement) || !reachable(statement.database(), current)) {
            onFailure.accept(SessionErrors.toBePreparedAnew());
            return;
        }
        session.become(new SessionState.Preparing(backend));
        if (statement.database().equals(current)) {
            backend.prepare(statement.text(), result -> prepared(backend, statement, result, onFailure));
            return;
        }
        backend.useDatabase(statement.database(), unreachable -> {
            if (unreachable != null) {
                failed(backend, unreachable, onFailure);
            } else {
                backend.prepare(
                        statement.text(),
                        result -> back(backend, current, () -> prepared(backend, statement, result, onFailure)));
            }
        });
    }

    private void back(BackendConnection backend, String current, Runnable then) {
        backend.useDatabase(current, gone -> {
            if (gone == null) {
                then.run();
            } else {
                session.ending()
                        .atNextCommand(SessionErrors.ended("the database " + current + " was dropped meanwhile"));
            }
        });
    }

    private void prepared(
            BackendConnection backend,
            PreparedStatement statement,
            PrepareResult result,
            Consumer<SqlError> onFailure) {
        if (result.error() != null) {
            failed(backend, result.error(), onFailure);
            return;
        }
        boolean caches = Capability.has(session.login().response().capabilities(), Capability.CACHE_METADATA);
        statement.preparedAgain(result, caches);
        session.become(new SessionState.Attached(backend));
        session.pump();
    }

    private void failed(BackendConnection backend, SqlError error, Consumer<SqlError> onFailure) {
        session.become(new SessionState.Attached(backend));
        onFailure.accept(error);
        session.pump();
    }
}
