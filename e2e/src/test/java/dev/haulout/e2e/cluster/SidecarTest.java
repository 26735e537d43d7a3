package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.e2e.torture.Incidents;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The example of the docs, with the command line client for an application. */
@Tag("cluster")
class SidecarTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path EXAMPLE = Path.of("../docs/examples/sidecar.yaml");

    private Cluster cluster;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
    }

    @AfterEach
    void remove() {
        if (cluster != null) {
            cluster.client()
                    .apps()
                    .deployments()
                    .inNamespace(Cluster.NAMESPACE)
                    .withName("shop-web")
                    .delete();
            cluster.awaitNoPods("app", "shop-web");
            cluster.instance("shop").ifPresent(cluster::delete);
        }
    }

    private Pod application() throws IOException {
        cluster.applyAll(
                Files.readString(EXAMPLE)
                        .replaceAll("image: localhost/haulout:.*", "image: " + System.getProperty("haulout.image"))
                        .replace(
                                "image: registry.example/shop-web:1",
                                "image: " + cluster.serverImage()
                                        + "\n          command: [bash, -c, \"trap 'exit 0' TERM; while :; do sleep 1; done\"]"));
        return await("the application's pod")
                .atMost(PATIENCE)
                .until(
                        () -> cluster
                                .client()
                                .pods()
                                .inNamespace(Cluster.NAMESPACE)
                                .withLabel("app", "shop-web")
                                .list()
                                .getItems()
                                .stream()
                                .filter(pod -> pod.getStatus().getConditions().stream()
                                        .anyMatch(
                                                condition -> condition.getType().equals("Ready")
                                                        && condition.getStatus().equals("True")))
                                .findFirst()
                                .orElse(null),
                        pod -> pod != null);
    }

    /** The command line client in the application's container; it does not connect anew, so one error is its end. */
    private final class Client implements AutoCloseable {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ExecWatch exec;
        private int asked;

        Client(Pod pod, String where) {
            exec = cluster.client()
                    .pods()
                    .inNamespace(Cluster.NAMESPACE)
                    .withName(pod.getMetadata().getName())
                    .inContainer("web")
                    .redirectingInput()
                    .writingOutput(out)
                    .writingError(out)
                    .exec(
                            "bash",
                            "-c",
                            "exec mariadb --no-defaults -N --unbuffered --skip-reconnect --user=app "
                                    + "--password=\"$DATABASE_PASSWORD\" " + where + " app");
        }

        /** Asks for one value. */
        String ask(String expression, String from) throws IOException {
            String mark = "answer" + ++asked + ":";
            say("SELECT CONCAT('" + mark + "', " + expression + ")" + from);
            await(mark)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> answer(mark) != null || exec.exitCode().isDone());
            String answer = answer(mark);
            if (answer == null) {
                throw new AssertionError("the client ended: " + out.toString(StandardCharsets.UTF_8));
            }
            return answer;
        }

        private String answer(String mark) {
            String all = out.toString(StandardCharsets.UTF_8);
            int at = all.indexOf(mark);
            int end = all.indexOf('\n', Math.max(at, 0));
            return at < 0 || end < 0 ? null : all.substring(at + mark.length(), end);
        }

        void say(String sql) throws IOException {
            exec.getInput().write((sql + ";\n").getBytes(StandardCharsets.UTF_8));
            exec.getInput().flush();
        }

        @Override
        public void close() {
            exec.close();
        }
    }

    @Test
    void aSessionThroughTheSidecarOutlivesEveryGateway() throws Exception {
        cluster.apply("shop", "  sleep: {after: 5s}");
        cluster.awaitAsleep("shop");
        Pod pod = application();
        assertThat(pod.getSpec().getVolumes())
                .as("no token of a service account")
                .noneMatch(volume -> volume.getProjected() != null);
        Hand hand = new Hand(cluster, "shop", new Incidents(), 1);
        try (Client asleep = new Client(pod, "--host=127.0.0.1");
                Client busy = new Client(pod, "--socket=/run/haulout/mysql.sock")) {
            asleep.say("CREATE TABLE t (a INT)");
            asleep.say("CREATE TABLE log (n INT)");
            asleep.say("INSERT INTO t VALUES (42)");
            asleep.say("SET @kept = 'yes'");
            assertThat(asleep.ask("a, @kept", " FROM t")).isEqualTo("42yes");
            cluster.awaitAsleep("shop");

            // while all gateways are replaced one session sleeps with its database, then one works without a pause
            hand.strike(Blow.ROLL_GATEWAYS);
            assertThat(cluster.pods("shop")).as("a rollout wakes nothing").isEmpty();
            busy.say("SET @kept = 'too'");
            Thread rollout = Thread.ofVirtual().start(() -> {
                try {
                    hand.strike(Blow.ROLL_GATEWAYS);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            int rows = 0;
            while (rollout.isAlive()) {
                assertThat(busy.ask("a, @kept", " FROM t")).isEqualTo("42too");
                busy.say("BEGIN");
                busy.say("INSERT INTO log VALUES (" + ++rows + ")"); // no text tells what a trigger may have done
                busy.say("COMMIT");
            }
            rollout.join(TimeUnit.SECONDS.toMillis(1));
            assertThat(rows).isGreaterThan(1);
            assertThat(busy.ask("COUNT(*), '/', COUNT(DISTINCT n)", " FROM log"))
                    .isEqualTo(rows + "/" + rows);
            assertThat(hand.hits()).containsEntry(Blow.ROLL_GATEWAYS, 2);
            System.out.println(rows + " transactions through the sidecar while all gateways were replaced");

            assertThat(busy.ask("a, @kept", " FROM t")).isEqualTo("42too");
            assertThat(asleep.ask("a, @kept", " FROM t")).isEqualTo("42yes");
            cluster.awaitAsleep("shop");

            // two, so that it is each session's own with some likelihood; what they know was told at the last sleep
            hand.strike(Blow.KILL_GATEWAY);
            hand.strike(Blow.KILL_GATEWAY);
            assertThat(busy.ask("a, @kept", " FROM t")).isEqualTo("42too");
            assertThat(asleep.ask("a, @kept", " FROM t")).isEqualTo("42yes");
        }
    }
}
