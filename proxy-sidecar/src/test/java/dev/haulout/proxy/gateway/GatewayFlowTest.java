package dev.haulout.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.proxy.backend.Authority;
import dev.haulout.proxy.backend.ServiceConnection;
import dev.haulout.proxy.backend.SqlException;
import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.door.Networks;
import dev.haulout.proxy.door.TlsCaller;
import dev.haulout.proxy.sql.RealServer;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A gateway at a real API server and a real database server; the operator's part is played. */
@Tag("cluster")
class GatewayFlowTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String NAMESPACE = "shop";
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir
    private static Path certificates;

    private static ControlPlane plane;
    private static KubernetesClient client;
    private static Operator operator;
    private static Authority authority;
    private static EventLoopGroup loops;

    private final List<ServiceConnection> connections = new ArrayList<>();
    private MariaDBInstance instance;
    private String uid;
    private String name;
    private int doorPort;
    private int serverPort;
    private RealServer server;
    private Gateway gateway;

    @BeforeAll
    static void startPlane() throws Exception {
        plane = ControlPlane.start();
        client = plane.client();
        operator = new Operator(client);
        operator.makeNamespace(Operator.NAMESPACE);
        operator.makeNamespace(NAMESPACE);
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        authority = new Authority();
        Authority.Issued ours = authority.forClient("haulout-gateway");
        Files.setPosixFilePermissions(
                certificates, PosixFilePermissions.fromString("rwxr-xr-x")); // for the server's user
        Files.write(certificates.resolve("ca.crt"), authority.certificate());
        Files.write(certificates.resolve("tls.crt"), ours.certificate());
        Files.write(certificates.resolve("tls.key"), ours.key());
    }

    @AfterAll
    static void stopPlane() throws Exception {
        if (client != null) {
            client.close();
            plane.close();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @BeforeEach
    void start(TestInfo test) throws Exception {
        name = "i" + Integer.toHexString(test.getDisplayName().hashCode());
        doorPort = freePort();
        serverPort = freePort();
        create("sleep: {after: 1s, wakeDeadline: 60s}");
        gateway = start("gateway-" + name);
    }

    private void create(String spec) throws IOException {
        instance = operator.create(NAMESPACE, name, spec);
        uid = instance.getMetadata().getUid();
        operator.learn(instance);
        operator.say(instance, "\"phase\":\"Asleep\",\"door\":{\"port\":" + doorPort + "}");
    }

    private Gateway start(String pod) throws IOException {
        return start(pod, LOOPBACK, 0);
    }

    /** @param address where its doors are, and where other gateways find it */
    private Gateway start(String pod, InetAddress address, int peerPort) throws IOException {
        return Gateway.start(
                new GatewayOptions(
                        Operator.NAMESPACE,
                        pod,
                        Optional.empty(),
                        address,
                        List.of(NAMESPACE),
                        address,
                        new InetSocketAddress(LOOPBACK, 0),
                        new InetSocketAddress(address, peerPort),
                        new InetSocketAddress(LOOPBACK, 0),
                        certificates,
                        Optional.empty(),
                        Networks.NONE,
                        serverPort,
                        Duration.ofSeconds(5)),
                client);
    }

    @AfterEach
    void stop() throws Exception {
        connections.forEach(ServiceConnection::close);
        if (gateway != null) {
            gateway.stop();
        }
        operator.deletePod(instance);
        client.resources(MariaDBInstance.class).inNamespace(NAMESPACE).delete();
        if (server != null) {
            server.close();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
            return socket.getLocalPort();
        }
    }

    /** The server that the pod would run. */
    private void startServer() throws Exception {
        List<String> options = new ArrayList<>(List.of(
                authority.serverOptions(Files.createDirectories(certificates.resolve(uid)), authority.forServer(uid))));
        options.addAll(List.of(
                "--skip-networking=0",
                "--bind-address=127.0.0.1",
                "--port=" + serverPort,
                "--skip-name-resolve",
                "--proxy-protocol-networks=127.0.0.1"));
        server = RealServer.startOne(options.toArray(String[]::new));
        try (ServiceConnection root = ServiceConnection.open(
                loops.next(), new DomainSocketAddress(server.socket().toFile()), Optional.empty(), "root", "", LONG)) {
            root.query(
                    "CREATE USER haulout_gateway@'%' REQUIRE SUBJECT '/CN=haulout-gateway' AND ISSUER '/CN=haulout'");
            root.query("GRANT ALL ON *.* TO haulout_gateway@'%'");
            root.query("CREATE DATABASE shop");
            root.query("CREATE USER app@'%' IDENTIFIED BY 'secret', other@'%' IDENTIFIED BY 'secret'");
            root.query("GRANT ALL ON shop.* TO app@'%'");
        }
    }

    private ServiceConnection connect() throws Exception {
        await().atMost(LONG).until(() -> listens(doorPort));
        return connect(LOOPBACK, "app");
    }

    private ServiceConnection connect(InetAddress gateway, String user) throws Exception {
        ServiceConnection connection = ServiceConnection.open(
                loops.next(), new InetSocketAddress(gateway, doorPort), Optional.empty(), user, "secret", LONG);
        connections.add(connection);
        return connection;
    }

    private static boolean listens(int port) {
        return listens(LOOPBACK, port);
    }

    private static boolean listens(InetAddress address, int port) {
        try (Socket socket = new Socket(address, port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private static CompletableFuture<List<List<String>>> query(ServiceConnection connection, String sql) {
        CompletableFuture<List<List<String>>> rows = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                rows.complete(connection.query(sql));
            } catch (IOException | InterruptedException e) {
                rows.completeExceptionally(e);
            }
        });
        return rows;
    }

    private MariaDBInstanceStatus awaitStatus(Predicate<MariaDBInstanceStatus> as) {
        return await().atMost(LONG).ignoreExceptions().until(() -> operator.status(instance), as);
    }

    private String awaitDemandBeside(String earlier) {
        return awaitStatus(status ->
                        status.demand() != null && !status.demand().id().equals(earlier))
                .demand()
                .id();
    }

    private MariaDBInstanceStatus awaitReport(Predicate<GatewayReport> as) {
        return awaitStatus(status -> status.gateways() != null
                && status.gateways().get("gateway-" + name) != null
                && as.test(status.gateways().get("gateway-" + name)));
    }

    private void meet(String demand) {
        operator.say(
                instance,
                "\"phase\":\"Awake\",\"served\":\"" + demand + "\",\"lastWake\":{\"demand\":\"" + demand
                        + "\",\"outcome\":\"Ok\"}");
    }

    /** Woken by a client of its own, whose connection this is. */
    private ServiceConnection awake() throws Exception {
        startServer();
        ServiceConnection connection = connect();
        CompletableFuture<List<List<String>>> row = query(connection, "SELECT 40 + 2");
        String demand = awaitDemandBeside(null);
        operator.say(instance, "\"phase\":\"Waking\"");
        operator.runPod(instance, "127.0.0.1");
        assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
        meet(demand);
        return connection;
    }

    @Test
    void doorsShowCertificatesThatTheReleasesAuthorityVouchesFor() throws Exception {
        CertificateAuthority release = CertificateAuthority.make(Clock.systemUTC());
        operator.keepAuthority(release.own());
        X509Certificate trusted = release.own().certificate();
        await().atMost(LONG).until(() -> listens(doorPort));

        X509Certificate first = TlsCaller.certificate(doorPort, name + "." + NAMESPACE + ".svc", trusted);
        X509Certificate second = TlsCaller.certificate(doorPort, name, trusted);

        assertThat(second).as("made once").isEqualTo(first);
        assertThat(first.getSubjectAlternativeNames())
                .as("nobody's server")
                .noneMatch(alternative -> alternative.get(1).toString().contains(uid));
        assertThatThrownBy(() -> TlsCaller.certificate(doorPort, "other." + NAMESPACE, trusted))
                .isInstanceOf(SSLHandshakeException.class);
        assertThatThrownBy(() -> TlsCaller.certificate(
                        doorPort,
                        name,
                        CertificateAuthority.make(Clock.systemUTC()).own().certificate()))
                .isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void aLoginWakesNobodyAndAStatementDemandsOnce() throws Exception {
        startServer();
        List<ServiceConnection> clients = List.of(connect(), connect(), connect());
        assertThat(operator.status(instance).demand()).isNull();

        List<CompletableFuture<List<List<String>>>> rows = clients.stream()
                .map(connection -> query(connection, "SELECT 40 + 2"))
                .toList();
        String demand = awaitDemandBeside(null);
        assertThat(operator.status(instance).demand().by()).isEqualTo("gateway-" + name);
        operator.say(instance, "\"phase\":\"Waking\"");
        operator.runPod(instance, "127.0.0.1");

        for (CompletableFuture<List<List<String>>> row : rows) {
            assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
        }
        assertThat(operator.status(instance).demand().id()).isEqualTo(demand);
    }

    @Test
    void anAnnouncementIsEnoughToFindTheServer() throws Exception {
        startServer();
        CompletableFuture<List<List<String>>> row = query(connect(), "SELECT 40 + 2");
        awaitDemandBeside(null);

        announce("no-token", "127.0.0.1");
        announce(Operator.TOKEN, "127.0.0.2");
        await().atMost(LONG).until(() -> metric("haulout_announcements_total{outcome=\"dropped\"}") >= 2);
        assertThat(row).isNotDone();
        announce(Operator.TOKEN, "127.0.0.1");

        assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
    }

    private void announce(String token, String address) throws IOException {
        try (Socket socket = new Socket(LOOPBACK, gateway.announcementPort())) {
            socket.getOutputStream()
                    .write(("haulout-announce/1 " + uid + " " + token + " " + address + "\n")
                            .getBytes(StandardCharsets.US_ASCII));
        }
    }

    private double metric(String line) throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(text -> text.startsWith(line))
                .mapToDouble(text -> Double.parseDouble(text.substring(text.lastIndexOf(' ') + 1)))
                .sum();
    }

    private HttpResponse<String> get(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /** Labels and names are anybody's. */
    @Test
    void aPodThatTheInstanceDoesNotOwnIsNotDialled() throws Exception {
        CompletableFuture<List<List<String>>> row;
        try (ServerSocket impostor = new ServerSocket(serverPort, 1, LOOPBACK)) {
            CompletableFuture<Socket> dialled = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    dialled.complete(impostor.accept());
                } catch (IOException closed) {
                    // nobody came
                }
            });
            row = query(connect(), "SELECT 40 + 2");
            awaitDemandBeside(null);
            operator.say(instance, "\"phase\":\"Waking\"");
            operator.runPod(instance, "another-instances-uid", "127.0.0.1");

            await().during(Duration.ofSeconds(2)).atMost(LONG).until(() -> !dialled.isDone());
        }

        operator.deletePod(instance);
        startServer();
        operator.runPod(instance, "127.0.0.1");
        assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
    }

    @Test
    void anIdleInstanceIsProposedHeldAndWantedAgain() throws Exception {
        ServiceConnection connection = awake();
        connection.query("SET @before = 7");

        awaitReport(report -> Long.valueOf(1).equals(report.proposes()));
        operator.say(instance, "\"drain\":{\"epoch\":1,\"state\":\"Requested\"}");
        awaitReport(report -> Long.valueOf(1).equals(report.epoch()) && Boolean.TRUE.equals(report.held()));
        String first = operator.status(instance).demand().id();
        CompletableFuture<List<List<String>>> row = query(connection, "SELECT @before");
        awaitDemandBeside(first);
        assertThat(row).isNotDone();
        operator.say(instance, "\"drain\":{\"epoch\":1,\"state\":\"Cancelled\"}");

        assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("7")));
    }

    /** What one owner's server says of itself is not what another's clients hear. */
    @Test
    void anInstanceThatNeverRanDoesNotGreetAsAnothersServerDid() throws Exception {
        MariaDBInstance other = operator.create(NAMESPACE, name + "-other", "sleep: {after: 1h}");
        operator.letIn(other);
        int otherPort = freePort();
        operator.say(other, "\"phase\":\"Asleep\",\"door\":{\"port\":" + otherPort + "}");
        instance = operator.create(NAMESPACE, name + "-new", "sleep: {after: 1h}");
        uid = instance.getMetadata().getUid();
        doorPort = freePort();
        operator.letIn(instance);
        operator.say(instance, "\"phase\":\"Asleep\",\"door\":{\"port\":" + doorPort + "}");
        await().atMost(LONG).until(() -> greeting(doorPort).contains("11.8-MariaDB"));

        startServer();
        Thread login = Thread.ofVirtual().start(() -> {
            try {
                connect();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        awaitDemandBeside(null); // what such a server answers is not known before it ran
        operator.say(instance, "\"phase\":\"Waking\"");
        operator.runPod(instance, "127.0.0.1");
        login.join();
        await().atMost(LONG).until(() -> !greeting(doorPort).contains("11.8-MariaDB"));

        await().atMost(LONG).until(() -> listens(otherPort));
        assertThat(greeting(otherPort)).contains("11.8-MariaDB");
    }

    private static String greeting(int port) throws IOException {
        try (Socket socket = new Socket(LOOPBACK, port)) {
            return new String(socket.getInputStream().readNBytes(64), StandardCharsets.ISO_8859_1);
        } catch (java.net.ConnectException notYet) {
            return "";
        }
    }

    @Test
    void aSessionOutlivesThePodItWasOn() throws Exception {
        ServiceConnection connection = awake();
        awaitReport(report -> Long.valueOf(1).equals(report.proposes()));
        operator.say(instance, "\"phase\":\"FallingAsleep\",\"drain\":{\"epoch\":1,\"state\":\"Requested\"}");
        awaitReport(report -> Boolean.TRUE.equals(report.held()));
        operator.say(instance, "\"drain\":{\"epoch\":1,\"state\":\"Stopping\"}");
        String first = operator.status(instance).demand().id();
        operator.deletePod(instance);
        operator.say(instance, "\"phase\":\"Asleep\",\"drain\":{\"epoch\":1,\"state\":\"Done\"}");

        CompletableFuture<List<List<String>>> row = query(connection, "SELECT 40 + 2");
        awaitDemandBeside(first);
        operator.say(instance, "\"phase\":\"Waking\"");
        operator.runPod(instance, "127.0.0.1");

        assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
    }

    @Test
    void whoIsBusyIsNamedAndGoesOn() throws Exception {
        ServiceConnection connection = awake();
        connection.query("BEGIN");
        connection.query("CREATE TABLE shop.t (a INT)");
        connection.query("BEGIN");
        connection.query("INSERT INTO shop.t VALUES (1)");

        operator.say(instance, "\"drain\":{\"epoch\":1,\"state\":\"Requested\",\"evenIfUsed\":true}");

        MariaDBInstanceStatus status = awaitReport(report -> Boolean.FALSE.equals(report.held()));
        assertThat(status.gateways().get("gateway-" + name).busy())
                .contains("app@127.0.0.1")
                .contains("transaction");
        assertThat(connection.query("SELECT a FROM shop.t")).isEqualTo(List.of(List.of("1")));
    }

    @Test
    void aFailedWakeIsToldToTheClientInTheOperatorsWords() throws Exception {
        CompletableFuture<List<List<String>>> row = query(connect(), "SELECT 1 + 1");
        String demand = awaitDemandBeside(null);

        operator.say(
                instance,
                "\"phase\":\"Failed\",\"served\":\"" + demand + "\",\"lastWake\":{\"demand\":\"" + demand
                        + "\",\"outcome\":\"Failed\",\"message\":\"the image localhost/x:1 can't be pulled\"}");

        assertThatThrownBy(() -> row.get(60, TimeUnit.SECONDS))
                .hasMessageContaining("the image localhost/x:1 can't be pulled");
    }

    @Test
    void aSuspendedInstanceRefusesWithoutADemandUntilItNoLongerIs() throws Exception {
        operator.ask(instance, "\"power\":\"Suspended\"");
        ServiceConnection connection = connect();
        await().atMost(LONG)
                .untilAsserted(() -> assertThatThrownBy(() -> connection.query("SELECT 1 + 1"))
                        .hasMessageContaining("it is suspended"));
        String demandWhileSuspended = Optional.ofNullable(
                        operator.status(instance).demand())
                .map(MariaDBInstanceStatus.Demand::id)
                .orElse(null);
        assertThatThrownBy(() -> connection.query("SELECT 1 + 1")).hasMessageContaining("it is suspended");
        assertThat(Optional.ofNullable(operator.status(instance).demand())
                        .map(MariaDBInstanceStatus.Demand::id)
                        .orElse(null))
                .isEqualTo(demandWhileSuspended);

        operator.ask(instance, "\"power\":\"Auto\"");
        await().atMost(LONG).until(() -> {
            CompletableFuture<List<List<String>>> row = query(connection, "SELECT 1 + 1");
            return !row.isCompletedExceptionally() && awaitDemandBeside(demandWhileSuspended) != null;
        });
    }

    @Test
    void aDemandOutlastsAnOutageOfTheApi() throws Exception {
        startServer();
        ServiceConnection connection = connect();
        plane.stopApi();
        CompletableFuture<List<List<String>>> row = query(connection, "SELECT 40 + 2");
        plane.startApi();

        awaitDemandBeside(null);
        operator.say(instance, "\"phase\":\"Waking\"");
        operator.runPod(instance, "127.0.0.1");

        assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
    }

    @Test
    void aDeletedInstanceTakesItsDoorAndSessionsAlong() throws Exception {
        ServiceConnection connection = connect();
        connection.query("DO 0");

        client.resources(MariaDBInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .delete();

        await().atMost(LONG).until(() -> !listens(doorPort));
        assertThatThrownBy(() -> connection.query("SELECT 1 + 1")).hasMessageContaining("was deleted");
    }

    @Test
    void itIsReadyOnceServersTrustItAndLeavesInPeace() throws Exception {
        ServiceConnection connection = awake();
        Future<?> left = stopInBackground();
        await().atMost(LONG).until(() -> !listens(doorPort));
        await().atMost(LONG).until(() -> isEnded(connection));
        left.get(60, TimeUnit.SECONDS);
        assertThat(lease("gateway-" + name)).isNull();

        gateway = start("gateway-" + name);
        await().atMost(LONG).until(() -> listens(doorPort));
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/readyz").body()).contains("does not trust this gateway yet");
        operator.say(instance, "\"pod\":{\"trusts\":[\"gateway-" + name + "\"]}");

        await().atMost(LONG).until(() -> get("/readyz").statusCode() == 200);
        assertThat(lease("gateway-" + name).getMetadata().getLabels()).containsKey("haulout.dev/gateway");
        assertThat(connect().query("SELECT 40 + 2")).isEqualTo(List.of(List.of("42")));
    }

    @Test
    void whoIsStillSentToAGatewayThatLeavesIsServed() throws Exception {
        await().atMost(LONG).until(() -> get("/readyz").statusCode() == 200);

        Future<?> left = stopInBackground();

        await().during(Duration.ofSeconds(1)).atMost(LONG).until(() -> listens(doorPort));
        connect();
        assertThat(left).isNotDone();
        left.get(60, TimeUnit.SECONDS);
        assertThat(listens(doorPort)).isFalse();
    }

    @Test
    void aStatementThatWaitsForTheServerIsAnsweredBeforeItsGatewayLeaves() throws Exception {
        startServer();
        ServiceConnection connection = connect();
        CompletableFuture<List<List<String>>> row = query(connection, "SELECT 40 + 2");
        awaitDemandBeside(null);

        Future<?> left = stopInBackground();
        await().atMost(LONG).until(() -> !listens(doorPort));
        operator.runPod(instance, "127.0.0.1");

        assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
        left.get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() -> connection.query("SELECT 1 + 1")).isInstanceOf(IOException.class);
    }

    /** Whether it is told so; nothing else may go wrong with it. */
    private static boolean isEnded(ServiceConnection connection) throws IOException, InterruptedException {
        try {
            return connection.query("SELECT 40 + 2").isEmpty();
        } catch (SqlException e) {
            assertThat(e).hasMessageContaining("1927").hasMessageContaining("is stopping");
            return true;
        }
    }

    private Future<?> stopInBackground() {
        Gateway leaving = gateway;
        gateway = null;
        FutureTask<?> stop = new FutureTask<>(() -> {
            leaving.stop();
            return null;
        });
        Thread.ofVirtual().start(stop);
        return stop;
    }

    @Test
    void aGatewayThatStartsInMidDrainHoldsAndSaysSo() throws Exception {
        awake().close();
        operator.say(instance, "\"drain\":{\"epoch\":5,\"state\":\"Requested\",\"evenIfUsed\":true}");
        Gateway second = start("second-" + name, InetAddress.ofLiteral("127.0.0.2"), 0);
        try {
            awaitStatus(status -> status.gateways() != null
                    && status.gateways().containsKey("second-" + name)
                    && Boolean.TRUE.equals(
                            status.gateways().get("second-" + name).held()));
            operator.say(instance, "\"drain\":{\"epoch\":5,\"state\":\"Cancelled\"}");
            awaitStatus(status -> Long.valueOf(6)
                    .equals(status.gateways().get("second-" + name).proposes()));
        } finally {
            second.stop();
        }
    }

    /** The API takes no address of loopback for an EndpointSlice, so the other gateway has one of this machine's own. */
    @Test
    void sessionsOfAnotherGatewayAreKilled() throws Exception {
        Optional<InetAddress> ofThisMachine = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address
                        && !address.isLoopbackAddress()
                        && !address.isLinkLocalAddress())
                .findFirst();
        assumeTrue(ofThisMachine.isPresent(), "this machine has no address but loopback");
        InetAddress elsewhere = ofThisMachine.get();
        ServiceConnection killer = awake();
        Gateway second = start("second-" + name, elsewhere, gateway.peerPort());
        try {
            await().atMost(LONG).until(() -> listens(elsewhere, doorPort));
            ServiceConnection victim = connect(elsewhere, "app");
            victim.query("CREATE TABLE shop.t (a INT)");
            assertThatThrownBy(() -> killer.query("KILL QUERY " + victim.id()))
                    .as("while no slice names the other gateway")
                    .hasMessageContaining("Unknown thread id: " + victim.id());
            operator.sendClientsTo(instance, doorPort, elsewhere);

            // attached: its statement is interrupted by the server
            CompletableFuture<List<List<String>>> slept = query(victim, "INSERT INTO shop.t SELECT SLEEP(60)");
            await("the slices are read anew").atMost(LONG).until(() -> {
                try {
                    killer.query("KILL QUERY " + victim.id());
                } catch (SqlException unknownStill) {
                    assertThat(unknownStill).hasMessageContaining("1094");
                }
                return slept.isDone();
            });
            assertThatThrownBy(slept::get).hasMessageContaining("1317");
            ServiceConnection other = connect(LOOPBACK, "other");
            assertThatThrownBy(() -> other.query("KILL " + victim.id())).hasMessageContaining("1095");

            // held: the other gateway decides
            ServiceConnection held = connect(elsewhere, "app");
            operator.say(instance, "\"drain\":{\"epoch\":1,\"state\":\"Requested\",\"evenIfUsed\":true}");
            for (String pod : List.of("gateway-" + name, "second-" + name)) {
                awaitStatus(status -> status.gateways() != null
                        && status.gateways().get(pod) != null
                        && Boolean.TRUE.equals(status.gateways().get(pod).held()));
            }
            String before = operator.status(instance).demand().id();
            assertThatThrownBy(() -> other.query("KILL " + held.id()))
                    .hasMessageContaining("You are not owner of thread " + held.id());
            killer.query("KILL " + held.id());
            assertThat(operator.status(instance).demand().id())
                    .as("nobody was woken")
                    .isEqualTo(before);
            assertThatThrownBy(() -> held.query("SELECT 40 + 2"))
                    .hasMessageContaining("1927")
                    .hasMessageContaining("it was killed by app@127.0.0.1");
        } finally {
            second.stop();
        }
    }

    @Test
    void sessionsOutliveAnEviction() throws Exception {
        ServiceConnection connection = awake();
        String first = operator.status(instance).demand().id();
        operator.beginDeletingPod(instance);
        await().atMost(LONG).until(() -> {
            CompletableFuture<List<List<String>>> row = query(connection, "SELECT 40 + 2");
            try {
                row.get(500, TimeUnit.MILLISECONDS);
                return false;
            } catch (java.util.concurrent.TimeoutException held) {
                operator.deletePod(instance);
                operator.say(instance, "\"phase\":\"Asleep\"");
                awaitDemandBeside(first);
                operator.say(instance, "\"phase\":\"Waking\"");
                operator.runPod(instance, "127.0.0.1");
                assertThat(row.get(60, TimeUnit.SECONDS)).isEqualTo(List.of(List.of("42")));
                return true;
            }
        });
    }

    private static Lease lease(String pod) {
        return client.leases().inNamespace(Operator.NAMESPACE).withName(pod).get();
    }
}
