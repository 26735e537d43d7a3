package dev.haulout.e2e.protocol;

import dev.haulout.proxy.protocol.Command;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What clients do from their login to their end, of everything something. */
interface Visit {
    /** What visits need; said once. */
    String SETTING = "CREATE TABLE loaded (a INT PRIMARY KEY, b VARCHAR(100))";

    /** The state of an exception thrown to one who sent a command of many packets, and so did not listen for an error. */
    String AMID_LONG_COMMAND = "08S01";

    /** @throws SQLException where the other side said an error; with an IOException as its cause where it has just gone */
    void pay(int port) throws SQLException;

    /** A driver's. @param options of the URL */
    record Driver(String options) implements Visit {
        private static final String LINES = "1\tone\n2\ttwo\n".repeat(2000);

        @Override
        public void pay(int port) throws SQLException {
            String url = "jdbc:mariadb://127.0.0.1:" + port + "/app?user=app&password=secret&useServerPrepStmts=true"
                    + "&allowLocalInfile=true&connectTimeout=60000&socketTimeout=60000&" + options;
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement();
                    PreparedStatement prepared =
                            connection.prepareStatement("SELECT seq, ? FROM seq_1_to_5 WHERE seq >= ?")) {
                read(statement.executeQuery("SELECT 1 + 1"), 1);
                for (int i = 1; i <= 2; i++) {
                    prepared.setString(1, "text");
                    prepared.setInt(2, i);
                    read(prepared.executeQuery(), 6 - i);
                }
                statement
                        .unwrap(org.mariadb.jdbc.Statement.class)
                        .setLocalInfileInputStream(new ByteArrayInputStream(LINES.getBytes(StandardCharsets.US_ASCII)));
                statement.execute("LOAD DATA LOCAL INFILE 'lines' REPLACE INTO TABLE loaded");
                read(statement.executeQuery("SELECT seq, REPEAT('x', 1000) FROM seq_1_to_40"), 40);
                connection.setAutoCommit(false);
                statement.execute("UPDATE loaded SET b = 'changed'");
                connection.rollback();
            }
        }

        private static void read(ResultSet rows, int expected) throws SQLException {
            try (rows) {
                int count = 0;
                while (rows.next()) {
                    count++;
                }
                if (count != expected) {
                    throw new IllegalStateException(count + " rows came instead of " + expected);
                }
            }
        }
    }

    /** One in raw packets, of what drivers don't do. */
    record Raw(long capabilities) implements Visit {
        private static final Pattern ERROR = Pattern.compile("(?:^|\\n|: )(\\d{4})#(.{5})(.*)", Pattern.DOTALL);
        private static final int LONGEST_ERROR = 600;
        private static final int CURSOR = 1;
        private static final int LONG = 17_000_000;

        @Override
        public void pay(int port) throws SQLException {
            try (RawSession session = RawSession.byAuthSwitch(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), capabilities)) {
                pay(session);
            } catch (IOException e) {
                fine(String.valueOf(e.getMessage()));
                throw new SQLException(e.getMessage(), "08000", e);
            }
        }

        private void pay(RawSession session) throws IOException, SQLException {
            fine(session.query("SET NAMES latin1"));
            fine(session.query("SET group_concat_max_len = 2000"));
            int id = session.prepare("SELECT seq, ? FROM seq_1_to_5");
            fine(id > 0 ? "" : -id + "#HY000");
            session.longData(id, 0, "long data");
            ByteBuf text =
                    RawSession.body().writeByte(0).writeByte(1).writeByte(0xfc).writeByte(0);
            fine(session.execute(id, 0, text));
            ByteBuf number = RawSession.body()
                    .writeByte(0)
                    .writeByte(1)
                    .writeByte(3)
                    .writeByte(0)
                    .writeIntLE(7);
            fine(session.execute(id, CURSOR, number));
            fine(session.fetch(id, 2));
            fine(session.reset(id));
            fine(session.query("SELECT 1; SELECT 2"));
            try {
                session.longQuery("SELECT LENGTH('", LONG, "')");
            } catch (IOException e) {
                throw new SQLException("the connection ended while it was written to", AMID_LONG_COMMAND, e);
            }
            fine(session.results(0));
            session.ask("SELECT REPEAT('x', " + LONG + ")");
            fine(session.results(0));
            fine(session.simple(Command.INIT_DB, RawSession.text("information_schema")));
            fine(session.changeUser("app", "secret", "app"));
            fine(session.query("SELECT COUNT(*) FROM loaded"));
            fine(session.simple(Command.RESET_CONNECTION, RawSession.body()));
            session.send(Command.QUIT, RawSession.body());
        }

        private static void fine(String answer) throws SQLException {
            Matcher error = ERROR.matcher(answer.substring(Math.max(0, answer.length() - LONGEST_ERROR)));
            if (error.find()) {
                throw new SQLException(error.group(3), error.group(2), Integer.parseInt(error.group(1)));
            }
        }
    }
}
