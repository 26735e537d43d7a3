package dev.haulout.e2e.torture;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * One client. It inserts rows in several manners, keeps its session for as long as the session lives, over sleeps and the
 * server's deaths, opens another when it is told that it ended, and notes for every row what it was told.
 */
public final class Writer implements Runnable {
    private static final long IDS_PER_WRITER = 1_000_000_000L;

    private final int number;
    private final String url;
    private final Habit habit;
    private final Random random;
    private final Rhythm rhythm;
    private final Incidents incidents;
    private final Ledger ledger;
    private final Map<Trouble, Long> troubles = new ConcurrentHashMap<>();
    private final List<String> faults = new ArrayList<>();

    private long lastId;
    private Connection connection;
    private long connectedNanos;
    private long calledNanos;
    private long longestCallNanos;
    private int sessions;

    /** What it does with its session. */
    public enum Habit {
        /** Gives it up now and then, and opens another. */
        FICKLE,
        /** Keeps it for as long as it can; now and then it opens a second one for a single statement. */
        FAITHFUL
    }

    /**
     * @param url with the user's name, as far as the question mark's parameters; they have to end in one
     * @param patience how long it waits for an answer; longer than the deadline of a wake, so that an honest refusal comes
     *     first
     */
    public Writer(
            int number,
            String url,
            Duration patience,
            Habit habit,
            long seed,
            Rhythm rhythm,
            Incidents incidents,
            Ledger ledger) {
        this.number = number;
        this.url = url + "&socketTimeout=" + patience.toMillis() + "&connectTimeout=" + patience.toMillis()
                + "&useServerPrepStmts=true&cachePrepStmts=false";
        this.habit = habit;
        this.random = new Random(seed * 31 + number);
        this.rhythm = rhythm;
        this.incidents = incidents;
        this.ledger = ledger;
        this.lastId = number * IDS_PER_WRITER;
    }

