package dev.haulout.proxy.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A connection that is logged in. One query at a time; a thread of its own reads, so that notifications come whether or
 * not anybody asks something.
 */
public final class PgConnection implements AutoCloseable {
    private static final int PROTOCOL = 3 << 16;
    private static final int NULL = -1;

    private final Wire wire;
    private final Consumer<String> notifications;
    private final Consumer<IOException> broken;
    private CompletableFuture<PgResult> current;
    private IOException ended;

    private PgConnection(Wire wire, Consumer<String> notifications, Consumer<IOException> broken) {
        this.wire = wire;
        this.notifications = notifications;
        this.broken = broken;
    }

    /**
     * Connects and logs in; blocks.
     *
     * @param notifications gets the names of channels notified, on the connection's thread
     * @param broken is told once when the connection has ended by itself
     * @throws PgException when the server refuses
     */
    public static PgConnection open(ConnectionInfo info, Consumer<String> notifications, Consumer<IOException> broken)
            throws IOException {
        Wire wire = Wire.connect(info);
        try {
            logIn(wire, info);
        } catch (IOException | RuntimeException e) {
            wire.close();
            throw e;
        }
        PgConnection connection = new PgConnection(wire, notifications, broken);
        Thread.ofVirtual().name("postgres").start(connection::read);
        return connection;
    }

    private static void logIn(Wire wire, ConnectionInfo info) throws IOException {
        wire.send(new Wire.Builder()
                .message(
                        0,
                        Wire.number(PROTOCOL),
                        Wire.string("user"),
                        Wire.string(info.user()),
                        Wire.string("database"),
                        Wire.string(info.database()),
                        Wire.string("application_name"),
                        Wire.string(info.application()),
                        Wire.string("client_encoding"),
                        Wire.string("UTF8"),
                        new byte[1]));
        Scram scram = new Scram(info.password());
        for (; ; ) {
            Wire.Message message = wire.read();
            switch (message.type()) {
                case 'R' -> authenticate(wire, info, message, scram);
                case 'E' -> throw new PgException(error(message));
                case 'Z' -> {
                    return;
                }
                default -> {} // parameters, the key for cancelling, notices
            }
        }
    }

    private static void authenticate(Wire wire, ConnectionInfo info, Wire.Message message, Scram scram)
            throws IOException {
        int method = message.body().getInt();
        switch (method) {
            case 0 -> {} // accepted
            case 3 -> wire.send(new Wire.Builder().message('p', Wire.string(info.password())));
            case 5 -> {
                byte[] salt = new byte[4];
                message.body().get(salt);
                String inner = md5((info.password() + info.user()).getBytes(StandardCharsets.UTF_8), new byte[0]);
                String outer = md5(inner.getBytes(StandardCharsets.US_ASCII), salt);
                wire.send(new Wire.Builder().message('p', Wire.string("md5" + outer)));
            }
            case 10 -> {
                byte[] first = scram.first();
                wire.send(new Wire.Builder()
                        .message('p', Wire.string("SCRAM-SHA-256"), Wire.number(first.length), first));
            }
            case 11 -> wire.send(new Wire.Builder().message('p', scram.proof(message.rest())));
            case 12 -> scram.check(message.rest());
            default -> throw new PgException("authentication method " + method + " is not supported");
        }
    }

