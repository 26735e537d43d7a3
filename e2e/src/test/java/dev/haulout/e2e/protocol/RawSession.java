package dev.haulout.e2e.protocol;

import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.account.Verifier;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.HandshakeResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A client that sends commands as it is told and shows answers as a driver understands them: with the column definitions
 * that it has, be it from an earlier answer. Sequence numbers are checked.
 */
final class RawSession implements AutoCloseable {
    /** What every client has that is not older than this century. */
    static final long CLASSIC = Capability.CONNECT_WITH_DB
            | Capability.PROTOCOL_41
            | Capability.TRANSACTIONS
            | Capability.SECURE_CONNECTION
            | Capability.PLUGIN_AUTH
            | Capability.MULTI_RESULTS
            | Capability.PS_MULTI_RESULTS
            | Capability.STMT_BULK_OPERATIONS;

    private static final int LAST = -1;
    private static final int LONGEST_FRAME = 0xffffff;
    private static final int SESSION_STATE_CHANGED = 0x4000;
    private static final int CURSOR_EXISTS = 0x40;

    /** In the upper byte: the server's word that it has prepared anew of itself. After a sleep it isn't said. */
    private static final int METADATA_CHANGED = 0x04;

    private final SocketChannel channel;
    private final DataInputStream in;
    private final OutputStream out;
    private final long capabilities;
    private final Map<Integer, List<String>> columns = new HashMap<>();
    private final List<String> reports = new ArrayList<>();
    private boolean cursorOpened;
    private final byte[] scramble;
    private final int connectionId;
    private int lastPrepared;
    private int expected = -1;

    /** Logs in as the application's user. */
    RawSession(SocketAddress address, long capabilities) throws IOException {
        this(address, capabilities, "app");
    }

    /** Logs in as a user whose password is that of the application's. */
    RawSession(SocketAddress address, long capabilities, String user) throws IOException {
        this(address, capabilities, user, "mysql_native_password");
    }

    /** Logs in as the application's user, who first offers something that the other side doesn't take. */
    static RawSession byAuthSwitch(SocketAddress address, long capabilities) throws IOException {
        return new RawSession(address, capabilities, "app", "client_ed25519");
    }

