package dev.haulout.proxy.placement;

import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Participant;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ends an instance's sessions between their statements, once its door is closed: one that runs a statement or a transaction
 * is let finish it first, and one whose client has just come is let say what it came for.
 */
public final class Farewell {
    private static final Duration BETWEEN = Duration.ofMillis(25);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);

    /** For so long after its login a session is new. */
    private static final Duration NEWNESS = Duration.ofSeconds(2);

    private final Instance instance;
    private final boolean forGood;
    private final Duration linger;
    private final Set<Participant> ended = new HashSet<>();

    private Farewell(Instance instance, boolean forGood, Duration linger) {
        this.instance = instance;
        this.forGood = forGood;
        this.linger = linger;
    }

    /** Their server runs on, and clients are sent elsewhere meanwhile: all they carry is waited for. */
    public static Farewell elsewhere(Instance instance) {
        return new Farewell(instance, false, Duration.ofSeconds(5));
    }

    /** Their server ends with them, and new clients wait meanwhile: transactions are waited for, other things they carry not. */
    public static Farewell forGood(Instance instance) {
        return new Farewell(instance, true, Duration.ofSeconds(1));
    }

    /**
     * Returns when all are ended and have been told, or somewhat later than {@code limit}. Whoever says something soon after
     * its end is told that his statement did not run; others find the connection closed. Blocks.
     */
    public void say(String why, Duration limit) throws InterruptedException {
        end(why, limit);
        long deadline = System.nanoTime() + linger.toNanos();
        while (!instance.participants().isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.sleep(BETWEEN);
        }
    }

    private void end(String why, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            boolean waits = false;
            for (Participant session : List.copyOf(instance.participants())) {
                if (ended.contains(session)) {
                    continue;
                }
                if (session.sinceLogin().compareTo(NEWNESS) > 0 && letsGo(session)) {
                    session.end(why);
                    ended.add(session);
                } else {
                    waits = true;
                }
            }
            if (!waits || System.nanoTime() - deadline >= 0) {
                return;
            }
            Thread.sleep(BETWEEN);
        }
    }

    private boolean letsGo(Participant session) throws InterruptedException {
        AtomicReference<Participant.Reply> reply = new AtomicReference<>();
        CountDownLatch answered = new CountDownLatch(1);
        session.park(given -> {
            reply.set(given);
            answered.countDown();
        });
        if (!answered.await(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        return switch (reply.get()) {
            case Participant.Reply.Parked parked -> true;
            case Participant.Reply.Waiting waiting -> false;
            case Participant.Reply.Busy busy -> forGood && busy.pinned() && !busy.inTransaction();
        };
    }
}