    private static String md5(byte[] text, byte[] salt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(text);
            return HexFormat.of().formatHex(digest.digest(salt));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The text of an error as libpq tells it: {@code ERROR:  message}. */
    private static String error(Wire.Message message) {
        String severity = "ERROR";
        String text = "";
        String detail = "";
        for (byte field = message.body().get();
                field != 0;
                field = message.body().get()) {
            String value = message.text();
            switch (field) {
                case 'S' -> severity = value;
                case 'M' -> text = value;
                case 'D' -> detail = "\nDETAIL:  " + value;
                default -> {}
            }
        }
        return severity + ":  " + text + detail;
    }

    /**
     * Runs SQL. Without parameters it may be several statements, of which the last one's result counts.
     *
     * @param sql without a NUL
     * @param parameters as text, null for NULL; or null for none and the simple protocol
     * @return fails with {@link PgException} when the server refuses, another IOException when the connection ended
     */
    public CompletableFuture<PgResult> query(byte[] sql, List<byte[]> parameters) {
        CompletableFuture<PgResult> result = new CompletableFuture<>();
        synchronized (this) {
            if (ended != null) {
                result.completeExceptionally(ended);
                return result;
            }
            if (current != null) {
                throw new IllegalStateException("a query is under way");
            }
            current = result;
        }
        try {
            wire.send(
                    parameters == null ? new Wire.Builder().message('Q', Wire.string(sql)) : extended(sql, parameters));
        } catch (IOException e) {
            end(e);
        }
        return result;
    }

    private static Wire.Builder extended(byte[] sql, List<byte[]> parameters) {
        int size = 0;
        for (byte[] parameter : parameters) {
            size += 4 + (parameter == null ? 0 : parameter.length);
        }
        ByteBuffer values = ByteBuffer.allocate(size);
        for (byte[] parameter : parameters) {
            if (parameter == null) {
                values.putInt(NULL);
            } else {
                values.putInt(parameter.length).put(parameter);
            }
        }
        byte[] unnamed = new byte[1];
        return new Wire.Builder()
                .message('P', unnamed, Wire.string(sql), Wire.shortNumber(0))
                .message(
                        'B',
                        unnamed,
                        unnamed,
                        Wire.shortNumber(0),
                        Wire.shortNumber(parameters.size()),
                        values.array(),
                        Wire.shortNumber(0))
                .message('D', new byte[] {'P'}, unnamed)
                .message('E', unnamed, Wire.number(0))
                .message('S');
    }

    private void read() {
        try {
            for (; ; ) {
                Answer answer = new Answer();
                while (!answer.complete) {
                    answer.take(wire.read());
                }
                CompletableFuture<PgResult> asked;
                synchronized (this) {
                    asked = current;
                    current = null;
                }
                if (asked != null && answer.error != null) {
                    asked.completeExceptionally(new PgException(answer.error));
                } else if (asked != null) {
                    asked.complete(answer.result);
                }
            }
        } catch (IOException | RuntimeException e) {
            end(e instanceof IOException io ? io : new IOException("malformed message from the server", e));
        }
    }

    /** What comes until the server is ready again. */
    private final class Answer {
        private List<String> columns = List.of();
        private List<byte[][]> rows = new ArrayList<>();
        private PgResult result = new PgResult(List.of(), List.of());
        private String error;
        private boolean complete;

        void take(Wire.Message message) {
            ByteBuffer body = message.body();
            switch (message.type()) {
                case 'T' -> {
                    columns = new ArrayList<>();
                    rows = new ArrayList<>();
                    for (int n = body.getShort(); n > 0; n--) {
                        columns.add(message.text());
                        body.position(body.position() + 18);
                    }
                }
                case 'D' -> {
                    byte[][] row = new byte[body.getShort()][];
                    for (int i = 0; i < row.length; i++) {
                        int length = body.getInt();
                        if (length != NULL) {
                            row[i] = new byte[length];
                            body.get(row[i]);
                        }
                    }
                    rows.add(row);
                }
                case 'C', 'I' -> {
                    result = new PgResult(columns, rows);
                    columns = List.of();
                    rows = new ArrayList<>();
                }
                case 'G' -> fail("COPY is not supported");
                case 'E' -> error = error(message);
                case 'A' -> {
                    body.getInt();
                    notifications.accept(message.text());
                }
                case 'Z' -> complete = true;
                default -> {}
            }
        }

        private void fail(String why) {
            try {
                wire.send(new Wire.Builder().message('f', Wire.string(why)));
            } catch (IOException e) {
                end(e);
            }
        }
    }

    private void end(IOException why) {
        CompletableFuture<PgResult> asked;
        synchronized (this) {
            if (ended != null) {
                return;
            }
            ended = why;
            asked = current;
            current = null;
        }
        wire.close();
        if (asked != null) {
            asked.completeExceptionally(why);
        }
        broken.accept(why);
    }

    /** Closes it; {@code broken} is not told. */
    @Override
    public void close() {
        synchronized (this) {
            if (ended != null) {
                return;
            }
            ended = new IOException("the connection was closed");
        }
        wire.close();
    }
}