    private RawSession(SocketAddress address, long capabilities, String user, String plugin) throws IOException {
        this.capabilities = capabilities;
        channel = SocketChannel.open(address);
        in = new DataInputStream(Channels.newInputStream(channel));
        out = Channels.newOutputStream(channel);
        try {
            Greeting greeting = Greeting.read(Unpooled.wrappedBuffer(read()));
            scramble = greeting.scramble();
            connectionId = (int) greeting.connectionId();
            HandshakeResponse response = new HandshakeResponse(
                    capabilities, 1 << 30, 45, user, proof("secret", scramble), "app", plugin, new byte[0]);
            ByteBuf frame = response.frame(Unpooled.buffer().alloc(), 1);
            out.write(ByteBufUtil.getBytes(frame));
            frame.release();
            expected = 2;
            String verdict = userChanged("secret");
            if (!verdict.startsWith("00")) {
                throw new IOException("not logged in: " + verdict);
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static byte[] proof(String password, byte[] scramble) {
        try {
            byte[] once = MessageDigest.getInstance("SHA-1").digest(password.getBytes(StandardCharsets.US_ASCII));
            return Verifier.nativeResponse(Secret.of(once), scramble);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    /** The id that the greeting told. */
    String connectionId() {
        return Integer.toUnsignedString(connectionId);
    }

    // ------------------------------------------------------------ commands

    void send(int command, ByteBuf body) throws IOException {
        byte[] bytes = ByteBufUtil.getBytes(body);
        out.write(ByteBufUtil.getBytes(Unpooled.buffer()
                .writeMediumLE(1 + bytes.length)
                .writeByte(0)
                .writeByte(command)
                .writeBytes(bytes)));
        expectAnswer();
    }

    /** What is read next answers another command. */
    void expectAnswer() {
        expected = 1;
    }

    static ByteBuf body() {
        return Unpooled.buffer();
    }

    static ByteBuf text(String text) {
        return Unpooled.buffer().writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    String query(String sql) throws IOException {
        send(Command.QUERY, text(sql));
        return results(0);
    }

    String simple(int command, ByteBuf body) throws IOException {
        send(command, body);
        return answer();
    }

    /** An answer of one packet. */
    String answer() throws IOException {
        return show(read());
    }

    /** Asks for a table's columns as old clients do. */
    String fieldList(String table) throws IOException {
        send(Command.FIELD_LIST, text(table + "\0"));
        return rows();
    }

    /** A command that is answered by a result set. */
    String resultSet(int command) throws IOException {
        send(command, body());
        return results(0);
    }

    /** Prepares; the answer is {@link #prepared}. */
    int prepare(String sql) throws IOException {
        send(Command.STMT_PREPARE, text(sql));
        return prepared();
    }

    /** Reads the answer to COM_STMT_PREPARE: the id, or the error's code as a negative number. */
    int prepared() throws IOException {
        ByteBuf head = Unpooled.wrappedBuffer(read());
        if (head.getUnsignedByte(0) == 0xff) {
            lastPrepared = 0;
            return -head.getUnsignedShortLE(1);
        }
        int id = head.getIntLE(1);
        int columnCount = head.getUnsignedShortLE(5);
        int parameters = head.getUnsignedShortLE(7);
        definitions(parameters);
        columns.put(id, definitions(columnCount));
        lastPrepared = id;
        return id;
    }

    /** The columns of that statement's results, as it was told when it was prepared or by a result since. */
    List<String> columns(int id) {
        return columns.getOrDefault(id, List.of());
    }

    private List<String> definitions(int count) throws IOException {
        List<String> definitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] packet = read();
            if ((packet[0] & 0xff) == 0xff) {
                throw new IOException(show(packet));
            }
            definitions.add(show(packet));
        }
        if (count > 0) {
            endOfDefinitions();
        }
        return definitions;
    }

    private void endOfDefinitions() throws IOException {
        cursorOpened = false;
        if (!Capability.has(capabilities, Capability.DEPRECATE_EOF)) {
            byte[] end = read();
            if ((end[0] & 0xff) == 0xff) {
                throw new IOException(show(end));
            }
            cursorOpened = (end[3] & CURSOR_EXISTS) != 0;
        }
    }

    String execute(int id, int flags, ByteBuf parameters) throws IOException {
        sendExecute(id, flags, parameters);
        return results(id);
    }

    void sendExecute(int id, int flags, ByteBuf parameters) throws IOException {
        send(
                Command.STMT_EXECUTE,
                body().writeIntLE(id).writeByte(flags).writeIntLE(1).writeBytes(parameters));
    }

    String bulk(int id, int flags, ByteBuf rows) throws IOException {
        send(
                Command.STMT_BULK_EXECUTE,
                body().writeIntLE(id).writeShortLE(flags).writeBytes(rows));
        return results(id);
    }

    void longData(int id, int parameter, String piece) throws IOException {
        send(
                Command.STMT_SEND_LONG_DATA,
                body().writeIntLE(id).writeShortLE(parameter).writeBytes(text(piece)));
    }

    String fetch(int id, int rows) throws IOException {
        send(Command.STMT_FETCH, body().writeIntLE(id).writeIntLE(rows));
        return rows();
    }

    String reset(int id) throws IOException {
        return simple(Command.STMT_RESET, body().writeIntLE(id));
    }

    void close(int id) throws IOException {
        send(Command.STMT_CLOSE, body().writeIntLE(id));
        columns.remove(id);
    }

    /** Becomes another user; the answer, behind an auth switch if the other side wants one. */
    String changeUser(String user, String password, String database) throws IOException {
        sendChangeUser(user, password, database);
        return userChanged(password);
    }

    /** Asks to become another user; the answer is {@link #userChanged}. */
    void sendChangeUser(String user, String password, String database) throws IOException {
        byte[] proof = proof(password, scramble);
        send(
                Command.CHANGE_USER,
                text(user + "\0")
                        .writeByte(proof.length)
                        .writeBytes(proof)
                        .writeBytes(text(database + "\0"))
                        .writeShortLE(45)
                        .writeBytes(text("mysql_native_password\0")));
    }

    /** Reads what became of a login or of COM_CHANGE_USER. */
    String userChanged(String password) throws IOException {
        ByteBuf answer = Unpooled.wrappedBuffer(read());
        if (answer.getUnsignedByte(0) != 0xfe) {
            return show(ByteBufUtil.getBytes(answer));
        }
        byte[] other = new byte[20];
        answer.getBytes(answer.indexOf(0, answer.readableBytes(), (byte) 0) + 1, other);
        byte[] again = proof(password, other);
        out.write(ByteBufUtil.getBytes(Unpooled.buffer()
                .writeMediumLE(again.length)
                .writeByte(expected)
                .writeBytes(again)));
        expected++;
        return show(read());
    }

    /** Sends a COM_QUERY that is {@code start}, {@code count} times {@code x}, and {@code end}, without ever holding it. */
    void longQuery(String start, long count, String end) throws IOException {
        byte[] filler = new byte[LONGEST_FRAME];
        Arrays.fill(filler, (byte) 'x');
        long left = 1 + start.length() + count + end.length();
        long fillerLeft = count;
        ByteBuf pending = Unpooled.buffer().writeByte(Command.QUERY).writeBytes(text(start));
        boolean ended = false;
        int number = 0;
        for (boolean more = true; more; number++) {
            int length = (int) Math.min(left, LONGEST_FRAME);
            out.write(
                    ByteBufUtil.getBytes(Unpooled.buffer().writeMediumLE(length).writeByte(number)));
            int written = Math.min(pending.readableBytes(), length);
            pending.readBytes(out, written);
            int filling = (int) Math.min(fillerLeft, length - written);
            out.write(filler, 0, filling);
            fillerLeft -= filling;
            if (fillerLeft == 0 && !ended) {
                pending.writeBytes(text(end));
                ended = true;
            }
            int rest = length - written - filling;
            pending.readBytes(out, rest);
            left -= length;
            more = length == LONGEST_FRAME;
        }
        expected = number;
    }

    /** Sends a COM_QUERY and reads no answer. */
    void ask(String sql) throws IOException {
        send(Command.QUERY, text(sql));
    }

    /** Reads so many bytes of an answer, whatever they are. */
    void readBytes(int count) throws IOException {
        in.skipNBytes(count);
    }

    /** Reads the rest of a result set from its start, and gives the number of its rows and the bytes in them. */
    long[] countRows() throws IOException {
        byte[] buffer = new byte[64 << 10];
        long rows = 0;
        long bytes = 0;
        boolean continues = false;
        for (int ends = 0; ends < 2; ) {
            int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
            in.readUnsignedByte();
            int first = -1;
            for (int left = length; left > 0; ) {
                int read = in.read(buffer, 0, Math.min(left, buffer.length));
                if (read < 0) {
                    throw new IOException("the connection ended within a packet");
                }
                first = first < 0 ? buffer[0] & 0xff : first;
                left -= read;
            }
            boolean begins = !continues;
            continues = length == LONGEST_FRAME;
            if (begins && first == 0xff) {
                throw new IOException("an error came: " + new String(buffer, 3, length - 3, StandardCharsets.UTF_8));
            }
            if (begins && first == 0xfe && length < 9) {
                ends++;
            } else if (ends == 1) {
                rows += begins ? 1 : 0;
                bytes += length;
            }
        }
        return new long[] {rows, bytes};
    }

    // ------------------------------------------------------------ answers

    /** Reads the answer to an execution of that statement, or to a COM_QUERY if that is 0. */
    String results(int id) throws IOException {
        StringBuilder all = new StringBuilder();
        while (true) {
            byte[] head = read();
            int first = head[0] & 0xff;
            if (first == 0xff || first == 0) {
                all.append(show(head));
                if (first == 0xff || (status(head) & 8) == 0) {
                    return all.toString();
                }
                continue;
            }
            boolean follow = !Capability.has(capabilities, Capability.CACHE_METADATA) || head[1] != 0;
            int known = id == LAST ? lastPrepared : id;
            if (follow) {
                List<String> definitions = definitions(first);
                if (known != 0
                        && (columns.containsKey(known) && columns.get(known).size() > 0)) {
                    columns.put(known, definitions);
                }
                all.append(definitions);
            } else {
                all.append(columns.get(known));
                endOfDefinitions();
            }
            if (cursorOpened) {
                return all.toString();
            }
            String rows = rows();
            all.append(rows);
            if (!rows.endsWith("more")) {
                return all.toString();
            }
        }
    }

    /** Reads rows, or what looks like them, up to their end. */
    String rows() throws IOException {
        StringBuilder rows = new StringBuilder();
        while (true) {
            byte[] packet = read();
            int first = packet[0] & 0xff;
            if (first == 0xfe) {
                packet[4] &= ~METADATA_CHANGED;
            }
            rows.append('\n').append(show(packet));
            if (first == 0xff) {
                return rows.toString();
            }
            if (first == 0xfe && packet.length < 0xffffff) {
                int status = Capability.has(capabilities, Capability.DEPRECATE_EOF)
                        ? status(packet)
                        : (packet[3] & 0xff) | (packet[4] & 0xff) << 8;
                return rows + ((status & 8) == 0 ? "" : " more");
            }
        }
    }

    /** The status flags of an OK packet whose numbers are small. */
    private static int status(byte[] ok) {
        return (ok[3] & 0xff) | (ok[4] & 0xff) << 8;
    }

    /** Errors as a number and words, with any number of a statement's left out; all else as it came. */
    private String show(byte[] packet) {
        if (packet[0] == 0 && Capability.has(capabilities, Capability.SESSION_TRACK)) {
            sortChanges(packet);
        }
        if ((packet[0] & 0xff) != 0xff) {
            return HexFormat.of().formatHex(packet);
        }
        int code = (packet[1] & 0xff) | (packet[2] & 0xff) << 8;
        String words = new String(packet, 3, packet.length - 3, StandardCharsets.UTF_8);
        return code + words.replaceAll("\\(\\d+\\)", "(n)");
    }

    /** The order in which an OK packet tells changes of variables is another in each server: it goes by their addresses. */
    private static void sortChanges(byte[] ok) {
        int at = 7; // behind small numbers, the status and the warnings
        if (ok.length <= at || (status(ok) & SESSION_STATE_CHANGED) == 0) {
            return;
        }
        at += 1 + ok[at] + 1; // behind the words for people and the length of all changes
        List<byte[]> changes = new ArrayList<>();
        for (int from = at; from < ok.length; ) {
            int length = 2 + (ok[from + 1] & 0xff);
            changes.add(Arrays.copyOfRange(ok, from, Math.min(from + length, ok.length)));
            from += length;
        }
        changes.sort(Arrays::compare);
        for (byte[] change : changes) {
            System.arraycopy(change, 0, ok, at, change.length);
            at += change.length;
        }
    }

    private byte[] read() throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        int number = in.readUnsignedByte();
        if (expected >= 0 && number != expected) {
            throw new IOException("packet " + number + " came where " + expected + " was due");
        }
        expected = number + 1 & 0xff;
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new IOException("the connection ended within a packet");
        }
        if (Capability.has(capabilities, Capability.PROGRESS) && isReport(payload)) {
            reports.add(new String(payload, 3, length - 3, StandardCharsets.ISO_8859_1));
            return read();
        }
        return payload;
    }

    private static boolean isReport(byte[] payload) {
        return payload.length > 3 && payload[0] == -1 && payload[1] == -1 && payload[2] == -1;
    }

    /** What progress reports said since this was last asked. */
    List<String> reports() {
        List<String> all = List.copyOf(reports);
        reports.clear();
        return all;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
