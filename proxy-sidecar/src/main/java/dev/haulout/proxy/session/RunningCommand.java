package dev.haulout.proxy.session;

import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.sql.Glance;
import dev.haulout.proxy.sql.KeepAlives;
import dev.haulout.proxy.sql.Statement;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A command of the client, read as far as the proxy needs.
 *
 * @param command its byte, see {@link Command}; -1 for an empty packet
 * @param body what follows that byte, no more than a little over {@link #READ_WHOLE} bytes of it; empty where a glance was
 *     enough
 * @param statement what a COM_QUERY or COM_STMT_PREPARE says, or what a prepared statement that is executed said; null for
 *     other commands, and where that isn't known
 * @param listed whether the owner calls that statement a keep-alive
 */
record RunningCommand(int command, byte[] body, Statement statement, boolean listed) {
    /** Statement texts longer than this are only looked at by their beginning. */
    private static final int READ_WHOLE = 4096;

    private static final byte[] NOT_READ = {};

    /** What most of the traffic is, made once. */
    private static final List<RunningCommand> ORDINARY = Glance.answers().stream()
            .map(seen -> new RunningCommand(Command.QUERY, NOT_READ, seen, false))
            .toList();

    /** Reads a frame without consuming it. */
    static RunningCommand read(ByteBuf frame, KeepAlives keepAlives) {
        int command = Wire.firstByte(frame);
        if (command != Command.QUERY && command != Command.INIT_DB && command != Command.SET_OPTION) {
            return new RunningCommand(command, NOT_READ, null, false);
        }
        int length = frame.readableBytes() - Wire.HEADER - 1;
        if (command == Command.QUERY && length <= READ_WHOLE && keepAlives.isEmpty()) {
            int seen = Glance.at(frame, frame.readerIndex() + Wire.HEADER + 1, frame.writerIndex());
            if (seen >= 0) {
                return ORDINARY.get(seen);
            }
        }
        byte[] body = new byte[Math.min(length, READ_WHOLE + 1)];
        frame.getBytes(frame.readerIndex() + Wire.HEADER + 1, body);
        if (command != Command.QUERY) {
            return new RunningCommand(command, body, null, false);
        }
        return body.length > READ_WHOLE
                ? new RunningCommand(command, body, Statement.readPrefix(body), false)
                : new RunningCommand(command, body, Statement.read(body), keepAlives.contains(body));
    }

    /**
     * Reads the frame of a COM_STMT_PREPARE without consuming it, whole if that is no longer than {@code room} bytes; else
     * as if it said nothing.
     */
    static RunningCommand readPrepare(ByteBuf frame, int room) {
        int length = frame.readableBytes() - Wire.HEADER - 1;
        if (length > room) {
            return new RunningCommand(Command.STMT_PREPARE, NOT_READ, null, false);
        }
        byte[] text = new byte[length];
        frame.getBytes(frame.readerIndex() + Wire.HEADER + 1, text);
        return new RunningCommand(Command.STMT_PREPARE, text, Statement.read(text), false);
    }

    /** The execution of the statement that this prepares. @param known whether what it does is known from now on */
    RunningCommand execution(boolean known) {
        return known
                ? new RunningCommand(Command.STMT_EXECUTE, body, statement, false)
                : new RunningCommand(Command.STMT_EXECUTE, NOT_READ, null, false);
    }

    /** Whether it only keeps the connection alive: it neither wakes nor counts as activity. */
    boolean keepAlive(boolean inTransaction) {
        return switch (command) {
            case Command.PING, Command.STMT_CLOSE, Command.STMT_RESET, Command.QUIT -> true;
            case Command.RESET_CONNECTION -> !inTransaction;
            case Command.QUERY -> listed || statement.keepAlive(inTransaction);
            default -> false;
        };
    }

    /**
     * Whether it counts as use. What the door would answer while the server sleeps does not keep it awake either, but for
     * the begin of a transaction.
     */
    boolean isUse(boolean inTransaction) {
        return !keepAlive(inTransaction)
                && switch (statement) {
                    case null -> command != Command.INIT_DB;
                    case Statement.SetVariables set -> !set.deferrable();
                    case Statement.Use use -> false;
                    case Statement.Select select -> false;
                    case Statement.Do nothing -> false;
                    case Statement.Begin begin -> true;
                    case Statement.Commit commit -> true;
                    case Statement.Rollback rollback -> true;
                    case Statement.Other other -> true;
                };
    }

    /** Whether it changes nothing that another statement's answer could depend on. */
    boolean leavesAnswers(boolean inTransaction) {
        return keepAlive(inTransaction)
                && command != Command.RESET_CONNECTION
                && !(statement instanceof Statement.SetVariables);
    }

    /** Its kind in a word or two, for status and logs; never what it contains. */
    String kind() {
        if (command == Command.STMT_PREPARE) {
            return "PREPARE";
        }
        return switch (statement) {
            case null ->
                switch (command) {
                    case Command.INIT_DB -> "USE";
                    case Command.STMT_EXECUTE, Command.STMT_BULK_EXECUTE -> "EXECUTE";
                    case Command.BINLOG_DUMP -> "binary log dump";
                    default -> "command " + command;
                };
            case Statement.Other other -> other.keyword().isEmpty() ? "a statement" : other.keyword();
            case Statement.Select select -> "SELECT";
            case Statement.Do dummy -> "DO";
            case Statement.SetVariables set -> "SET";
            case Statement.Use use -> "USE";
            case Statement.Begin begin -> "BEGIN";
            case Statement.Commit commit -> "COMMIT";
            case Statement.Rollback rollback -> "ROLLBACK";
        };
    }
}
