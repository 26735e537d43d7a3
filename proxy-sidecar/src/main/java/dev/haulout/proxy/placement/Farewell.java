package dev.haulout.proxy.placement;

import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Participant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Ends sessions between their statements: one that runs a statement or a transaction is let finish it first. */
public final class Farewell {
    private static final Duration BETWEEN = Duration.ofMillis(25);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);

    /** Who says something within that time is told that his statement did not run; others find the connection closed. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final Instance instance;

    /** @param instance whose sessions they are */
    public Farewell(Instance instance) {
        this.instance = instance;
    }

    /**
     * Returns when all have been told, or somewhat later than {@code limit}: an idle one hears of it with his next
     * statement. Blocks.
     */
    public void sayTo(Collection<Participant> sessions, String why, Duration limit) throws InterruptedException {
        end(sessions, why, limit);
        long deadline = System.nanoTime() + LINGER.toNanos();
        while (!Collections.disjoint(sessions, instance.participants()) && System.nanoTime() - deadline < 0) {
            Thread.sleep(BETWEEN);
        }
    }

    private void end(Collection<Participant> sessions, String why, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        List<Participant> present = new ArrayList<>(sessions);
        while (true) {
            present.retainAll(instance.participants());
            List<Participant> ended = new ArrayList<>();
            for (Participant session : present) {
                if (letsGo(session)) {
                    session.end(why);
                    ended.add(session);
                }
            }
            present.removeAll(ended);
            if (present.isEmpty() || System.nanoTime() - deadline >= 0) {
                return;
            }
            Thread.sleep(BETWEEN);
        }
    }

    private static boolean letsGo(Participant session) throws InterruptedException {
        AtomicReference<Participant.Reply> reply = new AtomicReference<>();
        CountDownLatch answered = new CountDownLatch(1);
        session.park(given -> {
            reply.set(given);
            answered.countDown();
        });
        return answered.await(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                && reply.get() instanceof Participant.Reply.Parked;
    }
}
