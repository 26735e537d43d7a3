package dev.haulout.proxy.wake;

import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.backend.ServiceConnection;
import dev.haulout.proxy.backend.SqlException;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.sql.SessionView;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Haulout's own connection to a server that runs: what it says of itself, who uses it round the proxy, and SHUTDOWN.
 * Blocking; callers take turns.
 */
public final class ServerWatch implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final ServiceConnection connection;

    private ServerWatch(ServiceConnection connection) {
        this.connection = connection;
    }

    /**
     * Connects to {@code server} by its service account.
     *
     * @throws IOException when it can't be reached, is another one, or refuses
     */
    public static ServerWatch open(EventLoop loop, Server server) throws IOException, InterruptedException {
        ServiceAccount account = server.serviceAccount().orElseThrow();
        return new ServerWatch(ServiceConnection.open(
                loop, server.address(), server.tls(), account.user(), account.password(), TIMEOUT));
    }

    /**
     * Runs one statement.
     *
     * @return its rows as text, null for SQL NULL
     * @throws SqlException when the server answers with an error
     * @throws IOException when the connection is lost, or an answer takes longer than 10 s
     */
    public List<List<String>> query(String sql) throws IOException, InterruptedException {
        return connection.query(sql);
    }

    /**
     * What to greet with while this server sleeps.
     *
     * @param learntFrom digest of the binary and the configuration that run
     */
    public ServerIdentity identity(String learntFrom) throws IOException, InterruptedException {
        Greeting greeting = connection.greeting();
        Map<String, String> globals = new HashMap<>();
        for (List<String> row : query(SessionView.GLOBALS_QUERY)) {
            if (row.get(1) != null) {
                globals.put(row.get(0), row.get(1));
            }
        }
        String maxConnections = query("SELECT @@max_connections").getFirst().getFirst();
        return new ServerIdentity(
                greeting.serverVersion(),
                greeting.capabilities(),
                greeting.collation(),
                globals,
                Integer.parseInt(maxConnections),
                learntFrom);
    }

    /** Its accounts. */
    public AccountBook accounts() throws IOException, InterruptedException {
        try {
            return AccountBook.read(sql -> {
                try {
                    return connection.query(sql);
                } catch (InterruptedException e) {
                    throw new Interrupted(e);
                }
            });
        } catch (Interrupted e) {
            throw e.cause;
        }
    }

    /** Carries an interrupt through an interface that knows only IOException. */
    private static final class Interrupted extends IOException {
        private static final long serialVersionUID = 1L;
        private final InterruptedException cause;

        Interrupted(InterruptedException cause) {
            super(cause);
            this.cause = cause;
        }
    }

    /** Which of the settings that keep acknowledged writes through a power cut are weakened, in words; empty if none. */
    public List<String> weakenedDurability() throws IOException, InterruptedException {
        List<String> row = query(
                        "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite, @@log_bin, @@sync_binlog")
                .getFirst();
        List<String> weakened = new ArrayList<>();
        if (!row.get(0).equals("1") && !row.get(0).equals("3")) {
            weakened.add("innodb_flush_log_at_trx_commit=" + row.get(0) + " (set it to 1)");
        }
        if (row.get(1).equals("0") || row.get(1).equalsIgnoreCase("OFF")) {
            weakened.add("innodb_doublewrite=OFF (set it to ON)");
        }
        if (row.get(2).equals("1") && !row.get(3).equals("1")) {
            weakened.add("sync_binlog=" + row.get(3) + " (set it to 1)");
        }
        return weakened;
    }

    /**
     * Who or what but our own sessions uses the server.
     *
     * @param ours the server's ids of our sessions' connections
     * @param ignored users that don't count
     */
    public Optional<Keeper> otherUse(Set<Long> ours, Set<String> ignored) throws IOException, InterruptedException {
        List<List<String>> processes = query("SELECT ID, USER, HOST, COMMAND, TIME, COALESCE(STATE, '')"
                + " FROM information_schema.PROCESSLIST WHERE COMMAND <> 'Daemon' ORDER BY TIME");
        for (List<String> row : processes) {
            long id = Long.parseLong(row.get(0));
            String user = row.get(1);
            String command = row.get(3);
            if (id == connection.id() || ours.contains(id) || ignored.contains(user)) {
                continue;
            }
            Duration time = Duration.ofSeconds(row.get(4) == null ? 0 : Long.parseLong(row.get(4)));
            if (command.startsWith("Binlog Dump")) {
                return Optional.of(
                        Keeper.lasting("a replica reads the binary log as " + user + "@" + row.get(2), time));
            }
            if (user.equals("system user")) {
                return Optional.of(
                        Keeper.lasting("replication runs (" + command + "): a configured replica stays awake", time));
            }
            return Optional.of(Keeper.lasting(
                    "a connection round the proxy: " + user + "@" + row.get(2) + " (" + id + "), " + command, time));
        }
        for (List<String> row : query("SELECT trx_mysql_thread_id, trx_state,"
                + " TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.INNODB_TRX")) {
            long id = Long.parseLong(row.get(0));
            boolean prepared = id == 0 && !row.get(1).equals("ROLLING BACK"); // XA: kept through a restart
            if (!prepared && !ours.contains(id) && id != connection.id()) {
                return Optional.of(Keeper.lasting(
                        "a transaction of connection " + id + ", " + row.get(1),
                        Duration.ofSeconds(Math.max(0, Long.parseLong(row.get(2))))));
            }
        }
        List<List<String>> memory = query("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES"
                + " WHERE ENGINE = 'MEMORY' AND TABLE_ROWS > 0"
                + " AND TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql') LIMIT 1");
        if (!memory.isEmpty()) {
            return Optional.of(
                    Keeper.noticed("the MEMORY table " + memory.getFirst().get(0) + "."
                            + memory.getFirst().get(1) + " holds rows that a stop would lose"));
        }
        return Optional.empty();
    }

    /** What its event scheduler does next; empty when nothing, or it is off. */
    public Optional<DueEvent> nextEvent() throws IOException, InterruptedException {
        return DueEvent.read(query(DueEvent.QUERY), Instant.now());
    }

    /** Globals changed by SET GLOBAL since the server started, as SQL literals, in the order of their names. */
    public Map<String, String> changedGlobals() throws IOException, InterruptedException {
        Map<String, String> changed = new LinkedHashMap<>();
        for (List<String> row : query("SELECT VARIABLE_NAME, GLOBAL_VALUE, VARIABLE_TYPE"
                + " FROM information_schema.SYSTEM_VARIABLES WHERE GLOBAL_VALUE_ORIGIN = 'SQL' AND READ_ONLY = 'NO'"
                + " AND GLOBAL_VALUE IS NOT NULL ORDER BY VARIABLE_NAME")) {
            String type = row.get(2);
            boolean bare = type.startsWith("INT")
                    || type.startsWith("BIGINT")
                    || type.startsWith("DOUBLE")
                    || type.startsWith("BOOLEAN");
            String value = row.get(1);
            changed.put(
                    row.get(0).toLowerCase(java.util.Locale.ROOT),
                    bare ? value : "'" + value.replace("\\", "\\\\").replace("'", "''") + "'");
        }
        return changed;
    }

    /** Sets globals as {@link #changedGlobals} told them. Returns those that the server refused, with its reason. */
    List<String> apply(Map<String, String> globals) throws IOException, InterruptedException {
        List<String> refused = new ArrayList<>();
        for (Map.Entry<String, String> global : globals.entrySet()) {
            try {
                query("SET GLOBAL " + global.getKey() + " = " + global.getValue());
            } catch (SqlException e) {
                refused.add(global.getKey() + ": " + e.error().message());
            }
        }
        return refused;
    }

    /** Says SHUTDOWN. */
    public void shutdown() throws IOException, InterruptedException {
        query("SHUTDOWN");
    }

    @Override
    public void close() {
        connection.close();
    }
}
