package dev.haulout.e2e.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What applications do by JDBC beside single statements. Each works on a table of its own. */
final class JdbcHabits {
    /** In the table that habits only read, and in each batch. */
    static final int ROWS = 300;

    private final int port;

    /** @param port of the door on 127.0.0.1 */
    JdbcHabits(int port) {
        this.port = port;
    }

    private Connection connect(String scheme, String options) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:" + scheme + "://127.0.0.1:" + port + "/app?allowMultiQueries=true&" + options, "app", "secret");
    }

    private static void say(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** What is done each time, on one connection. */
    private interface Doing {
        void once(Connection connection, int round) throws Exception;
    }

    private static Habit on(Connection connection, Doing doing) {
        return new Habit() {
            @Override
            public void again(int round) throws Exception {
                doing.once(connection, round);
            }

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }

    /** Rows in batches of one statement that is prepared once, and the keys that they got. */
    Habit batches(String scheme, String table, String options) throws SQLException {
        Connection connection = connect(scheme, options);
        say(connection, "CREATE TABLE " + table + " (id INT AUTO_INCREMENT PRIMARY KEY, n INT, t TEXT)");
        PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO " + table + " (n, t) VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS);
        return on(connection, (same, round) -> {
            for (int i = 0; i < ROWS; i++) {
                insert.setInt(1, i);
                insert.setString(2, i % 7 == 0 ? null : "text ".repeat(i % 50));
                insert.addBatch();
            }
            assertThat(insert.executeBatch()).hasSize(ROWS);
            List<Integer> keys = new ArrayList<>();
            try (ResultSet rows = insert.getGeneratedKeys()) {
                while (rows.next()) {
                    keys.add(rows.getInt(1));
                }
            }
            assertThat(keys)
                    .isEqualTo(IntStream.rangeClosed(round * ROWS + 1, (round + 1) * ROWS)
                            .boxed()
                            .toList());
            assertThat(number(same, "SELECT COUNT(*) FROM " + table)).isEqualTo((round + 1L) * ROWS);
            assertThat(number(same, "SELECT SUM(n) FROM " + table)).isEqualTo((round + 1L) * ROWS * (ROWS - 1) / 2);
        });
    }

    /** A batch one row of which is refused, and the rows that went in for all that. */
    Habit refusedBatches(String scheme, String table, String options) throws SQLException {
        Connection connection = connect(scheme, options);
        say(connection, "CREATE TABLE " + table + " (n INT PRIMARY KEY)");
        PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?)");
        return on(connection, (same, round) -> {
            same.setAutoCommit(false);
            for (int n : new int[] {1, 2, 2, 3}) {
                insert.setInt(1, n);
                insert.addBatch();
            }
            try {
                insert.executeBatch();
                throw new AssertionError("a duplicate was taken");
            } catch (BatchUpdateException duplicate) {
                assertThat(duplicate.getErrorCode()).isEqualTo(1062);
            }
            same.rollback();
            same.setAutoCommit(true);
            assertThat(number(same, "SELECT COUNT(*) FROM " + table)).isZero();
        });
    }

    /** {@code INSERT ... RETURNING}: the rows that come back, of several in one statement and of one again and again. */
    Habit returned(String scheme, String table, String options) throws SQLException {
        Connection connection = connect(scheme, options);
        say(connection, "CREATE TABLE " + table + " (id INT AUTO_INCREMENT PRIMARY KEY, n INT)");
        PreparedStatement one =
                connection.prepareStatement("INSERT INTO " + table + " (n) VALUES (?) RETURNING id, n * 2");
        PreparedStatement several =
                connection.prepareStatement("INSERT INTO " + table + " (n) VALUES (?), (?), (?) RETURNING id, n * 2");
        return on(connection, (same, round) -> {
            for (int n = 1; n <= 3; n++) {
                several.setInt(n, n);
            }
            List<String> rows = new ArrayList<>(rows(several));
            for (int n = 4; n <= 6; n++) {
                one.setInt(1, n);
                rows.addAll(rows(one));
            }
            assertThat(rows)
                    .isEqualTo(IntStream.rangeClosed(1, 6)
                            .mapToObj(n -> round * 6 + n + " " + n * 2)
                            .toList());
        });
    }

    private static List<String> rows(PreparedStatement statement) throws SQLException {
        List<String> all = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                all.add(rows.getInt(1) + " " + rows.getInt(2));
            }
        }
        return all;
    }

    /** MariaDB's bulk command with RETURNING, which brings back all the rows of a batch. */
    Habit bulkReturned(String table, String options) throws SQLException {
        Connection connection = connect("mariadb", options);
        say(connection, "CREATE TABLE " + table + " (id INT AUTO_INCREMENT PRIMARY KEY, n INT)");
        PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO " + table + " (n) VALUES (?) RETURNING id", Statement.RETURN_GENERATED_KEYS);
        return on(connection, (same, round) -> {
            for (int n = 0; n < ROWS; n++) {
                insert.setInt(1, n);
                insert.addBatch();
            }
            insert.executeBatch();
            List<Integer> ids = new ArrayList<>();
            do {
                try (ResultSet rows = insert.getResultSet()) {
                    while (rows != null && rows.next()) {
                        ids.add(rows.getInt(1));
                    }
                }
            } while (insert.getMoreResults());
            assertThat(ids)
                    .isEqualTo(IntStream.rangeClosed(round * ROWS + 1, (round + 1) * ROWS)
                            .boxed()
                            .toList());
        });
    }

    /** More statements, made and closed all the time, than a cache of three prepared ones holds. */
    Habit cachedStatements(String scheme, String options) throws SQLException {
        Connection connection = connect(scheme, options + "&cachePrepStmts=true&prepStmtCacheSize=3");
        return on(connection, (same, round) -> {
            for (int pass = 0; pass < 3; pass++) {
                for (int kind = 0; kind < 5; kind++) {
                    try (PreparedStatement select =
                            same.prepareStatement("SELECT ? + " + kind + " FROM seen WHERE n = ?")) {
                        for (int n = 0; n < 2; n++) {
                            select.setInt(1, 10 * round);
                            select.setInt(2, n);
                            try (ResultSet row = select.executeQuery()) {
                                assertThat(row.next()).isTrue();
                                assertThat(row.getInt(1)).isEqualTo(10 * round + kind);
                            }
                        }
                    }
                }
            }
        });
    }

    /** Rows in portions, with other statements between them where the driver can do that. */
    Habit portions(String scheme, String options, boolean othersBetween) throws SQLException {
        Connection connection = connect(scheme, options);
        PreparedStatement select = connection.prepareStatement("SELECT n FROM seen WHERE n >= ? ORDER BY n");
        select.setFetchSize(7);
        return on(connection, (same, round) -> {
            select.setInt(1, round);
            try (ResultSet rows = select.executeQuery()) {
                for (int n = round; n < ROWS; n++) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getInt(1)).isEqualTo(n);
                    if (othersBetween && n % 50 == 0) {
                        assertThat(number(same, "SELECT COUNT(*) FROM seen")).isEqualTo(ROWS);
                    }
                }
                assertThat(rows.next()).isFalse();
            }
        });
    }

    /** The table that habits only read. */
    void makeTable() throws SQLException {
        try (Connection connection = connect("mariadb", "")) {
            say(connection, "CREATE TABLE seen (n INT PRIMARY KEY)");
            say(connection, "INSERT INTO seen SELECT seq FROM seq_0_to_" + (ROWS - 1));
        }
    }
}
