package dev.haulout.proxy.wake.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Demand;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.WakeFailure;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that others start, found by what is seen of it. */
class PodWakerTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final byte[] GREETING = {3, 0, 0, 0, 10, '1', 0};

    private final Lookout lookout = new Lookout();
    private final AtomicInteger demands = new AtomicInteger();
    private final List<String> phases = new CopyOnWriteArrayList<>();
    private final List<Socket> visitors = new CopyOnWriteArrayList<>();
    private ServerSocket listener;
    private volatile byte[] said = GREETING;
    private PodWaker waker;
    private Thread waking;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 50, HERE);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket visitor = listener.accept();
                    visitors.add(visitor);
                    visitor.getOutputStream().write(said);
                    visitor.getOutputStream().flush();
                }
            } catch (IOException closed) {
                // the test is over
            }
        });
        waker = new PodWaker(
                lookout,
                this::demand,
                () -> {
                    throw new AssertionError("nobody logs in here");
                },
                listener.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        lookout.close();
    }

    private Optional<String> demand() {
        String id = "d" + demands.incrementAndGet();
        MariaDBInstanceStatus now = lookout.now().status();
        status(now.phase(), id, now.served(), now.lastWake(), now.drain());
        return Optional.of(id);
    }

    private void status(Phase phase, String demand, String served, LastWake wake, Drain drain) {
        MariaDBInstanceStatus status = new MariaDBInstanceStatus(
                null,
                phase,
                null,
                null,
                null,
                null,
                null,
                demand == null ? null : new Demand(demand, "a test", "gateway"),
                served,
                drain,
                null,
                null,
                wake,
                null,
                null,
                null,
                null,
                null);
        lookout.see(was -> was.with(status, Optional.empty()));
    }

    private void pod(String uid, int restarts, String ended) {
        lookout.see(was -> was.with(
                Optional.of(new SeenPod(uid, Optional.of(HERE), restarts, Optional.ofNullable(ended), false))));
    }

    private CompletableFuture<Server> start() {
        CompletableFuture<Server> started = new CompletableFuture<>();
        waking = Thread.ofVirtual().start(() -> {
            try {
                started.complete(waker.start(phases::add));
            } catch (WakeFailure | InterruptedException e) {
                started.completeExceptionally(e);
            }
        });
        return started;
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    @Test
    void itsPlaceInTheLineIsWhatIsInTheWay() {
        MariaDBInstanceStatus status = new KubernetesSerialization().unmarshal("""
                phase: Waking
                conditions:
                - {type: Progressing, status: "True", reason: InLine, message: it is number 3 in line}
                """, MariaDBInstanceStatus.class);
        lookout.see(was -> was.with(status, Optional.empty()));

        assertThat(waker.obstacle()).contains("it is number 3 in line");
    }

    @Test
    void itDemandsOnceAndTakesThePodOfTheWatch() throws Exception {
        status(Phase.ASLEEP, null, null, null, null);
        CompletableFuture<Server> started = start();
        await().atMost(LONG).until(() -> demands.get() == 1);
        status(Phase.WAKING, "d1", null, null, null);
        pod("p1", 0, null);

        Server server = get(started);

        assertThat(server.address()).isEqualTo(new InetSocketAddress(HERE, listener.getLocalPort()));
        assertThat(server.serviceAccount().orElseThrow().user()).isEqualTo("haulout_gateway");
        assertThat(phases).containsExactly("demand", "pod", "greeting");
        assertThat(demands).hasValue(1);
    }

    @Test
    void anAnnouncementComesBeforeTheWatch() throws Exception {
        status(Phase.ASLEEP, null, null, null, null);
        CompletableFuture<Server> started = start();

        lookout.announced(HERE);

        assertThat(get(started).ended().toCompletableFuture()).isNotDone();
    }

    @Test
    void whatComesAnywayIsNotDemanded() throws Exception {
        status(Phase.WAKING, "old", "old", failed("old", "long ago"), null);
        pod("p1", 0, null);

        get(start());

        assertThat(demands).hasValue(0);
        assertThat(phases).containsExactly("pod", "greeting");
    }

    @Test
    void whatIsBeingDrainedIsDemandedAndNotVisited() throws Exception {
        status(Phase.AWAKE, null, null, null, new Drain(3L, Drain.State.REQUESTED));
        pod("p1", 0, null);
        CompletableFuture<Server> started = start();
        await().atMost(LONG).until(() -> demands.get() == 1);
        status(Phase.AWAKE, "d1", null, null, new Drain(3L, Drain.State.STOPPING));
        assertThat(visitors).isEmpty();

        status(Phase.AWAKE, "d1", null, null, new Drain(3L, Drain.State.CANCELLED));

        assertThat(get(started)).isNotNull();
    }

    @Test
    void anErrorInsteadOfAGreetingIsNoAnswer() throws Exception {
        said = new byte[] {3, 0, 0, 0, (byte) 0xff, 1, 2};
        status(Phase.WAKING, null, null, null, null);
        pod("p1", 0, null);
        CompletableFuture<Server> started = start();
        await().atMost(LONG).until(() -> visitors.size() > 2);
        assertThat(started).isNotDone();

        said = GREETING;

        assertThat(get(started)).isNotNull();
    }

    private static LastWake failed(String demand, String message) {
        return new LastWake(demand, null, null, LastWake.Outcome.FAILED, message, null, null);
    }

    @Test
    void aFailureOfThisDemandIsToldAndAnEarlierOneIsNot() throws Exception {
        status(Phase.FAILED, "old", "old", failed("old", "long ago"), null);
        CompletableFuture<Server> started = start();
        await().atMost(LONG).until(() -> demands.get() == 1);

        status(Phase.FAILED, "d1", "d1", failed("d1", "the disk is full"), null);

        assertThatThrownBy(() -> get(started))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(WakeFailure.class)
                .hasMessage("the disk is full");
    }

    @Test
    void aFailureOfWhatAnotherGatewayDemandedInsteadIsToldToo() throws Exception {
        status(Phase.ASLEEP, null, null, null, null);
        CompletableFuture<Server> started = start();
        await().atMost(LONG).until(() -> demands.get() == 1);
        status(Phase.WAKING, "other", "d0", null, null);
        await().atMost(LONG).until(() -> waking.getState() == Thread.State.TIMED_WAITING);

        status(Phase.FAILED, "other", "other", failed("other", "no such image"), null);

        assertThatThrownBy(() -> get(started)).hasRootCauseMessage("no such image");
    }

    @Test
    void aSuspendedInstanceIsNotDemanded() {
        lookout.see(was -> was.with(was.status(), Optional.of("it is suspended")));

        assertThatThrownBy(() -> waker.start(phases::add))
                .isInstanceOf(WakeFailure.class)
                .hasMessage("it is suspended");
        assertThat(demands).hasValue(0);
    }

    @Test
    void whoWaitsGivesUpWhenTheInstanceGoesOrItIsInterrupted() {
        status(Phase.WAKING, null, null, null, null);
        CompletableFuture<Server> first = start();
        waking.interrupt();
        assertThatThrownBy(() -> get(first)).hasCauseInstanceOf(InterruptedException.class);

        CompletableFuture<Server> second = start();
        lookout.close();
        assertThatThrownBy(() -> get(second)).hasCauseInstanceOf(WakeFailure.class);
    }

    @Test
    void aServerEndsWithItsContainerOrItsPodOrWhenPutToSleep() throws Exception {
        assertThat(endOf(() -> pod("p1", 0, "exited with status 1"))).isEqualTo("its container exited with status 1");
        assertThat(endOf(() -> pod("p1", 1, null))).isEqualTo("its container was started again");
        assertThat(endOf(() -> pod("p2", 0, null))).isEqualTo("its pod is gone");
        assertThat(endOf(() -> lookout.see(was -> was.with(Optional.empty())))).isEqualTo("its pod is gone");
        assertThat(endOf(() -> status(Phase.ASLEEP, null, null, null, null))).isEqualTo("was put to sleep");
    }

    private String endOf(Runnable event) throws Exception {
        status(Phase.WAKING, null, null, null, null);
        pod("p1", 0, null);
        CompletableFuture<String> ended = get(start()).ended().toCompletableFuture();
        status(Phase.AWAKE, null, null, null, null);
        assertThat(ended).isNotDone();

        event.run();

        return get(ended);
    }

    @Test
    void anAnnouncementIsForgottenWithItsServer() throws Exception {
        status(Phase.WAKING, null, null, null, null);
        lookout.announced(HERE);
        Server server = get(start());
        pod("p1", 0, null);
        lookout.see(was -> was.with(Optional.empty()));
        get(server.ended().toCompletableFuture());

        await().atMost(LONG).until(() -> lookout.now().addresses().isEmpty());
    }

    @Test
    void whatRunsIsFoundAndWhatDoesNotAnswerIsNot() throws Exception {
        assertThat(waker.find()).isEmpty();
        status(Phase.AWAKE, null, null, null, null);
        assertThat(waker.find()).isEmpty();
        pod("p1", 0, null);
        assertThat(waker.find()).isPresent();
        said = new byte[0];
        assertThat(waker.find()).isEmpty();
        assertThat(demands).hasValue(0);
    }
}