    @Override
    public void run() {
        try {
            while (!rhythm.isOver()) {
                long quiet = rhythm.quietMillisLeft();
                rhythm.pass(quiet > 0 ? quiet + random.nextInt(60) : random.nextInt(15));
                if (connection == null) {
                    rhythm.pass(random.nextInt(100));
                    connect();
                } else {
                    write();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            fault("a fault of the test's own: " + e);
            throw e;
        } finally {
            disconnect();
        }
    }

    private void connect() {
        connectedNanos = System.nanoTime();
        begin();
        try {
            connection = DriverManager.getConnection(url);
            say("SET @writer = " + number);
            sessions++;
        } catch (SQLException e) {
            trouble(e, "a login");
            disconnect();
        } finally {
            ended();
        }
    }

    private void disconnect() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                fault("closing a connection failed: " + e);
            }
            connection = null;
        }
    }

    private void write() throws InterruptedException {
        int manner = random.nextInt(100);
        if (manner < 55) {
            single();
        } else if (manner < 63) {
            prepared();
        } else if (manner < 73) {
            lingering();
        } else if (manner < 97) {
            transaction();
        } else {
            switch (habit) {
                case FICKLE -> disconnect();
                case FAITHFUL -> visit();
            }
        }
    }

    /** Another session, for one row. */
    private void visit() {
        long id = ++lastId;
        long held = connectedNanos;
        connectedNanos = System.nanoTime();
        begin();
        Fate fate = Fate.NOT_RUN;
        try (Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            sessions++;
            fate = Fate.UNKNOWN;
            statement.execute("INSERT INTO kept (id, unit, writer) VALUES (" + id + ", " + id + ", " + number + ")");
            fate = Fate.ACKNOWLEDGED;
        } catch (SQLException e) {
            Trouble trouble = trouble(e, "a visit");
            fate = fate == Fate.UNKNOWN ? trouble.fate() : fate;
        } finally {
            ended();
            connectedNanos = held;
        }
        note(List.of(id), fate);
    }

    private String insert(long id, long unit) {
        return "INSERT INTO kept (id, unit, writer) VALUES (" + id + ", " + unit + ", @writer)";
    }

    private void single() {
        long id = ++lastId;
        note(List.of(id), call("an insert", () -> say(insert(id, id))));
    }

    private void prepared() {
        long id = ++lastId;
        Fate fate = call("a prepared insert", () -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("INSERT INTO kept (id, unit, writer) VALUES (?, ?, @writer)")) {
                statement.setLong(1, id);
                statement.setLong(2, id);
                statement.executeUpdate();
            }
        });
        note(List.of(id), fate);
    }

    /** The row is there for good long before the answer comes: whoever repeats this after a kill writes it twice. */
    private void lingering() {
        long id = ++lastId;
        double seconds = random.nextInt(150) / 1000.0;
        note(List.of(id), call("a procedure", () -> say("CALL linger(" + id + ", " + seconds + ")")));
    }

    /** Rows of a transaction whose COMMIT was never sent are certainly not there. */
    private void transaction() throws InterruptedException {
        if (call("BEGIN", () -> say("BEGIN")) != Fate.ACKNOWLEDGED) {
            return;
        }
        List<Long> ids = new ArrayList<>();
        int rows = 1 + random.nextInt(5);
        for (int i = 0; i < rows; i++) {
            long id = ++lastId;
            ids.add(id);
            if (call("an insert in a transaction", () -> say(insert(id, ids.getFirst()))) != Fate.ACKNOWLEDGED) {
                note(ids, Fate.NOT_RUN);
                rollback();
                return;
            }
            if (random.nextInt(40) == 0) {
                rhythm.pass(random.nextInt(400));
            }
        }
        if (random.nextInt(10) == 0) {
            note(ids, Fate.NOT_RUN);
            rollback();
            return;
        }
        Fate fate = call("COMMIT", () -> say("COMMIT"));
        note(ids, fate);
        if (fate == Fate.NOT_RUN) {
            rollback();
        }
    }

    private void rollback() {
        if (connection != null) {
            call("ROLLBACK", () -> say("ROLLBACK"));
        }
    }

    private void note(List<Long> ids, Fate fate) {
        for (long id : ids) {
            ledger.note(id, ids.getFirst(), number, fate);
        }
    }

    private interface Action {
        void run() throws SQLException;
    }

    private Fate call(String what, Action action) {
        begin();
        try {
            action.run();
            return Fate.ACKNOWLEDGED;
        } catch (SQLException e) {
            Trouble trouble = trouble(e, what);
            if (!trouble.keepsSession()) {
                disconnect();
            }
            return trouble.fate();
        } finally {
            ended();
        }
    }

    private void begin() {
        calledNanos = System.nanoTime();
    }

    private void ended() {
        longestCallNanos = Math.max(longestCallNanos, System.nanoTime() - calledNanos);
    }

    private void say(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Counts an error, and holds it against what happened: one without a cause is a fault. */
    private Trouble trouble(SQLException e, String what) {
        Trouble trouble = Trouble.of(e);
        troubles.merge(trouble, 1L, Long::sum);
        boolean caused = switch (trouble) {
            case NOT_RUN, TURNED_AWAY -> incidents.serverEverDied();
            case SESSION_ENDED -> incidents.serverDiedSince(connectedNanos) || incidents.proxyLeftSince(connectedNanos);
            case OUTCOME_UNKNOWN -> incidents.serverDiedSince(calledNanos);
            case CONNECTION_LOST ->
                incidents.proxyAwaySince(connectedNanos)
                        || incidents.serverDiedSince(calledNanos)
                        // a session that was ended while it was idle: the word on why may be lost with its connection
                        || connection != null && incidents.proxyLeftSince(connectedNanos);
            case HUNG, UNDOCUMENTED -> false;
        };
        if (!caused) {
            fault(trouble + " without a cause, at " + what + " after "
                    + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - calledNanos) + " ms: " + e.getErrorCode() + "/"
                    + e.getSQLState() + " " + e.getMessage());
        }
        return trouble;
    }

    private synchronized void fault(String words) {
        faults.add("writer " + number + ": " + words);
    }

    /** What this client met that it should not have. */
    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    /** Errors by meaning, those with a cause too. */
    public Map<Trouble, Long> troubles() {
        return Map.copyOf(troubles);
    }

    /** Sessions it opened. */
    public int sessions() {
        return sessions;
    }

    /** The longest that any call took. */
    public long longestCallMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longestCallNanos);
    }
}
