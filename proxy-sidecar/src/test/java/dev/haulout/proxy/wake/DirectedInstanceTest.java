package dev.haulout.proxy.wake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An instance whose sleep somebody else decides. */
class DirectedInstanceTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Demand.Outcome> outcomes = new LinkedBlockingQueue<>();
    private final StubServer server = new StubServer(new DomainSocketAddress("/nowhere/at/all"));
    private volatile Participant.Reply reply = new Participant.Reply.Parked();
    private final AtomicInteger asked = new AtomicInteger();
    private Sleeper sleeper;

    private final class Operator implements Director {
        @Override
        public void idle() {
            told.add("idle");
        }

        @Override
        public void wanted(String why) {
            told.add("wanted: " + why);
        }

        @Override
        public void keptBy(Keeper keeper) {
            told.add("kept by " + keeper.what());
        }
    }

    private final class Client implements Participant {
        @Override
        public Duration sinceLogin() {
            return Duration.ofHours(1);
        }

        @Override
        public void park(Consumer<Reply> answer) {
            asked.incrementAndGet();
            answer.accept(reply);
        }

        @Override
        public void end(String why) {}

        @Override
        public OptionalLong backendId() {
            return OptionalLong.empty();
        }

        @Override
        public String describe() {
            return "app@10.0.0.9 (1)";
        }
    }

    private Instance awake(Duration sleepAfter) throws IOException {
        sleeper = new Sleeper(LONG, sleepAfter, new Operator());
        sleeper.instance().join(new Client());
        sleeper.waker().succeed(server);
        demand("the first");
        await().atMost(LONG).until(() -> sleeper.instance().power() instanceof Power.Awake);
        await().atMost(LONG).until(() -> outcomes.poll() != null);
        return sleeper.instance();
    }

    private void demand(String why) {
        sleeper.instance().demand(why, sleeper.loops().next(), outcomes::add);
    }

    private static Optional<Keeper> hold(Instance instance, boolean evenIfUsed) {
        CompletableFuture<Optional<Keeper>> answer = new CompletableFuture<>();
        instance.hold(evenIfUsed, answer::complete);
        return answer.orTimeout(60, TimeUnit.SECONDS).join();
    }

    @AfterEach
    void close() {
        sleeper.close();
    }

    @Test
    void idlenessIsProposedAndNothingStops() throws Exception {
        Instance instance = awake(SHORT);

        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("idle");
        assertThat(instance.power()).isInstanceOf(Power.Awake.class);
        assertThat(server.end()).isNotDone();
    }

    @Test
    void aSessionThatCantLetGoIsNamedInsteadOfAProposal() throws Exception {
        reply = new Participant.Reply.Busy("has an open transaction", true, true, 0);

        awake(SHORT);

        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("kept by app@10.0.0.9 (1): has an open transaction");
    }

    @Test
    void recentUseRefusesAHoldUnlessItIsOrdered() throws Exception {
        Instance instance = awake(Duration.ofHours(1));

        assertThat(hold(instance, false)).isPresent();
        assertThat(instance.power()).isInstanceOf(Power.Awake.class);
        assertThat(hold(instance, true)).isEmpty();
        assertThat(instance.power()).isInstanceOf(Power.Draining.class);
    }

    @Test
    void aServerThatCameUpIsNotYetUsed() throws Exception {
        Instance instance = awake(Duration.ofHours(1));
        Optional<Duration> before = instance.sinceUse();

        instance.activity("SELECT", new Client());

        assertThat(before).isEmpty();
        assertThat(instance.sinceUse()).isPresent();
    }

    @Test
    void whatIsWantedWhileHeldWaitsAndIsTold() throws Exception {
        Instance instance = awake(Duration.ofHours(1));
        hold(instance, true);

        demand("a query");

        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("wanted: a query");
        sleeper.loops().next().submit(() -> {}).sync();
        assertThat(outcomes).isEmpty();
        instance.letGo();
        assertThat(outcomes.poll(60, TimeUnit.SECONDS)).isInstanceOf(Demand.Outcome.Granted.class);
        assertThat(instance.power()).isInstanceOf(Power.Awake.class);
    }

    @Test
    void aBusySessionRefusesAndNothingIsHeld() throws Exception {
        Instance instance = awake(Duration.ofHours(1));
        reply = new Participant.Reply.Busy("runs a query", false, false, 0);

        assertThat(hold(instance, true))
                .hasValueSatisfying(keeper -> assertThat(keeper.what()).contains("runs a query"));
        assertThat(instance.power()).isInstanceOf(Power.Awake.class);
    }

    @Test
    void theServersEndWhileHeldIsSleep() throws Exception {
        Instance instance = awake(Duration.ofHours(1));
        hold(instance, true);

        server.end().complete("exited with status 0");

        await().atMost(LONG).until(() -> instance.power() instanceof Power.Asleep);
        assertThat(sleeper.waker().starts()).isOne();
    }

    @Test
    void whoWaitedThroughTheEndDemandsAWake() throws Exception {
        Instance instance = awake(Duration.ofHours(1));
        hold(instance, true);
        demand("a query");
        sleeper.waker().succeed(new StubServer(new DomainSocketAddress("/nowhere/else")));

        server.end().complete("exited with status 0");

        await().atMost(LONG).until(() -> sleeper.waker().starts() == 2);
        assertThat(outcomes.poll(60, TimeUnit.SECONDS)).isInstanceOf(Demand.Outcome.Granted.class);
    }

    @Test
    void nobodyGoesBackToAServerThatIsStoppedByOthersThoughOneIsBusy() throws Exception {
        Instance instance = awake(Duration.ofHours(1));
        reply = new Participant.Reply.Busy("runs a query", false, false, 0);
        instance.abandon();
        await().atMost(LONG).until(() -> asked.get() >= 3); // again and again

        demand("another query");

        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("wanted: another query");
        assertThat(instance.power()).isInstanceOf(Power.Draining.class);
        sleeper.waker().succeed(new StubServer(new DomainSocketAddress("/nowhere/else")));
        server.end().complete("exited with status 0");
        assertThat(outcomes.poll(60, TimeUnit.SECONDS)).isInstanceOf(Demand.Outcome.Granted.class);
        assertThat(sleeper.waker().starts()).isEqualTo(2);
    }

    @Test
    void aHoldWhileAsleepFindsNothingToHold() throws Exception {
        sleeper = new Sleeper(LONG, LONG, new Operator());

        assertThat(hold(sleeper.instance(), false)).isEmpty();
        assertThat(sleeper.instance().power()).isInstanceOf(Power.Asleep.class);
    }

    @Test
    void aHoldDuringAWakeIsRefused() throws Exception {
        sleeper = new Sleeper(LONG, LONG, new Operator());
        demand("a query");
        await().atMost(LONG).until(() -> sleeper.waker().starts() > 0);

        assertThat(hold(sleeper.instance(), true))
                .hasValueSatisfying(keeper -> assertThat(keeper.what()).contains("a query"));
    }
}
