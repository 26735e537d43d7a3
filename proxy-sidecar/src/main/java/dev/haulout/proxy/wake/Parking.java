package dev.haulout.proxy.wake;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first phase of a sleep: every session lets go of the server, each answering for itself. Blocking. */
final class Parking {
    private static final Logger log = LoggerFactory.getLogger(Parking.class);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    /** While a session holds up others: each moment counts. */
    private static final Duration BETWEEN_PARTINGS = Duration.ofMillis(25);

    private final Instance instance;

    Parking(Instance instance) {
        this.instance = instance;
    }

    /**
     * Asks every session, again and again for that long while any uses the server. Who has let go does not get it back
     * meanwhile, and who waits may wait for the next one.
     *
     * @return who still uses it, if anybody
     * @throws IOException when a session doesn't answer
     */
    Optional<Keeper> allWithin(Duration limit) throws InterruptedException, IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        Optional<Keeper> busy = longest(ask(false));
        while (busy.isPresent() && deadline - System.nanoTime() > 0) {
            Thread.sleep(BETWEEN_PARTINGS);
            busy = longest(ask(false));
        }
        return busy;
    }

    /**
     * Asks every session. Returns who is busy or wants the server, if anybody: of several the one that has been so for
     * longest.
     *
     * @throws IOException when a session doesn't answer
     */
    Optional<Keeper> all() throws InterruptedException, IOException {
        return longest(ask(true));
    }

    private List<Keeper> ask(boolean waitingToo) throws InterruptedException, IOException {
        List<Participant> asked = new ArrayList<>(instance.participants());
        List<CompletableFuture<Participant.Reply>> answers = new ArrayList<>(asked.size());
        for (Participant participant : asked) {
            CompletableFuture<Participant.Reply> answer = new CompletableFuture<>();
            participant.park(answer::complete);
            answers.add(answer);
        }
        long deadline = System.nanoTime() + ANSWER_LIMIT.toNanos();
        List<Keeper> busy = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            Participant who = asked.get(i);
            Participant.Reply answer;
            try {
                answer = answers.get(i).get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new IOException("session " + who.describe() + " did not answer", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("park answers are only ever completed", e);
            }
            switch (answer) {
                case Participant.Reply.Busy refusal -> busy.add(judge(who, refusal));
                case Participant.Reply.Waiting waiting
                when waitingToo -> busy.add(Keeper.noticed(who.describe() + ": " + waiting.why()));
                case Participant.Reply.Waiting waiting -> {}
                case Participant.Reply.Parked parked -> {}
            }
        }
        return busy;
    }

    private static Optional<Keeper> longest(List<Keeper> busy) {
        return busy.stream()
                .min(Comparator.comparing(Keeper::since))
                .map(longest -> busy.size() == 1
                        ? longest
                        : new Keeper(
                                longest.what() + " (and " + (busy.size() - 1) + " more sessions)",
                                longest.idle(),
                                longest.since()));
    }

    private Keeper judge(Participant who, Participant.Reply.Busy refusal) {
        Duration idle = Duration.ofNanos(refusal.idleNanos());
        Duration limit = instance.settings().pinLimit();
        String told = who.describe() + ": " + refusal.why();
        if (refusal.pinned() && idle.compareTo(limit) > 0) {
            log.atWarn()
                    .addKeyValue("instance", instance.settings().name())
                    .log("ending session {} after {} s idle (sleep.pinLimit)", told, idle.toSeconds());
            who.end("the session was idle for " + idle.toSeconds()
                    + " s and holds what can't be rebuilt after a sleep (" + refusal.why() + "); the limit is "
                    + limit.toSeconds() + " s (sleep.pinLimit)");
        }
        return refusal.pinned()
                ? new Keeper(told, true, Instant.now().minus(idle))
                : Keeper.lasting(told, instance.activity().runsFor(who));
    }
}
