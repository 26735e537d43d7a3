package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the owner of one namespace can do to an instance of another: nothing. He tries from a pod, with all his own
 * Secrets, and as his own account of the API. Network policies keep him from much of this where they are enforced; here
 * they may not be, and nothing rests on them.
 */
@Tag("cluster")
class TrustTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private static Cluster cluster;
    private static Tenant tenant;

    /** Two instances that are not his: {@code asleep} and {@code awake} are how they are. */
    @BeforeAll
    static void start() {
        cluster = Cluster.get();
        cluster.apply("asleep", "  sleep: {after: 5s}");
        cluster.apply("awake", "  power: Awake");
        tenant = Tenant.moveIn(cluster);
        cluster.awaitAsleep("asleep");
        cluster.awaitAwake("awake");
    }

    @AfterAll
    static void remove() {
        if (tenant != null) {
            tenant.moveOut();
        }
        if (cluster != null) {
            cluster.instance("asleep").ifPresent(cluster::delete);
            cluster.instance("awake").ifPresent(cluster::delete);
        }
    }

    private static MariaDBInstance sleeper() {
        cluster.awaitAsleep("asleep");
        return cluster.instance("asleep").orElseThrow();
    }

    private static void assertUntouched(MariaDBInstance before) {
        assertThat(cluster.instance("asleep").orElseThrow().getMetadata().getResourceVersion())
                .isEqualTo(before.getMetadata().getResourceVersion());
        assertThat(cluster.pods("asleep")).isEmpty();
    }

    private static Pod server() {
        return cluster.pods("awake").getFirst();
    }

    private static List<Pod> gateways() {
        return cluster.client()
                .pods()
                .inNamespace(Cluster.RELEASE_NAMESPACE)
                .withLabel("app.kubernetes.io/component", "gateway")
                .list()
                .getItems();
    }

    // ---------------------------------------------------------------- announcements

    private static int announcements(String gateway, String outcome) throws IOException, InterruptedException {
        String metrics = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + gateway + ":8080/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        Matcher found = Pattern.compile("haulout_announcements_total\\{outcome=\"" + outcome + "\"} ([0-9.E]+)")
                .matcher(metrics);
        assertThat(found.find()).as(metrics).isTrue();
        return (int) Double.parseDouble(found.group(1));
    }

    private static void announce(String gateway, String uid, String token, String address) {
        tenant.run("exec 3<>/dev/tcp/" + gateway + "/9307; echo 'haulout-announce/1 " + uid + " " + token + " "
                + address + "' >&3; cat <&3");
    }

    @Test
    void forgedAnnouncementsAreNotHeard() throws Exception {
        MariaDBInstance victim = sleeper();
        String uid = victim.getMetadata().getUid();
        String his = tenant.instance().getMetadata().getUid();
        String token = tenant.secret("spy-announce", "token");
        String here = tenant.podAddress();
        String gateway = gateways().getFirst().getStatus().getPodIP();
        int dropped = announcements(gateway, "dropped");
        int heard = announcements(gateway, "heard");

        announce(gateway, uid, "0123456789abcdef0123456789abcdef", here);
        announce(gateway, uid, token, here);
        announce(gateway, his, token, server().getStatus().getPodIP());

        await().atMost(LONG).until(() -> announcements(gateway, "dropped") == dropped + 3);
        assertThat(announcements(gateway, "heard")).isEqualTo(heard);
        announce(gateway, his, token, here);
        await("his own word on his own pod").atMost(LONG).until(() -> announcements(gateway, "heard") == heard + 1);
        assertUntouched(victim);
    }

    // ---------------------------------------------------------------- the API

    @Test
    void theApiGivesHimNothingThatIsNotHis() {
        MariaDBInstance victim = sleeper();
        try (KubernetesClient api = tenant.api()) {
            List<Runnable> attempts = List.of(
                    () -> api.resources(MariaDBInstance.class)
                            .inNamespace(Cluster.NAMESPACE)
                            .withName("asleep")
                            .subresource("status")
                            .patch(MERGE, "{\"status\":{\"demand\":{\"id\":\"forged\",\"why\":\"x\",\"by\":\"x\"}}}"),
                    () -> api.secrets().inNamespace(Cluster.NAMESPACE).list(),
                    () -> api.secrets().inNamespace(Cluster.RELEASE_NAMESPACE).list(),
                    () -> api.secrets()
                            .inNamespace(Cluster.RELEASE_NAMESPACE)
                            .withName("haulout-learned-" + victim.getMetadata().getUid())
                            .get(),
                    () -> api.secrets()
                            .inNamespace(Cluster.RELEASE_NAMESPACE)
                            .withName("haulout-ca")
                            .get(),
                    () -> api.leases().inNamespace(Cluster.RELEASE_NAMESPACE).list(),
                    () -> api.pods()
                            .inNamespace(Cluster.NAMESPACE)
                            .withName("awake")
                            .delete());
            for (Runnable attempt : attempts) {
                assertThatThrownBy(attempt::run)
                        .isInstanceOfSatisfying(
                                KubernetesClientException.class,
                                refused -> assertThat(refused.getCode()).isEqualTo(403));
            }
            assertThat(api.secrets().inNamespace(Cluster.OTHER_NAMESPACE).list().getItems())
                    .as("his own")
                    .isNotEmpty();
        }
        assertUntouched(victim);
    }

    @Test
    void aDemandInHisOwnStatusWakesHisOwn() {
        MariaDBInstance victim = sleeper();
        tenant.awaitAsleep();
        int door = victim.getStatus().door().port();
        try (KubernetesClient api = tenant.api()) {
            var _ = api.resources(MariaDBInstance.class)
                    .inNamespace(Cluster.OTHER_NAMESPACE)
                    .withName("spy")
                    .subresource("status")
                    .patch(
                            MERGE,
                            "{\"status\":{\"demand\":{\"id\":\"own\",\"why\":\"x\",\"by\":\"x\"},\"door\":{\"port\":"
                                    + door + "},\"pod\":{\"ip\":\""
                                    + server().getStatus().getPodIP() + "\"}}}");
        }

        await("his demand to be met")
                .atMost(Duration.ofMinutes(2))
                .until(() -> "own".equals(tenant.instance().getStatus().served()));

        assertThat(tenant.instance().getStatus().door().port())
                .as("his door, after he had written another's into his status")
                .isNotEqualTo(door);
        assertUntouched(victim);
    }

    // ---------------------------------------------------------------- straight to the server

    private static String logIn(String user, String how) {
        return tenant.run("mariadb --connect-timeout=20 -h "
                + server().getStatus().getPodIP() + " -u " + user + " " + how + " -e 'SELECT USER(), CURRENT_USER()'");
    }

    @Test
    void hauloutsOwnAccountsAreNotHis() {
        for (String user : List.of("haulout", "haulout_gateway", "root", "app")) {
            assertThat(logIn(user, "--skip-ssl")).contains("Access denied");
            assertThat(logIn(user, "--ssl")).contains("Access denied");
            assertThat(logIn(
                            user,
                            "--ssl --ssl-ca=/his/tls/ca.crt --ssl-cert=/his/tls/tls.crt --ssl-key=/his/tls/tls.key"))
                    .as("with his own server's certificate")
                    .contains("ERROR")
                    .doesNotContain("CURRENT_USER");
        }
    }

    /** He speaks for a gateway's client. The server takes nobody's word for an address but gateways'. */
    @Test
    void aProxyHeaderOfHisIsNotBelieved() throws Exception {
        String address = server().getStatus().getPodIP();
        String header = "PROXY TCP4 10.244.99.99 " + address + " 4711 3306\\r\\n";
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        String script =
                "exec 3<>/dev/tcp/" + address + "/3306; printf '" + header + "' >&3; timeout 10 cat <&3 | od -An -c";
        String seen;
        try (ExecWatch running = tenant.start(script, printed)) {
            seen = processes();
            var _ = running.exitCode().get(60, java.util.concurrent.TimeUnit.SECONDS);
        }
        String answer = printed.toString(StandardCharsets.UTF_8).replaceAll("\\s+", "");

        assertThat(answer).contains("Proxyheaderisnotacceptedfrom" + tenant.podAddress());
        assertThat(seen).doesNotContain("10.244.99.99");
    }

    /** As root within the server's own pod sees them. */
    private static String processes() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (ExecWatch running = cluster.client()
                .pods()
                .inNamespace(Cluster.NAMESPACE)
                .withName("awake")
                .writingOutput(printed)
                .writingError(printed)
                .exec(
                        "bash",
                        "-c",
                        "mariadb -u root -p'" + rootPassword() + "' -N -e 'SELECT USER, HOST FROM"
                                + " information_schema.PROCESSLIST'")) {
            assertThat(running.exitCode().get(60, java.util.concurrent.TimeUnit.SECONDS))
                    .as(printed.toString(StandardCharsets.UTF_8))
                    .isZero();
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static String rootPassword() {
        return new String(
                java.util.Base64.getDecoder()
                        .decode(cluster.client()
                                .secrets()
                                .inNamespace(Cluster.NAMESPACE)
                                .withName("awake-root")
                                .require()
                                .getData()
                                .get("password")),
                StandardCharsets.UTF_8);
    }

    // ---------------------------------------------------------------- doors

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: %s}
            spec: {ports: [{name: mysql, port: 3306}]}
            """;

    private static final String SLICE = """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: %1$s-1, labels: {kubernetes.io/service-name: %1$s}}
            addressType: IPv4
            ports: [{name: mysql, port: %2$d, protocol: TCP}]
            endpoints: [{addresses: [%3$s], conditions: {ready: true}}]
            """;

    @Test
    void aDoorThatIsNotHisAsksForALogin() {
        MariaDBInstance victim = sleeper();
        tenant.apply(SERVICE.formatted("detour"));
        tenant.apply(SLICE.formatted(
                "detour",
                victim.getStatus().door().port(),
                gateways().getFirst().getStatus().getPodIP()));
        String address = cluster.client()
                .services()
                .inNamespace(Cluster.OTHER_NAMESPACE)
                .withName("detour")
                .require()
                .getSpec()
                .getClusterIP();

        String refused = await("his Service to lead to the door")
                .atMost(LONG)
                .until(
                        () -> tenant.run("mariadb --connect-timeout=20 --skip-ssl -h " + address + " -u app -p'"
                                + tenant.secret("spy-user", "password") + "' app -e 'SELECT 1'"),
                        answer -> !answer.contains("Can't connect"));

        assertThat(refused).contains("ERROR 1045");
        assertUntouched(victim);
    }

    /** His slice and Service bear the name of another's Service, in his own namespace. */
    @Test
    void aSliceOfHisLeadsNobodyElseAstray() throws SQLException {
        tenant.apply(SERVICE.formatted("awake"));
        tenant.apply(SLICE.formatted("awake", 3306, tenant.podAddress()));
        for (int round = 0; round < 20; round++) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT 42")) {
                assertThat(row.next()).isTrue();
            }
        }
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://" + cluster.address("awake") + ":3306/app?sslMode=disable&connectTimeout=10000",
                "app",
                cluster.password("awake"));
    }

    private static List<Long> logins(int count) throws SQLException {
        List<Long> millis = new ArrayList<>();
        for (int round = 0; round < count; round++) {
            long began = System.nanoTime();
            try (Connection _ = connect()) {
                millis.add(Duration.ofNanos(System.nanoTime() - began).toMillis());
            }
        }
        return millis.stream().sorted().toList();
    }

    /** At his own door and at the other's: connections that say nothing, and wrong passwords without end. */
    @Test
    void aCrowdOfHisDoesNotKeepOthersOut() throws Exception {
        int own = tenant.instance().getStatus().door().port();
        int other = cluster.instance("awake").orElseThrow().getStatus().door().port();
        StringBuilder crowd = new StringBuilder();
        for (Pod gateway : gateways()) {
            String address = gateway.getStatus().getPodIP();
            for (int port : List.of(own, other)) {
                crowd.append("( while :; do ( for i in {1..200}; do exec {fd}<>/dev/tcp/")
                        .append(address + "/" + port)
                        .append("; done; sleep 5 ); done ) 2>/dev/null &\n");
                crowd.append("( while :; do mariadb --skip-ssl -h " + address + " -P " + port)
                        .append(" -u app -pwrong -e 'SELECT 1'; done ) >/dev/null 2>&1 &\n");
            }
        }
        crowd.append("echo crowded; wait\n");
        List<Long> before = logins(50);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        List<Long> during;
        try (ExecWatch _ = tenant.start(crowd.toString(), printed)) {
            await().atMost(LONG)
                    .until(() -> printed.toString(StandardCharsets.UTF_8).contains("crowded"));
            await("strangers from one address to be refused")
                    .atMost(LONG)
                    .until(() -> tenant.run("exec 3<>/dev/tcp/"
                                    + gateways().getFirst().getStatus().getPodIP() + "/" + own
                                    + "; timeout 5 head -c 64 <&3 | tr -d '\\0'")
                            .contains("Too many connections"));
            during = logins(50);
        } finally {
            tenant.run("for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p != 1 ] && [ $p != $$ ] && kill -9 $p; done");
        }

        System.out.println("logins of others in ms (median, slowest): " + before.get(25) + ", " + before.getLast()
                + " before; " + during.get(25) + ", " + during.getLast() + " beside the crowd");
        assertThat(cluster.phase("awake")).isEqualTo(Phase.AWAKE);
    }
}
