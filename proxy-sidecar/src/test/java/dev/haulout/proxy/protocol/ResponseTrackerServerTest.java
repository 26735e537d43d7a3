package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.sql.RealServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recorded answers of real servers: the tracker says "whole" at their last byte, not before and not behind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResponseTrackerServerTest {
    private static final long CLASSIC = Capability.CLIENT_MYSQL
            | Capability.CONNECT_WITH_DB
            | Capability.LOCAL_FILES
            | Capability.PROTOCOL_41
            | Capability.TRANSACTIONS
            | Capability.SECURE_CONNECTION
            | Capability.MULTI_STATEMENTS
            | Capability.MULTI_RESULTS
            | Capability.PS_MULTI_RESULTS
            | Capability.PLUGIN_AUTH;
    private static final long MARIADB = CLASSIC & ~Capability.CLIENT_MYSQL
            | Capability.PROGRESS
            | Capability.EXTENDED_METADATA
            | Capability.CACHE_METADATA
            | Capability.STMT_BULK_OPERATIONS;

    private static final byte[] NOTHING = {};
    private static final int CURSOR = 1;

    private List<RealServer> servers;
    private final List<Line> lines = new ArrayList<>();

    /** A way to talk to a server: who it is and what was agreed. */
    private record Line(RealServer server, RecordingClient client, long capabilities, String name) {
        @Override
        public String toString() {
            return server + " " + name;
        }
    }

    /** What the tracker made of an answer. */
    private record Seen(int status, boolean failed, int errorCode, long statementId) {
        boolean has(int flags) {
            return (status & flags) == flags;
        }
    }

    @BeforeAll
    void start() throws IOException {
        servers = RealServer.startAll("--max-allowed-packet=64M", "--local-infile=1", "--plugin-maturity=unknown");
        for (RealServer server : servers) {
            line(server, CLASSIC, "classic");
            line(server, CLASSIC | Capability.DEPRECATE_EOF, "without EOF");
            line(server, MARIADB, "MariaDB");
            line(server, MARIADB | Capability.DEPRECATE_EOF | Capability.SESSION_TRACK, "MariaDB without EOF");
        }
    }

    private void line(RealServer server, long capabilities, String name) throws IOException {
        RecordingClient client = new RecordingClient(server.socket(), capabilities);
        lines.add(new Line(server, client, capabilities, name));
        client.query("CREATE DATABASE IF NOT EXISTS tracked");
        client.command(Command.INIT_DB, "tracked".getBytes(StandardCharsets.US_ASCII));
    }

    @AfterAll
    void stop() throws IOException {
        for (Line line : lines) {
            line.client().close();
        }
        if (servers != null) {
            servers.forEach(RealServer::close);
        }
    }

    List<Line> lines() {
        return lines;
    }

    @ParameterizedTest
    @MethodSource("lines")
    void okAndErrors(Line line) throws IOException {
        assertThat(query(line, "DO 1").status()).isEqualTo(ServerStatus.AUTOCOMMIT);
        assertThat(query(line, "SET @a = REPEAT('x', 1000)").failed()).isFalse();
        Seen syntax = query(line, "SELEC 1");
        assertThat(syntax.failed()).isTrue();
        assertThat(syntax.errorCode()).isEqualTo(1064);
        assertThat(query(line, "BEGIN").has(ServerStatus.IN_TRANSACTION)).isTrue();
        assertThat(query(line, "COMMIT").has(ServerStatus.IN_TRANSACTION)).isFalse();
        assertThat(query(line, "SET autocommit = 0").has(ServerStatus.AUTOCOMMIT))
                .isFalse();
        assertThat(query(line, "SET autocommit = 1").has(ServerStatus.AUTOCOMMIT))
                .isTrue();
        assertThat(command(line, Command.PING, NOTHING).failed()).isFalse();
        assertThat(command(line, Command.INIT_DB, ascii("mysql")).failed()).isFalse();
        assertThat(command(line, Command.INIT_DB, ascii("nowhere")).errorCode()).isEqualTo(1049);
        assertThat(command(line, Command.INIT_DB, ascii("tracked")).failed()).isFalse();
        assertThat(command(line, 0x77, NOTHING).errorCode()).isEqualTo(1047);
    }

    @ParameterizedTest
    @MethodSource("lines")
    void affectedRowsOfEveryLength(Line line) throws IOException {
        query(line, "CREATE OR REPLACE TABLE affected (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, v INT)");
        for (String rows : List.of("1", "200", "260", "70000")) {
            Seen inserted = query(line, "INSERT INTO affected (v) SELECT seq FROM seq_1_to_" + rows);
            assertThat(inserted.status() & (ServerStatus.AUTOCOMMIT | ServerStatus.MORE_RESULTS))
                    .isEqualTo(ServerStatus.AUTOCOMMIT);
        }
        query(line, "INSERT INTO affected VALUES (18000000000000000000, 1)");
        assertThat(query(line, "INSERT INTO affected (v) VALUES (2)").has(ServerStatus.AUTOCOMMIT))
                .isTrue();
        query(line, "DROP TABLE affected");
    }

    @ParameterizedTest
    @MethodSource("lines")
    void resultSets(Line line) throws IOException {
        assertThat(query(line, "SELECT 1").status() & ServerStatus.MORE_RESULTS).isZero();
        query(line, "SELECT 1 FROM DUAL WHERE FALSE");
        query(line, "SELECT NULL, '', 'x', REPEAT('y', 300), REPEAT('z', 70000)");
        query(line, "SELECT * FROM seq_1_to_1000");
        query(line, "SELECT REPEAT(CHAR(254), seq) FROM seq_1_to_300");
        String columns = String.join(", ", Collections.nCopies(300, "1"));
        query(line, "SELECT " + columns);
        assertThat(query(line, "SELECT seq, (SELECT 1 UNION SELECT 2) FROM seq_1_to_3")
                        .errorCode())
                .isEqualTo(1242);
        query(line, "BEGIN");
        assertThat(query(line, "SELECT 1").has(ServerStatus.IN_TRANSACTION)).isTrue();
        query(line, "ROLLBACK");
    }

    /** The error comes after the column definitions and some rows. */
    @ParameterizedTest
    @MethodSource("lines")
    void anErrorInTheMiddleOfTheRows(Line line) throws IOException {
        Seen seen = query(line, "SELECT seq, IF(seq < 50, 0, (SELECT t.seq FROM seq_1_to_2 t)) FROM seq_1_to_100");

        assertThat(seen.errorCode()).isEqualTo(1242);
    }

    @ParameterizedTest
    @MethodSource("lines")
    void rowsOfMoreThanSixteenMegabytes(Line line) throws IOException {
        query(line, "SELECT REPEAT('x', 17000000), 1 UNION ALL SELECT 'short', 2");
        // a row whose last frame is empty: its length is a multiple of the longest frame's
        query(line, "SELECT REPEAT('x', " + (Wire.MAX_PAYLOAD - 4) + ")");
        query(line, "SELECT REPEAT('x', " + (2 * Wire.MAX_PAYLOAD - 9) + ")");
    }

    @ParameterizedTest
    @MethodSource("lines")
    void severalResults(Line line) throws IOException {
        assertThat(query(line, "SELECT 1; DO 2; SELECT 3, 4; SET @b = 5").status() & ServerStatus.MORE_RESULTS)
                .isZero();
        assertThat(query(line, "SELECT 1; SELEC 2; SELECT 3").errorCode()).isEqualTo(1064);
        query(
                line,
                "CREATE OR REPLACE PROCEDURE three(IN a INT, OUT b INT) BEGIN SELECT a; SELECT a + 1, 2; SET b = 7; END");
        query(line, "CALL three(1, @b)");
        query(line, "CALL three(1, @b); SELECT @b");
        query(line, "DROP PROCEDURE three");
    }

    @ParameterizedTest
    @MethodSource("lines")
    void preparedStatements(Line line) throws IOException {
        query(line, "CREATE OR REPLACE TABLE prepared (a INT, b LONGTEXT)");
        query(line, "INSERT INTO prepared VALUES (1, 'one'), (2, 'two'), (3, 'three')");
        prepare(line, "DO 1");
        prepare(line, "SET @x = ?");
        prepare(line, "SELECT 1");
        long id = prepare(line, "SELECT a, b, ? FROM prepared WHERE a < ?");
        assertThat(command(line, Command.STMT_PREPARE, ascii("SELECT * FROM nowhere"))
                        .errorCode())
                .isEqualTo(1146);

        byte[] arguments = ByteBufUtil.getBytes(Unpooled.buffer()
                .writeByte(0) // nothing is NULL
                .writeByte(1)
                .writeByte(3)
                .writeByte(0)
                .writeByte(3)
                .writeByte(0)
                .writeIntLE(5)
                .writeIntLE(10));
        // the second time a client that caches metadata gets none
        for (int i = 0; i < 3; i++) {
            assertThat(execute(line, id, 0, arguments).failed()).isFalse();
        }
        Seen cursor = execute(line, id, 1, arguments);
        assertThat(cursor.has(ServerStatus.CURSOR_EXISTS)).isTrue();
        assertThat(fetch(line, id, 2).has(ServerStatus.LAST_ROW_SENT)).isFalse();
        assertThat(fetch(line, id, 2).has(ServerStatus.LAST_ROW_SENT)).isTrue();
        assertThat(fetch(line, id, 2).failed()).isTrue();
        assertThat(command(line, Command.STMT_RESET, id(id)).failed()).isFalse();
        assertThat(execute(line, 4711, 0, arguments).errorCode()).isEqualTo(1243);
        assertThat(command(line, Command.STMT_CLOSE, id(id)).failed()).isFalse();
        query(line, "DROP TABLE prepared");
    }

    @ParameterizedTest
    @MethodSource("lines")
    void cursorsWithinAProcedureAreNoneOfTheClients(Line line) throws IOException {
        query(line, """
                CREATE OR REPLACE PROCEDURE cursing() BEGIN
                DECLARE a INT; DECLARE c CURSOR FOR SELECT 1; OPEN c; FETCH c INTO a; SELECT a; SELECT 2; CLOSE c; END""");
        long id = prepare(line, "CALL cursing()");

        assertThat(query(line, "CALL cursing()").failed()).isFalse();
        assertThat(execute(line, id, 0, NOTHING).failed()).isFalse();
        query(line, "DROP PROCEDURE cursing");
    }

    @ParameterizedTest
    @MethodSource("lines")
    void longData(Line line) throws IOException {
        long id = prepare(line, "SELECT LENGTH(?)");
        byte[] piece = ByteBufUtil.getBytes(
                Unpooled.buffer().writeIntLE((int) id).writeShortLE(0).writeBytes(ascii("a piece")));

        command(line, Command.STMT_SEND_LONG_DATA, piece);
        command(line, Command.STMT_SEND_LONG_DATA, piece);

        byte[] text = {0, 1, (byte) 0xfc, 0};
        assertThat(execute(line, id, 0, text).failed()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void procedureWithOutParameterPrepared(Line line) throws IOException {
        query(line, "CREATE OR REPLACE PROCEDURE outs(OUT b INT) BEGIN SELECT 1; SET b = 7; END");
        long id = prepare(line, "CALL outs(?)");

        Seen seen = execute(line, id, 0, new byte[] {1, 1, 3, 0});

        assertThat(seen.failed()).isFalse();
        assertThat(seen.status() & ServerStatus.MORE_RESULTS).isZero();
        query(line, "DROP PROCEDURE outs");
    }

    @ParameterizedTest
    @MethodSource("lines")
    void aFileOfTheClients(Line line) throws IOException {
        query(line, "CREATE OR REPLACE TABLE loaded (a INT, b TEXT)");
        byte[] file = ascii("1\tone\n2\ttwo\n");
        byte[] frames = ByteBufUtil.getBytes(Unpooled.buffer()
                .writeMediumLE(file.length)
                .writeByte(2)
                .writeBytes(file)
                .writeMediumLE(0)
                .writeByte(3));
        byte[] command = ascii("LOAD DATA LOCAL INFILE 'anything' INTO TABLE loaded");
        byte[] answer = line.client().command(Command.QUERY, command, frames);

        int request = Wire.HEADER + (answer[0] & 0xff);
        for (int at = 1; at <= request; at++) {
            ResponseTracker tracker = new ResponseTracker(line.capabilities());
            tracker.begin(Command.QUERY);
            tracker.feed(Unpooled.wrappedBuffer(answer, 0, at));
            tracker.feed(Unpooled.wrappedBuffer(answer, at, request - at));
            assertThat(tracker.wantsFile()).isTrue();
            tracker.fileSent();
            tracker.feed(Unpooled.wrappedBuffer(answer, request, answer.length - request - 1));
            assertThat(tracker.done()).isFalse();
            tracker.feed(Unpooled.wrappedBuffer(answer, answer.length - 1, 1));
            assertThat(tracker.done()).isTrue();
            assertThat(tracker.failed()).isFalse();
        }
        query(line, "SELECT * FROM loaded");
        query(line, "DROP TABLE loaded");
        assertThat(query(line, "LOAD DATA LOCAL INFILE 'anything' INTO TABLE nowhere")
                        .errorCode())
                .isEqualTo(1146);
    }

    @ParameterizedTest
    @MethodSource("lines")
    void otherCommands(Line line) throws IOException {
        query(line, "CREATE OR REPLACE TABLE fields (a INT, b TEXT)");
        assertThat(command(line, Command.FIELD_LIST, ascii("fields\0%")).failed())
                .isFalse();
        assertThat(command(line, Command.FIELD_LIST, ascii("nowhere\0%")).errorCode())
                .isEqualTo(1146);
        query(line, "DROP TABLE fields");
        assertThat(command(line, Command.STATISTICS, NOTHING).failed()).isFalse();
        assertThat(command(line, Command.PROCESS_INFO, NOTHING).failed()).isFalse();
        assertThat(command(line, Command.SET_OPTION, new byte[] {1, 0}).failed())
                .isFalse();
        assertThat(query(line, "SELECT 1; SELECT 2").errorCode()).isEqualTo(1064);
        assertThat(command(line, Command.SET_OPTION, new byte[] {0, 0}).failed())
                .isFalse();
        assertThat(command(line, Command.SET_OPTION, new byte[] {9, 0}).errorCode())
                .isEqualTo(1047);
        assertThat(command(line, Command.DEBUG, NOTHING).failed()).isFalse();
        assertThat(command(line, Command.PROCESS_KILL, new byte[] {-1, -1, -1, 0x7f})
                        .errorCode())
                .isEqualTo(1094);
        assertThat(command(line, Command.RESET_CONNECTION, NOTHING).failed()).isFalse();
    }

    /** Reports of progress look like errors and are none. */
    @ParameterizedTest
    @MethodSource("lines")
    void progressReports(Line line) throws IOException {
        query(line, "CREATE OR REPLACE TABLE slow (a VARCHAR(20)) ENGINE=Aria");
        query(line, "INSERT INTO slow SELECT seq FROM seq_1_to_4000");
        query(line, "SET progress_report_time = 1");
        byte[] statement = ascii(
                "ALTER TABLE slow ADD COLUMN h CHAR(128) AS (SHA2(REPEAT(a, 150000), 512)) PERSISTENT, ALGORITHM=COPY");

        byte[] answer = line.client().command(Command.QUERY, statement);

        Seen seen = follow(line, Command.QUERY, false, answer);
        assertThat(seen.failed()).isFalse();
        if (Capability.has(line.capabilities(), Capability.PROGRESS)) {
            assertThat(answer[Wire.HEADER]).as("a report came").isEqualTo((byte) 0xff);
        }
        query(line, "DROP TABLE slow");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] id(long id) {
        return ByteBufUtil.getBytes(Unpooled.buffer().writeIntLE((int) id));
    }

    private static Seen query(Line line, String sql) throws IOException {
        return command(line, Command.QUERY, sql.getBytes(StandardCharsets.UTF_8));
    }

    private static long prepare(Line line, String sql) throws IOException {
        Seen seen = command(line, Command.STMT_PREPARE, ascii(sql));
        assertThat(seen.failed()).as(sql).isFalse();
        assertThat(seen.statementId()).isPositive();
        return seen.statementId();
    }

    private static Seen execute(Line line, long id, int flags, byte[] arguments) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(id(id));
        body.write(flags);
        body.writeBytes(new byte[] {1, 0, 0, 0});
        body.writeBytes(arguments);
        return command(line, Command.STMT_EXECUTE, body.toByteArray());
    }

    private static Seen fetch(Line line, long id, int rows) throws IOException {
        byte[] body =
                ByteBufUtil.getBytes(Unpooled.buffer().writeIntLE((int) id).writeIntLE(rows));
        return command(line, Command.STMT_FETCH, body);
    }

    private static Seen command(Line line, int command, byte[] body) throws IOException {
        boolean cursor = command == Command.STMT_EXECUTE && body[4] == CURSOR;
        return follow(line, command, cursor, line.client().command(command, body));
    }

    /** Asserts that the tracker finds the answer's end, in whatever pieces it comes. */
    private static Seen follow(Line line, int command, boolean cursor, byte[] answer) {
        List<List<byte[]>> ways = new ArrayList<>();
        ways.add(answer.length == 0 ? List.of() : List.of(answer));
        if (answer.length < 100_000) {
            ways.add(Chunks.single(answer));
        }
        for (int seed = 0; seed < 5; seed++) {
            ways.add(Chunks.random(answer, seed));
        }
        List<Seen> all = ways.stream()
                .map(chunks -> follow(line.capabilities(), command, cursor, chunks))
                .distinct()
                .toList();
        assertThat(all).as("one outcome however it is cut").hasSize(1);
        assertEndsByItself(line.capabilities(), command, cursor, answer);
        return all.getFirst();
    }

    private static Seen follow(long capabilities, int command, boolean cursor, List<byte[]> chunks) {
        ResponseTracker tracker = new ResponseTracker(capabilities);
        tracker.cursorWanted(cursor);
        tracker.begin(command);
        for (byte[] chunk : chunks) {
            assertThat(tracker.done()).as("whole before its end").isFalse();
            assertThat(tracker.feed(Unpooled.wrappedBuffer(chunk))).isEqualTo(chunk.length);
        }
        assertThat(tracker.done()).as("whole at its end").isTrue();
        return new Seen(tracker.status(), tracker.failed(), tracker.errorCode(), tracker.statementId());
    }

    /** What follows an answer is no part of it, and without its last byte it isn't whole. */
    private static void assertEndsByItself(long capabilities, int command, boolean cursor, byte[] answer) {
        ByteBuf more = Unpooled.wrappedBuffer(answer, new byte[] {7, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0});
        ResponseTracker tracker = new ResponseTracker(capabilities);
        tracker.cursorWanted(cursor);
        tracker.begin(command);
        assertThat(tracker.feed(more)).as("bytes of the answer").isEqualTo(answer.length);
        if (answer.length > 0) {
            tracker.begin(command);
            tracker.feed(Unpooled.wrappedBuffer(Arrays.copyOf(answer, answer.length - 1)));
            assertThat(tracker.done()).as("whole without its last byte").isFalse();
        }
    }
}
