package dev.haulout.proxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Follows the server's answer to one command through its raw bytes and tells when it is whole. Reads headers, first bytes
 * and the few packets that carry status flags; never holds or copies rows.
 *
 * <pre>
 * HEAD ──column count──▶ DEFINITIONS ──▶ ROWS ──end, more results──▶ HEAD
 *   │ OK, ERR, single packet                │ end or ERR
 *   ▼                                       ▼
 * DONE ◀────────────────────────────────────┘      HEAD ──0xfb──▶ FILE ──(client sends it)──▶ HEAD
 * </pre>
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets">Server
 *     response packets</a>
 */
public final class ResponseTracker {
    private enum Expect {
        HEAD,
        DEFINITIONS,
        DEFINITIONS_END,
        ROWS,
        PREPARED_DEFINITIONS,
        FILE,
        ENDLESS,
        DONE
    }

    private static final int CAPTURE = 48;

    /** A packet that begins with this byte or a higher one may be an end or an error. */
    private static final int FIRST_OF_NO_ROW = 0xfe;

    private final long capabilities;
    private final boolean deprecateEof;
    private final byte[] start = new byte[CAPTURE];

    private Expect expect = Expect.DONE;
    private int command;
    private long remainingDefinitions;
    private int status;
    private boolean failed;
    private int errorCode;
    private long statementId = -1;
    private int parameters;
    private int packets;
    private boolean fileOutstanding;
    private boolean cursorWanted;

    // where we are within the current frame
    private int headerBytes;
    private int length;
    private int seen;
    private boolean continuation;
    private boolean continues;
    private int sequence;

    /** @param capabilities those agreed with the server on this connection, see {@link Capability} */
    public ResponseTracker(long capabilities) {
        this.capabilities = capabilities;
        this.deprecateEof = Capability.has(capabilities, Capability.DEPRECATE_EOF);
    }

    /** Begins the answer to {@code command}, a value of {@link Command}. */
    public void begin(int command) {
        this.command = command;
        this.failed = false;
        this.errorCode = 0;
        this.statementId = -1;
        this.packets = 0;
        this.fileOutstanding = false;
        this.headerBytes = 0;
        this.continues = false;
        this.expect = switch (command) {
            case Command.BINLOG_DUMP, Command.TABLE_DUMP -> Expect.ENDLESS;
            case Command.STMT_FETCH, Command.FIELD_LIST -> Expect.ROWS;
            default -> Command.isSilent(command) ? Expect.DONE : Expect.HEAD;
        };
    }

    /** Whether the answer is whole. */
    public boolean done() {
        return expect == Expect.DONE;
    }

    /** Whether the server now waits for the client to send a file (LOAD DATA LOCAL INFILE). */
    public boolean wantsFile() {
        return expect == Expect.FILE;
    }

    /** Told when the client has sent the whole file: the server's verdict follows. */
    public void fileSent() {
        fileOutstanding = false;
        if (expect == Expect.FILE) {
            expect = Expect.HEAD;
        }
    }

    /** Whether the client has a file yet to send, be it that the server has given its verdict before that. */
    public boolean fileOutstanding() {
        return fileOutstanding;
    }

    /** Whether nothing of the answer has come yet. */
    public boolean untouched() {
        return packets == 0 && headerBytes == 0;
    }

    /**
     * Whether an error of our own could follow the bytes so far: they end with a packet, and a client would look there for
     * one. No server has an error among column definitions, and some drivers take whatever comes there for one of those.
     */
    public boolean errorMayFollow() {
        return headerBytes == 0
                && !continues
                && switch (expect) {
                    case DEFINITIONS, DEFINITIONS_END, PREPARED_DEFINITIONS -> false;
                    case HEAD, ROWS, FILE, ENDLESS, DONE -> true;
                };
    }

    /** The sequence number that the next packet from the server would have. */
    public int nextSequence() {
        return (sequence + 1) & 0xff;
    }

    /** The status flags that came last, see {@link ServerStatus}. */
    public int status() {
        return status;
    }

