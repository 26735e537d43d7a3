package dev.haulout.e2e.sidecar;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.SidecarProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** An instance called shop that sleeps, a gateway before it, and a sidecar before that. */
final class Pair implements AutoCloseable {
    static final String NAME = "shop";

    private final HostProcess gateway;
    private final SidecarProcess sidecar;
    private final int gatewayPort;

    private Pair(HostProcess gateway, SidecarProcess sidecar, int gatewayPort) {
        this.gateway = gateway;
        this.sidecar = sidecar;
        this.gatewayPort = gatewayPort;
    }

    /** @param spec lines of the instance's spec */
    static Pair asleep(String... spec) throws IOException {
        int port = HostProcess.freePort();
        HostProcess gateway = HostProcess.prepare().instance(NAME, port, spec);
        try {
            gateway.start();
            gateway.awaitAsleep(NAME);
            return new Pair(gateway, SidecarProcess.before(port), port);
        } catch (IOException | RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    HostProcess gateway() {
        return gateway;
    }

    SidecarProcess sidecar() {
        return sidecar;
    }

    void awaitAsleep() {
        gateway.awaitAsleep(NAME);
    }

    boolean serverRuns() {
        return !gateway.serverPids(NAME).isEmpty();
    }

    /** MariaDB Connector/J through the sidecar, as the application's user. */
    Connection connect() throws SQLException {
        return connectAs("app", "secret");
    }

    Connection connectAs(String user, String password) throws SQLException {
        return connectTo(sidecar.port(), user, password);
    }

    /** The same round the sidecar. */
    Connection connectToGateway(String user, String password) throws SQLException {
        return connectTo(gatewayPort, user, password);
    }

    private static Connection connectTo(int port, String user, String password) throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", user, password);
    }

    /** The bytes that the gateway has received from clients. */
    double heardByGateway() throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI page = URI.create("http://127.0.0.1:" + gateway.metricsPort() + "/metrics");
            return http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("haulout_received_bytes_total{"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
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

    @Override
    public void close() throws IOException {
        try {
            sidecar.close();
        } finally {
            gateway.close();
        }
    }
}
