package dev.haulout.proxy.wake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.proxy.protocol.SqlError;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Demand and wake with a waker that does what the test says. */
class InstanceTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final LinkedBlockingQueue<Demand.Outcome> outcomes = new LinkedBlockingQueue<>();
    private final StubServer server = new StubServer(new DomainSocketAddress("/nowhere/at/all"));
    private Sleeper sleeper;

    private Instance instance(Duration wakeDeadline) throws IOException {
        sleeper = new Sleeper(wakeDeadline);
        return sleeper.instance();
    }

    @AfterEach
    void close() {
        sleeper.close();
    }

    private Demand demand(String why) {
        return sleeper.instance().demand(why, sleeper.loops().next(), outcomes::add);
    }

    private Demand.Outcome outcome() throws InterruptedException {
        return outcomes.poll(60, TimeUnit.SECONDS);
    }

    private SqlError denial() throws InterruptedException {
        assertThat(outcome()).isInstanceOfSatisfying(Demand.Outcome.Denied.class, denied -> outcomes.add(denied));
        return ((Demand.Outcome.Denied) outcome()).error();
    }

    @Test
    void manyDemandsMakeOneStart() throws Exception {
        instance(LONG);
        for (int i = 0; i < 100; i++) {
            demand("demand " + i);
        }
        await().atMost(LONG).until(() -> sleeper.waker().starts() > 0);

        sleeper.waker().succeed(server);

        for (int i = 0; i < 100; i++) {
            assertThat(outcome()).isEqualTo(new Demand.Outcome.Granted(server, true));
        }
        assertThat(sleeper.waker().starts()).isOne();
        assertThat(sleeper.instance().power()).isInstanceOf(Power.Awake.class);
    }

    @Test
    void noMoreConnectionsAreGrantedThanTheServerHas() throws Exception {
        instance(LONG);
        sleeper.waker().succeed(server);
        for (int i = 0; i < 200; i++) {
            demand("demand " + i);
        }
        for (int i = 0; i < 149; i++) {
            assertThat(outcome()).isInstanceOf(Demand.Outcome.Granted.class);
        }
        sleeper.loops().next().submit(() -> {}).sync();
        assertThat(outcomes).isEmpty();

        for (int i = 0; i < 51; i++) {
            sleeper.instance().release();
        }

        for (int i = 0; i < 51; i++) {
            assertThat(outcome()).isInstanceOf(Demand.Outcome.Granted.class);
        }
    }

    @Test
    void aMissedDeadlineSaysWhatItWaitedFor() throws Exception {
        instance(Duration.ofMillis(50));
        demand("a query");

        SqlError error = denial();

        assertThat(error.code()).isEqualTo(1429);
        assertThat(error.message())
                .contains("sleeper", "within 0.05 s", "sleep.wakeDeadline", "still waking", "did not run");
    }

    @Test
    void aWithdrawnDemandHearsNothing() throws Exception {
        instance(LONG);
        Demand taken = demand("gone");
        demand("stays");
        await().atMost(LONG).until(() -> sleeper.waker().starts() > 0);

        sleeper.instance().withdraw(taken);
        sleeper.waker().succeed(server);

        assertThat(outcome()).isInstanceOf(Demand.Outcome.Granted.class);
        sleeper.loops().next().submit(() -> {}).sync();
        assertThat(outcomes).isEmpty();
    }

    @Test
    void aFailedStartNamesItsCauseAndBacksOff() throws Exception {
        instance(LONG);
        demand("first");
        await().atMost(LONG).until(() -> sleeper.waker().starts() > 0);

        sleeper.waker().fail("the disk is full");

        assertThat(denial().message()).contains("could not be woken: the disk is full", "did not run");
        assertThat(sleeper.instance().power())
                .isInstanceOfSatisfying(
                        Power.Failed.class,
                        failed -> assertThat(failed.attempts()).isOne());
        assertThat(sleeper.instance().lastWake().outcome()).isEqualTo("failed");
    }

    @Test
    void afterTheBackOffTheNextDemandTriesAgain() throws Exception {
        instance(LONG);
        demand("first");
        await().atMost(LONG).until(() -> sleeper.waker().starts() > 0);
        sleeper.waker().fail("the disk is full");
        denial();

        sleeper.waker().succeed(server);
        List<Demand.Outcome> tries = new ArrayList<>();
        await().atMost(LONG).until(() -> {
            demand("again");
            tries.add(outcome());
            return tries.getLast() instanceof Demand.Outcome.Granted;
        });

        assertThat(sleeper.waker().starts()).isEqualTo(2);
    }

    @Test
    void theQueueIsBounded() throws Exception {
        instance(LONG);
        for (int i = 0; i < 10_000; i++) {
            demand("one of many");
        }
        assertThat(outcomes).isEmpty();

        demand("one too many");

        assertThat(denial().message()).contains("10000 statements waiting", "the limit");
    }

    @Test
    void aServerThatEndsByItselfIsAsleep() throws Exception {
        instance(LONG);
        sleeper.waker().succeed(server);
        demand("first");
        outcome();
        sleeper.instance().release();

        server.end().complete("was killed by signal 9");

        await().atMost(LONG).until(() -> sleeper.instance().power() instanceof Power.Asleep);
        assertThat(sleeper.instance().isAsleep()).isTrue();
    }

    /** The queue is waiting for a connection of a server that has just ended: it is started once more. */
    @Test
    void whoWaitsWhenTheServerEndsWakesItAgain() throws Exception {
        instance(LONG);
        sleeper.waker().succeed(server);
        for (int i = 0; i < 150; i++) {
            demand("demand " + i);
        }
        for (int i = 0; i < 149; i++) {
            outcome();
        }

        sleeper.waker().succeed(new StubServer(server.address()));
        server.end().complete("was killed by signal 9");

        await().atMost(LONG).until(() -> sleeper.waker().starts() == 2);
        for (int i = 0; i < 149; i++) {
            sleeper.instance().release();
        }
        assertThat(outcome()).isInstanceOf(Demand.Outcome.Granted.class);
    }

    @Test
    void aDemandDuringTheDrainKeepsItAwake() throws Exception {
        Instance instance = instance(LONG);
        sleeper.waker().succeed(server);
        demand("first");
        outcome();
        instance.release();
        Power.Awake awake = (Power.Awake) instance.power();
        assertThat(instance.beginDrain(awake)).isTrue();

        demand("in between");
        boolean committed = instance.commitDrain(awake);

        assertThat(committed).isFalse();
        assertThat(outcome()).isEqualTo(new Demand.Outcome.Granted(server, false));
        assertThat(instance.power()).isSameAs(awake);
    }

    @Test
    void aDemandAfterTheDrainWaitsForTheNextWake() throws Exception {
        Instance instance = instance(LONG);
        sleeper.waker().succeed(server);
        demand("first");
        outcome();
        instance.release();
        Power.Awake awake = (Power.Awake) instance.power();
        assertThat(instance.beginDrain(awake)).isTrue();
        assertThat(instance.commitDrain(awake)).isTrue();

        demand("late");
        sleeper.loops().next().submit(() -> {}).sync();
        assertThat(outcomes).isEmpty();
        sleeper.waker().succeed(new StubServer(server.address()));
        server.end().complete("exited with status 0");

        assertThat(outcome())
                .isInstanceOfSatisfying(
                        Demand.Outcome.Granted.class,
                        granted -> assertThat(granted.woke()).isTrue());
        assertThat(sleeper.waker().starts()).isEqualTo(2);
    }

    @Test
    void closingDeniesWhoWaitsAndEndsWhoIsThere() throws Exception {
        Instance instance = instance(LONG);
        Guest guest = new Guest();
        instance.join(guest);
        demand("waits");

        Thread closing = closing(instance);

        assertThat(denial().code()).isEqualTo(1927);
        sleeper.waker().fail("not needed any more");
        closing.join();
        assertThat(guest.ended).containsExactly("goodbye");
        demand("late");
        assertThat(denial().code()).isEqualTo(1927);
    }

    /** The start that was under way is not left running. */
    @Test
    void aServerThatComesUpAfterTheCloseIsStopped() throws Exception {
        Instance instance = instance(LONG);
        demand("waits");
        await().atMost(LONG).until(() -> sleeper.waker().starts() > 0);
        Thread closing = closing(instance);
        assertThat(denial().code()).isEqualTo(1927);

        sleeper.waker().succeed(server);
        closing.join();

        assertThat(server.end().get(60, TimeUnit.SECONDS)).isEqualTo("was asked to");
        assertThat(instance.power()).isInstanceOf(Power.Closed.class);
    }

    /** It waits for a start that is under way. */
    private static Thread closing(Instance instance) {
        return Thread.ofVirtual().start(() -> {
            try {
                instance.close("goodbye", true, LONG);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static final class Guest implements Participant {
        private final List<String> ended = new ArrayList<>();

        @Override
        public void park(Consumer<Reply> answer) {
            answer.accept(new Reply.Parked());
        }

        @Override
        public void end(String why) {
            ended.add(why);
        }

        @Override
        public Duration sinceLogin() {
            return Duration.ZERO;
        }

        @Override
        public OptionalLong backendId() {
            return OptionalLong.empty();
        }

        @Override
        public String describe() {
            return "a guest";
        }
    }
}
