package dev.haulout.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.wake.pod.Lookout;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a gateway writes, when, and how often. */
class StatusWriterTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Lookout lookout = new Lookout();
    private final List<JsonNode> tried = new CopyOnWriteArrayList<>();
    private final List<JsonNode> written = new CopyOnWriteArrayList<>();
    private final Semaphore answers = new Semaphore(0);
    private volatile KubernetesClientException fault;
    private final StatusWriter writer =
            new StatusWriter("shop/one", "u1", "gateway-1", this::merge, lookout, seen -> {});

    private MariaDBInstance merge(String patch) {
        try {
            JsonNode node = JSON.readTree(patch);
            tried.add(node);
            answers.acquire();
            if (fault != null) {
                throw fault;
            }
            written.add(node);
            return new MariaDBInstance();
        } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        writer.close();
        answers.release(1000);
    }

    private static GatewayReport held(long epoch) {
        return new GatewayReport(null, epoch, true, null, null);
    }

    @Test
    void howeverManyAskThereIsOneDemand() {
        writer.demand("SELECT by app");
        writer.demand("SELECT by another");
        answers.release(10);

        await().atMost(LONG).until(() -> written.size() == 1);
        JsonNode demand = written.getFirst().at("/status/demand");
        assertThat(demand.get("why").textValue()).isEqualTo("SELECT by app");
        assertThat(demand.get("by").textValue()).isEqualTo("gateway-1");
        assertThat(written.getFirst().at("/metadata/uid").textValue()).isEqualTo("u1");
        assertThat(written.getFirst().at("/status/gateways").isMissingNode()).isTrue();
        assertThat(tried).hasSize(1);
    }

    @Test
    void whatFailedIsTriedAgainUnderTheSameId() throws Exception {
        fault = new KubernetesClientException("no route to host");
        CompletableFuture<Optional<String>> made = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                made.complete(writer.awaitDemand("SELECT by app"));
            } catch (InterruptedException e) {
                made.completeExceptionally(e);
            }
        });
        answers.release(3);
        await().atMost(LONG).until(() -> tried.size() == 4);
        assertThat(made).isNotDone();

        fault = null;
        answers.release();

        String id = written(0).at("/status/demand/id").textValue();
        assertThat(made.get(60, TimeUnit.SECONDS)).contains(id);
        assertThat(tried)
                .allMatch(patch -> patch.at("/status/demand/id").textValue().equals(id));
    }

    private JsonNode written(int index) {
        return await().atMost(LONG)
                .until(() -> written.size() > index ? written.get(index) : null, node -> node != null);
    }

    @Test
    void aDemandThatIsNoLongerNeededIsNotWritten() throws Exception {
        lookout.see(was -> was.with(status(Phase.WAKING), Optional.empty()));

        assertThat(writer.awaitDemand("SELECT by app")).isEmpty();
        assertThat(tried).isEmpty();
    }

    private static MariaDBInstanceStatus status(Phase phase) {
        return new MariaDBInstanceStatus(
                null, phase, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                null);
    }

    @Test
    void ofReportsTheLastIsWrittenAndNoneTwice() {
        writer.report(held(1));
        await().atMost(LONG).until(() -> tried.size() == 1);
        writer.report(held(2));
        writer.report(held(3));
        writer.report(held(4));
        answers.release(10);

        assertThat(written(1).at("/status/gateways/gateway-1/epoch").longValue())
                .isEqualTo(4);
        writer.report(held(4));
        writer.demand("SELECT by app");
        assertThat(written(2).at("/status/gateways").isMissingNode()).isTrue();
        assertThat(written(1).at("/status/gateways/gateway-1/proposes").isNull())
                .isTrue();
    }

    @Test
    void nothingIsWrittenToAnotherResourceOfThatName() {
        fault = new KubernetesClientException("the uid differs", 409, null);
        writer.report(held(1));
        answers.release();
        await().atMost(LONG).until(() -> tried.size() == 1 && answers.availablePermits() == 0);

        writer.report(held(2));

        await().during(Duration.ofMillis(100)).atMost(LONG).until(() -> tried.size() == 1);
    }
}
