package dev.haulout.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.proxy.wake.pod.SeenPod;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a gateway keeps of what it sees. */
class SlimTest {
    private static SeenPod pod(String status) {
        return Slim.pod(new KubernetesSerialization().unmarshal("""
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: one, namespace: shop, uid: u1}
                        status: {%s}
                        """.formatted(status), Pod.class));
    }

    @Test
    void aPodThatComesHasNoAddressAndNoEnd() {
        assertThat(pod("phase: Pending")).isEqualTo(new SeenPod("u1", Optional.empty(), 0, Optional.empty(), false));
    }

    @Test
    void aRunningPodHasAnAddress() {
        assertThat(pod("phase: Running, podIP: 10.1.2.3, containerStatuses:"
                        + " [{name: sidecar, restartCount: 7, state: {terminated: {exitCode: 1}}},"
                        + " {name: mariadb, restartCount: 2, state: {running: {}},"
                        + " lastState: {terminated: {exitCode: 1}}}]"))
                .isEqualTo(
                        new SeenPod("u1", Optional.of(InetAddress.ofLiteral("10.1.2.3")), 2, Optional.empty(), false));
    }

    @Test
    void aContainerThatEndedTellsHow() {
        assertThat(pod("containerStatuses: [{name: mariadb, restartCount: 0,"
                                + " state: {terminated: {exitCode: 137, reason: OOMKilled}}}]")
                        .ended())
                .contains("exited with status 137 (OOMKilled)");
    }

    @Test
    void aContainerThatWaitsToBeStartedAgainHasEnded() {
        assertThat(pod("containerStatuses: [{name: mariadb, restartCount: 3, state: {waiting: {reason:"
                                + " CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1}}}]")
                        .ended())
                .contains("exited with status 1");
        assertThat(pod("phase: Failed, reason: Evicted").ended()).contains("has ended");
    }

    @Test
    void ofConditionsThoseAreKeptThatTellWhatIsInTheWay() {
        MariaDBInstance instance = new KubernetesSerialization().unmarshal("""
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: one, namespace: shop}
                status:
                  conditions:
                  - {type: Ready, status: "True", reason: InLine, message: it is number 3 in line}
                  - {type: Progressing, status: "True", reason: InLine, message: it is number 3 in line}
                  - {type: Degraded, status: "False", reason: AsExpected, message: ""}
                """, MariaDBInstance.class);

        assertThat(Slim.status(instance).conditions())
                .extracting(Condition::getType)
                .containsExactly("Progressing");
    }

    private static Secret secret(String uid, String learned) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName("haulout-learned-" + uid)
                .endMetadata()
                .addToData("learned.json", Base64.getEncoder().encodeToString(learned.getBytes(StandardCharsets.UTF_8)))
                .build();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void aSecretIsFoundByUidUntilItGoes() {
        LearnedSecrets secrets = new LearnedSecrets();
        secrets.seen(secret("u1", "same"));
        secrets.seen(secret("u2", "same"));

        assertThat(secrets.read("u1", "learned.json").map(SlimTest::text)).contains("same");
        assertThat(secrets.announceToken("u1")).isEmpty();
        secrets.gone("haulout-learned-u1");

        assertThat(secrets.knows("u1")).isFalse();
        assertThat(secrets.read("u2", "learned.json").map(SlimTest::text)).contains("same");
    }

    @Test
    void whatAGatewayLearnsLiesOverTheSecretUntilThatChanges() {
        LearnedSecrets secrets = new LearnedSecrets();
        secrets.seen(secret("u1", "old"));
        LearnedShelf shelf = new LearnedShelf(secrets, "u1");
        shelf.write("learned.json", "own".getBytes(StandardCharsets.UTF_8));
        assertThat(shelf.read("learned.json").map(SlimTest::text)).contains("own");

        secrets.seen(secret("u1", "new"));
        shelf.forgetOwn();

        assertThat(shelf.read("learned.json").map(SlimTest::text)).contains("new");
    }
}
