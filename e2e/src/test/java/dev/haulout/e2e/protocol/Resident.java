package dev.haulout.e2e.protocol;

import dev.haulout.proxy.protocol.Capability;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;

/**
 * A connection that an application keeps: with variables, prepared statements and a database of its own, all of which it
 * finds again whenever it looks. It writes one row into {@code app.told} each time.
 */
interface Resident extends AutoCloseable {
    /** @param time a number that was not there before, from 1 */
    void live(int time) throws IOException, SQLException;

    /** How many statements it has said. */
    long statements();

    /** How many rows of its own it has seen last. */
    long rows();

    @Override
    void close() throws IOException, SQLException;

    /** In every second one's database nothing is found without naming its own. */
    static String database(int number) {
        return number % 4 < 2 ? "app" : "information_schema";
    }
}

/** As drivers are used in a pool. */
final class DriversResident implements Resident {
    private final int number;
    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement self;
    private final PreparedStatement count;
    private long statements;
    private long rows;

    DriversResident(int number, int port) throws SQLException {
        this.number = number;
        connection = DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port
                + "/app?user=app&password=secret&useServerPrepStmts=true&socketTimeout=120000");
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET @mine = 'nobody''s but " + number + "', group_concat_max_len = " + (2000 + number));
        }
        connection.setCatalog(Resident.database(number));
        insert = connection.prepareStatement("INSERT INTO app.told VALUES (?, ?)");
        self = connection.prepareStatement("SELECT CONCAT_WS('|', @mine, @@group_concat_max_len, ?)");
        count = connection.prepareStatement("SELECT COUNT(*), MAX(n) FROM app.told WHERE who = ?");
        statements = 2;
    }

    @Override
    public void live(int time) throws SQLException {
        boolean inTransaction = time % 3 == 0;
        connection.setAutoCommit(!inTransaction);
        insert.setInt(1, number);
        insert.setInt(2, time);
        insert.executeUpdate();
        self.setString(1, "text");
        String expected = "nobody's but " + number + "|" + (2000 + number) + "|text";
        try (ResultSet row = self.executeQuery()) {
            row.next();
            if (!expected.equals(row.getString(1))) {
                throw new IllegalStateException(
                        "connection " + number + " is " + row.getString(1) + " and not " + expected);
            }
        }
        if (!connection.getCatalog().equals(Resident.database(number))) {
            throw new IllegalStateException("connection " + number + " is in " + connection.getCatalog());
        }
        count.setInt(1, number);
        try (ResultSet row = count.executeQuery()) {
            row.next();
            rows = row.getLong(1);
            if (rows != time || row.getInt(2) != time) {
                throw new IllegalStateException("connection " + number + " has " + rows + " rows and not " + time);
            }
        }
        if (inTransaction) {
            connection.commit();
        }
        statements += 3;
    }

    @Override
    public long statements() {
        return statements;
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

/** In raw packets: the ids of statements are those that were told at first, and types of parameters are not said again. */
final class RawResident implements Resident {
    private static final byte INT = 3;

    private final int number;
    private final RawSession session;
    private final int insert;
    private final int self;
    private final int count;
    private boolean typesSaid;
    private long statements;
    private long rows;

    RawResident(int number, SocketAddress address) throws IOException {
        this.number = number;
        session = new RawSession(
                address,
                RawSession.CLASSIC | (number % 3 == 0 ? Capability.DEPRECATE_EOF | Capability.CACHE_METADATA : 0));
        fine(session.query("SET @mine = " + number));
        fine(session.query("SET NAMES latin1"));
        fine(session.query("SET SESSION sort_buffer_size = " + 4096 * (10 + number)));
        fine(session.query("USE " + Resident.database(number)));
        insert = session.prepare("INSERT INTO app.told VALUES (?, ?)");
        self = session.prepare("SELECT CONCAT_WS('|', @mine, @@sort_buffer_size)");
        count = session.prepare("SELECT CONCAT('rows: ', COUNT(*)) FROM app.told WHERE who = ?");
        statements = 4;
    }

    @Override
    public void live(int time) throws IOException {
        fine(session.execute(insert, 0, parameters(number, time)));
        String who = session.execute(self, 0, RawSession.body());
        contains(who, number + "|" + 4096 * (10 + number));
        contains(session.query("SELECT DATABASE()"), Resident.database(number));
        contains(session.query("SELECT @@character_set_client"), "latin1");
        contains(session.execute(count, 0, parameters(number)), "rows: " + time);
        contains(session.query("SELECT CONCAT('still ', @mine)"), "still " + number);
        rows = time;
        typesSaid = true;
        statements += 6;
    }

    private ByteBuf parameters(int... values) {
        ByteBuf body = RawSession.body().writeByte(0).writeBoolean(!typesSaid);
        for (int i = 0; i < values.length && !typesSaid; i++) {
            body.writeByte(INT).writeByte(0);
        }
        for (int value : values) {
            body.writeIntLE(value);
        }
        return body;
    }

    private void contains(String answer, String text) {
        String hex = HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
        if (!answer.contains(String.format("%02x", text.length()) + hex)) {
            throw new IllegalStateException("connection " + number + " does not say " + text + " but " + answer);
        }
    }

    private void fine(String answer) {
        if (!answer.startsWith("00")) {
            throw new IllegalStateException("connection " + number + " was told " + answer);
        }
    }

    @Override
    public long statements() {
        return statements;
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public void close() throws IOException {
        session.close();
    }
}