    /** Sets the status flags as known from elsewhere, the login's OK packet as a rule. */
    public void status(int status) {
        this.status = status;
    }

    /** Whether the answer ended with an ERR packet. */
    public boolean failed() {
        return failed;
    }

    /** The error code of that packet; 0 where there was none. */
    public int errorCode() {
        return errorCode;
    }

    /**
     * Whether the executions that follow ask for a cursor. Only then are the definitions all of the answer where the server
     * says that there is one: a cursor within a stored program shows in the flags of what it selects, too.
     */
    public void cursorWanted(boolean wanted) {
        cursorWanted = wanted;
    }

    /** Whether a cursor was opened for the client. */
    public boolean cursorOpened() {
        return command == Command.STMT_EXECUTE && cursorWanted && !failed && (status & ServerStatus.CURSOR_EXISTS) != 0;
    }

    /** The id of the statement just prepared, -1 where none was. */
    public long statementId() {
        return statementId;
    }

    /** How many parameters that statement has. */
    public int parameters() {
        return parameters;
    }

    /**
     * Reads on through {@code in} without moving its indexes.
     *
     * @return the bytes of {@code in} that belong to this answer; fewer than readable only where the server sent
     *     something that nobody asked for
     */
    public int feed(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end && expect != Expect.DONE) {
            if (headerBytes == 0 && expect == Expect.ROWS && !continues) {
                at = rows(in, at, end);
                if (at == end) {
                    break;
                }
            }
            if (headerBytes < Wire.HEADER) {
                int value = in.getUnsignedByte(at++);
                switch (headerBytes++) {
                    case 0 -> length = value;
                    case 1 -> length |= value << 8;
                    case 2 -> length |= value << 16;
                    default -> {
                        sequence = value;
                        seen = 0;
                        continuation = continues;
                        continues = length == Wire.MAX_PAYLOAD;
                        if (length == 0) {
                            endOfFrame();
                        }
                    }
                }
                continue;
            }
            int here = Math.min(length - seen, end - at);
            if (seen < CAPTURE && !continuation) {
                int wanted = seen == 0 || interesting(start[0] & 0xff) ? CAPTURE - seen : 1 - seen;
                int copied = Math.min(here, Math.max(wanted, 0));
                in.getBytes(at, start, seen, copied);
            }
            seen += here;
            at += here;
            if (seen == length) {
                endOfFrame();
            }
        }
        return at - in.readerIndex();
    }

    /** Passes over rows that are whole and nothing but rows; returns where something else begins. */
    private int rows(ByteBuf in, int from, int end) {
        int at = from;
        while (end - at > Wire.HEADER) {
            int header = in.getIntLE(at);
            int row = header & Wire.MAX_PAYLOAD;
            if (row == 0
                    || row == Wire.MAX_PAYLOAD
                    || row > end - at - Wire.HEADER
                    || in.getUnsignedByte(at + Wire.HEADER) >= FIRST_OF_NO_ROW) {
                break;
            }
            sequence = header >>> 24;
            at += Wire.HEADER + row;
            packets++;
        }
        return at;
    }

    private boolean interesting(int first) {
        return switch (expect) {
            case ROWS -> first >= FIRST_OF_NO_ROW;
            case DEFINITIONS, PREPARED_DEFINITIONS -> first == 0xff;
            case HEAD, DEFINITIONS_END, FILE, ENDLESS, DONE -> true;
        };
    }

    private void endOfFrame() {
        headerBytes = 0;
        packets++;
        if (!continuation) {
            packet(length == 0 ? -1 : start[0] & 0xff);
        }
    }

    private void packet(int first) {
        if (first == 0xff) {
            error();
            return;
        }
        switch (expect) {
            case HEAD -> head(first);
            case DEFINITIONS -> {
                if (--remainingDefinitions <= 0) {
                    expect = deprecateEof ? Expect.ROWS : Expect.DEFINITIONS_END;
                }
            }
            case DEFINITIONS_END -> {
                status = u2(3);
                expect = cursorOpened() ? Expect.DONE : Expect.ROWS;
            }
            case ROWS -> {
                if (first == 0xfe && length < (deprecateEof ? Wire.MAX_PAYLOAD : 9)) {
                    endOfRows();
                }
            }
            case PREPARED_DEFINITIONS -> {
                if (--remainingDefinitions <= 0) {
                    expect = Expect.DONE;
                }
            }
            case ENDLESS -> {
                if (first == 0xfe && length < 9) { // an event starts with another byte
                    endOfRows();
                }
            }
            case FILE, DONE -> {}
        }
    }

    private void head(int first) {
        switch (command) {
            case Command.QUERY, Command.STMT_EXECUTE, Command.STMT_BULK_EXECUTE, Command.PROCESS_INFO -> {
                if (first == 0x00) {
                    ok(1);
                } else if (first == 0xfb) {
                    expect = Expect.FILE;
                    fileOutstanding = true;
                } else {
                    columnCount();
                }
            }
            case Command.STMT_PREPARE -> prepared();
            case Command.STATISTICS -> expect = Expect.DONE;
            default -> {
                if (first == 0x00) {
                    ok(1);
                } else if (first == 0xfe) {
                    endOfRows();
                } else {
                    expect = Expect.DONE;
                }
            }
        }
    }

    private void columnCount() {
        int at = lengthEncodedEnd(0);
        remainingDefinitions = lengthEncoded(0);
        boolean definitionsFollow =
                !Capability.has(capabilities, Capability.CACHE_METADATA) || at >= length || start[at] != 0;
        if (!definitionsFollow) {
            expect = deprecateEof ? Expect.ROWS : Expect.DEFINITIONS_END;
        } else {
            expect = Expect.DEFINITIONS;
        }
    }

    private void prepared() {
        statementId = u2(1) | (long) u2(3) << 16;
        int columns = u2(5);
        parameters = u2(7);
        int ends = deprecateEof ? 0 : 1;
        remainingDefinitions = (columns > 0 ? columns + ends : 0) + (parameters > 0 ? parameters + ends : 0);
        expect = remainingDefinitions == 0 ? Expect.DONE : Expect.PREPARED_DEFINITIONS;
    }

    private void error() {
        int code = u2(1);
        if (code == 0xffff && Capability.has(capabilities, Capability.PROGRESS)) {
            return; // a progress report, not an error
        }
        failed = true;
        errorCode = code;
        expect = Expect.DONE;
        // an error ends neither a transaction's bookkeeping nor the status flags: they are as last reported
    }

    private void endOfRows() {
        if (deprecateEof && length > 5) {
            ok(1);
        } else {
            status = u2(3);
            finishResult();
        }
    }

    private void ok(int at) {
        int afterRows = lengthEncodedEnd(at);
        int afterId = lengthEncodedEnd(afterRows);
        status = u2(afterId);
        finishResult();
    }

    private void finishResult() {
        expect = (status & ServerStatus.MORE_RESULTS) != 0 && command != Command.STMT_FETCH ? Expect.HEAD : Expect.DONE;
    }

    /** A byte of the packet's start; 0 behind its end, whatever an earlier packet left there. */
    private int u1(int at) {
        return at < Math.min(length, CAPTURE) ? start[at] & 0xff : 0;
    }

    private int u2(int at) {
        return u1(at) | u1(at + 1) << 8;
    }

    private int lengthEncodedEnd(int at) {
        return at
                + switch (u1(at)) {
                    case 0xfc -> 3;
                    case 0xfd -> 4;
                    case 0xfe -> 9;
                    default -> 1;
                };
    }

    private long lengthEncoded(int at) {
        return switch (u1(at)) {
            case 0xfc -> u2(at + 1);
            case 0xfd -> u2(at + 1) | (long) u1(at + 3) << 16;
            case 0xfe -> u2(at + 1) | (long) u2(at + 3) << 16;
            default -> u1(at);
        };
    }
}
