package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The binary protocol, command by command: whatever a server says directly is said through the door as well, be it that
 * the server sleeps or is killed between any two commands.
 */
@Timeout(90) // a session that waits for an answer that never comes is interrupted
class PreparedTest {
    private static final String NAME = "shop";
    private static final byte INT = 3;
    private static final byte STRING = (byte) 0xfd;
    private static final int CURSOR = 1;
    private static final int TYPES = 128;
    private static final int LAST = -1;

    private static HostProcess host;
    private static int port;

    /** What happens between any two commands. */
    enum Between {
        NOTHING,
        SLEEP
    }

    @BeforeAll
    static void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 150ms}")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
    }

    private static RawSession atTheDoor(long capabilities) throws IOException {
        return new RawSession(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), capabilities);
    }

    private static long capabilities(String client) {
        return RawSession.CLASSIC
                | switch (client) {
                    case "classic" -> 0;
                    case "newer" -> Capability.DEPRECATE_EOF;
                    case "caching" -> Capability.DEPRECATE_EOF | Capability.CACHE_METADATA;
                    case "caching classic" -> Capability.CACHE_METADATA;
                    default -> throw new IllegalArgumentException(client);
                };
    }

    @ParameterizedTest
    @CsvSource({
        "classic, NOTHING",
        "caching, NOTHING",
        "classic, SLEEP",
        "newer, SLEEP",
        "caching, SLEEP",
        "caching classic, SLEEP"
    })
    void everyAnswerIsTheServersOwn(String client, Between between) throws Exception {
        List<String> direct;
        try (RawSession waking = atTheDoor(capabilities(client))) {
            waking.query("SELECT 1 + 1");
            SocketAddress socket =
                    UnixDomainSocketAddress.of(host.instanceFolder(NAME).resolve("run/db.sock"));
            try (RawSession session = new RawSession(socket, capabilities(client))) {
                direct = new Script(session, () -> {}).run();
            }
        }
        List<String> through;
        try (RawSession session = atTheDoor(capabilities(client))) {
            through = new Script(session, () -> pass(between)).run();
        }

        assertThat(through).hasSameSizeAs(direct);
        SoftAssertions each = new SoftAssertions();
        for (int i = 0; i < direct.size(); i++) {
            each.assertThat(through.get(i)).isEqualTo(direct.get(i));
        }
        each.assertAll();
    }

    private static void pass(Between between) {
        switch (between) {
            case NOTHING -> {}
            case SLEEP -> host.awaitAsleep(NAME);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "caching"})
    void statementsOutliveAServerThatIsKilled(String client) throws Exception {
        try (RawSession maker = atTheDoor(RawSession.CLASSIC)) {
            maker.query("CREATE OR REPLACE TABLE killed (a INT)");
            maker.query("INSERT INTO killed VALUES (1)");
        }
        try (RawSession session = atTheDoor(capabilities(client))) {
            int insert = session.prepare("INSERT INTO killed VALUES (?)");
            int select = session.prepare("SELECT GROUP_CONCAT(a ORDER BY a), ? FROM killed");
            String one = session.execute(select, 0, types(INT).writeIntLE(7));

            kill();

            assertThat(session.execute(select, 0, noTypes().writeIntLE(7))).isEqualTo(one);
            kill();
            assertThat(session.execute(insert, 0, types(INT).writeIntLE(2))).startsWith("00");
            assertThat(session.query("SELECT COUNT(*) FROM killed")).contains("0132");
        }
    }

    private static void kill() {
        for (long pid : host.serverPids(NAME)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        host.awaitAsleep(NAME);
    }

    /** What is said, and what was answered to it. */
    private static final class Script {
        private final RawSession session;
        private final Runnable between;
        private final List<String> answers = new ArrayList<>();

        Script(RawSession session, Runnable between) {
            this.session = session;
            this.between = between;
        }

        private void note(String step, String answer) {
            answers.add(step + ": " + answer);
            between.run();
        }

        private void say(String sql) throws IOException {
            note(sql, session.query(sql));
        }

        private int prepare(String sql) throws IOException {
            int id = session.prepare(sql);
            note("prepare " + sql, id < 0 ? "error " + -id : "prepared");
            return id;
        }

        private void execute(String step, int id, ByteBuf parameters) throws IOException {
            note(step, session.execute(id, 0, parameters));
        }

        List<String> run() throws IOException {
            session.query("DROP TABLE IF EXISTS t, gone");
            session.query("CREATE TABLE t (a INT, s VARCHAR(20)) ENGINE=InnoDB");
            say("INSERT INTO t VALUES (1, 'one'), (2, 'two')");

            int select = prepare("SELECT a, s, ? AS p FROM t WHERE a >= ? ORDER BY a");
            execute(
                    "types that were never sent",
                    select,
                    noTypes().writeIntLE(1).writeIntLE(1));
            execute("with types", select, ints(7, 1));
            execute("without types", select, noTypes().writeIntLE(8).writeIntLE(2));
            execute(
                    "with other types",
                    select,
                    types(STRING, INT).writeByte(1).writeByte('x').writeIntLE(2));
            execute(
                    "again without",
                    select,
                    noTypes().writeByte(1).writeByte('y').writeIntLE(2));

            session.query("CREATE TABLE gone (b INT)");
            int fromGone = prepare("SELECT b FROM gone");
            say("DROP TABLE gone");
            execute("of a table that is gone", fromGone, RawSession.body());
            say("CREATE TABLE gone (b INT, c INT)");
            execute("of the table that came in its place", fromGone, RawSession.body());
            note("its reset", session.reset(fromGone));

            int insert = prepare("INSERT INTO t VALUES (?, ?)");
            execute(
                    "direct",
                    LAST,
                    types(INT, STRING).writeIntLE(3).writeByte(1).writeByte('c'));
            execute(
                    "insert without types",
                    insert,
                    noTypes().writeIntLE(4).writeByte(1).writeByte('d'));
            note("bulk", session.bulk(insert, TYPES, bulkTypes(INT, STRING).writeBytes(row(5))));
            note("bulk without types", session.bulk(insert, 0, row(6).writeBytes(row(7))));
            execute(
                    "insert without types again",
                    insert,
                    noTypes().writeIntLE(8).writeByte(1).writeByte('h'));

            session.longData(insert, 1, "long ");
            session.longData(insert, 1, "data");
            execute("with long data", insert, types(INT, STRING).writeIntLE(9));

            note(
                    "pipelined",
                    pipelined(types(INT, STRING).writeIntLE(10).writeByte(1).writeByte('p')));
            note("not to be prepared", "" + session.prepare("SELECT * FROM nowhere"));
            execute("direct after that", LAST, RawSession.body());

            note("cursor", cursor(select));
            note("fetch without a cursor", session.fetch(select, 1));
            note("fetch of nothing", session.fetch(4711, 1));
            note("reset of nothing", session.reset(4711));
            note("reset", session.reset(select));
            execute("of nothing", 4711, RawSession.body());

            int all = prepare("SELECT * FROM t ORDER BY a");
            execute("all columns", all, RawSession.body());
            say("ALTER TABLE t ADD COLUMN late INT DEFAULT 5");
            execute("and a new one", all, RawSession.body());
            execute("and a new one again", all, RawSession.body());

            int here = prepare("SELECT DATABASE(), COUNT(*) FROM t");
            note("other database", session.simple(Command.INIT_DB, RawSession.text("information_schema")));
            execute("in the database of its preparation", here, RawSession.body());
            int there = prepare("SELECT DATABASE(), COUNT(*) FROM SCHEMATA WHERE SCHEMA_NAME = 'app'");
            say("USE app");
            execute("in the other one", there, RawSession.body());
            say("SELECT DATABASE()");

            say(
                    "CREATE OR REPLACE PROCEDURE outs(IN i INT, OUT o INT) BEGIN SELECT i; SELECT s FROM t; SET o = i + 1; END");
            int call = prepare("CALL outs(?, ?)");
            execute("procedure", call, ints(41, 0));
            execute("procedure without types", call, noTypes().writeIntLE(41).writeIntLE(0));

            int variable = prepare("SET @v = 17");
            execute("a variable", variable, RawSession.body());
            say("SELECT @v");

            session.close(all);
            execute("closed", all, RawSession.body());
            note("reset of the connection", session.simple(Command.RESET_CONNECTION, RawSession.body()));
            execute("after the reset of the connection", insert, RawSession.body());
            int again = prepare("SELECT COUNT(*) FROM t");
            execute("prepared after it", again, RawSession.body());
            return answers;
        }

        private String pipelined(ByteBuf parameters) throws IOException {
            session.send(Command.STMT_PREPARE, RawSession.text("INSERT INTO t VALUES (?, ?)"));
            session.sendExecute(LAST, 0, parameters);
            int id = session.prepared();
            session.expectAnswer();
            return session.results(id);
        }

        private String cursor(int id) throws IOException {
            String opened = session.execute(id, CURSOR, ints(1, 3));
            return opened + session.fetch(id, 2) + session.fetch(id, 100);
        }
    }

    // ------------------------------------------------------------ parameters, of which nothing is NULL

    private static ByteBuf noTypes() {
        return RawSession.body().writeByte(0).writeByte(0);
    }

    private static ByteBuf types(byte... types) {
        return RawSession.body().writeByte(0).writeByte(1).writeBytes(bulkTypes(types));
    }

    private static ByteBuf bulkTypes(byte... types) {
        ByteBuf body = RawSession.body();
        for (byte type : types) {
            body.writeByte(type).writeByte(0);
        }
        return body;
    }

    private static ByteBuf ints(int... values) {
        ByteBuf body = types(INT, INT);
        for (int value : values) {
            body.writeIntLE(value);
        }
        return body;
    }

    private static ByteBuf row(int number) {
        return RawSession.body()
                .writeByte(0)
                .writeIntLE(number)
                .writeByte(0)
                .writeByte(1)
                .writeByte('r');
    }

    // ------------------------------------------------------------ what pins

    private static void awaitPinnedBy(String what) {
        Awaitility.await(what).atMost(Duration.ofMinutes(1)).until(() -> {
            String why = host.status(NAME).why();
            return why != null && why.contains(what);
        });
    }

    @Test
    void openCursorPinsUntilItsEnd() throws Exception {
        try (RawSession session = atTheDoor(RawSession.CLASSIC)) {
            session.query("CREATE OR REPLACE TABLE rowed (a INT)");
            session.query("INSERT INTO rowed VALUES (1), (2), (3)");
            int id = session.prepare("SELECT a FROM rowed");
            session.execute(id, CURSOR, RawSession.body());
            session.fetch(id, 1);

            awaitPinnedBy("an open cursor");

            session.fetch(id, 100);
            host.awaitAsleep(NAME);
        }
    }

    @Test
    void longDataPinsUntilTheExecution() throws Exception {
        try (RawSession session = atTheDoor(RawSession.CLASSIC)) {
            session.query("CREATE OR REPLACE TABLE longed (s TEXT)");
            int id = session.prepare("INSERT INTO longed VALUES (?)");
            host.awaitAsleep(NAME);
            session.longData(id, 0, "wakes ");

            awaitPinnedBy("parts of a parameter");

            session.longData(id, 0, "and is kept");
            session.execute(
                    id,
                    0,
                    RawSession.body()
                            .writeByte(0)
                            .writeByte(1)
                            .writeByte(STRING)
                            .writeByte(0));
            host.awaitAsleep(NAME);
            assertThat(session.query("SELECT s = 'wakes and is kept' FROM longed"))
                    .contains("0131");
        }
    }

    @Test
    void statementOfAnotherSqlModePinsAndKeepsItsMeaning() throws Exception {
        try (RawSession session = atTheDoor(RawSession.CLASSIC)) {
            int id = session.prepare("SELECT \"a\" = 'a'");
            host.awaitAsleep(NAME);

            session.query("SET sql_mode = 'ANSI_QUOTES'");

            assertThat(session.execute(id, 0, RawSession.body())).contains("\n000001000000");
            awaitPinnedBy("before sql_mode or the character set changed");
            session.close(id);
            host.awaitAsleep(NAME);
        }
    }

    @Test
    void textsBeyondTheLimitPin() throws Exception {
        try (RawSession session = atTheDoor(RawSession.CLASSIC)) {
            int id = session.prepare("SELECT 1 /*" + "x".repeat(300_000) + "*/");
            assertThat(id).isPositive();

            awaitPinnedBy("too long to be kept");

            session.close(id);
            host.awaitAsleep(NAME);
        }
    }

    @Test
    void closingAndUnknownStatementsWakeNobody() throws Exception {
        try (RawSession session = atTheDoor(RawSession.CLASSIC)) {
            int first = session.prepare("SELECT 1");
            int second = session.prepare("SELECT 2");
            host.awaitAsleep(NAME);
            long starts = host.serverStarts(NAME);

            session.close(first);
            assertThat(session.reset(second)).startsWith("00");
            assertThat(session.execute(first, 0, RawSession.body())).contains("Unknown prepared statement handler");
            assertThat(session.fetch(second, 1)).contains("has no open cursor");

            assertThat(host.serverPids(NAME)).isEmpty();
            assertThat(session.execute(second, 0, RawSession.body())).contains("02000000");
            assertThat(host.serverStarts(NAME)).isEqualTo(starts + 1);
        }
    }
}
