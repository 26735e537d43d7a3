package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** One instance called shop, alone on its host, and the ways to reach it. */
final class Shop implements AutoCloseable {
    static final String NAME = "shop";

    private final HostProcess host;
    private final int port;

    private Shop(HostProcess host, int port) {
        this.host = host;
        this.port = port;
    }

    /** Opens it with these lines of its spec, and waits until it sleeps. */
    static Shop asleep(String... spec) throws IOException {
        int port = HostProcess.freePort();
        return asleep(HostProcess.prepare().instance(NAME, port, spec), port);
    }

    /** Starts a host that has it already, at that port, and waits until it sleeps. */
    static Shop asleep(HostProcess host, int port) throws IOException {
        try {
            host.start();
            host.awaitAsleep(NAME);
        } catch (IOException | RuntimeException e) {
            String log = Files.readString(host.log());
            host.close();
            throw new IllegalStateException("the shop did not fall asleep:\n" + log, e);
        }
        return new Shop(host, port);
    }

    HostProcess host() {
        return host;
    }

    int port() {
        return port;
    }

    /** Writes its manifest anew and has it read. */
    void change(String... spec) throws IOException, InterruptedException {
        host.instance(NAME, port, spec);
        host.reload();
    }

    void awaitAsleep() {
        host.awaitAsleep(NAME);
    }

    /** The only server process there is. */
    long pid() {
        assertThat(host.serverPids(NAME)).hasSize(1);
        return host.serverPids(NAME).getFirst();
    }

    /** MariaDB Connector/J as the application's user; {@code options} as in a URL's query. */
    Connection connect(String... options) throws SQLException {
        return connectAs("app", "secret", options);
    }

    Connection connectAs(String user, String password, String... options) throws SQLException {
        return connectTo("app", user, password, options);
    }

    Connection connectTo(String database, String user, String password, String... options) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?" + String.join("&", options), user, password);
    }

    /** The command line client through the TCP door. */
    Program cli(String user, String password, String sql, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(client());
        command.addAll(List.of("--host=127.0.0.1", "--port=" + port, "--user=" + user, "--password=" + password));
        command.addAll(List.of(options));
        command.addAll(List.of("-N", "-e", sql));
        return Program.run(command);
    }

    /** The command line client through the unix door, as the operating system's user that runs the tests. */
    Program cliOnUnixDoor(String user, String sql, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(client());
        command.addAll(List.of("--socket=" + host.unixDoor(NAME), "--user=" + user));
        command.addAll(List.of(options));
        command.addAll(List.of("-N", "-e", sql));
        return Program.run(command);
    }

    /** Says something as {@code root@localhost}, which only the operating system's root can. */
    String asRoot(String sql) throws IOException, InterruptedException {
        assumeTrue(runsAsRoot(), "only the operating system's root is root@localhost");
        Program said = cliOnUnixDoor("root", sql);
        assertThat(said.status()).as(said.out()).isZero();
        return said.out();
    }

    static boolean runsAsRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> client() {
        assumeTrue(Program.exists("mariadb"), "the mariadb command line client is not installed");
        return List.of("mariadb", "--no-defaults", "--batch");
    }

    /** The first column of the first row. */
    static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    static void say(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** What there is to see of the server now, to compare with later. */
    Rest rest() throws IOException {
        return new Rest(host, host.serverStarts(NAME));
    }

    /** A moment of rest: {@code starts} is how often the server had started until then, by its own log. */
    record Rest(HostProcess host, long starts) {
        /** No server runs, none was started since, and none is about to. */
        void isUndisturbed() throws IOException {
            assertThat(host.status(NAME).state())
                    .as("%s", host.status(NAME).lastWake())
                    .isEqualTo("Asleep");
            assertThat(host.serverPids(NAME)).isEmpty();
            assertThat(host.serverStarts(NAME)).isEqualTo(starts);
        }

        /** Exactly one server was started since, and it still runs. */
        void isEndedByOneStart() throws IOException {
            assertThat(host.serverPids(NAME)).hasSize(1);
            assertThat(host.serverStarts(NAME)).isEqualTo(starts + 1);
        }
    }

    @Override
    public void close() throws IOException {
        host.close();
    }
}
