package dev.haulout.e2e.torture;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Busy times and quiet ones, which all writers keep, since an instance sleeps only when nobody writes. */
public final class Rhythm {
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile long quietUntil = System.nanoTime();

    /** From now on for so long nobody begins anything new. */
    public void quiet(long millis) {
        quietUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** How much of the quiet time is left, 0 when it is a busy time. */
    long quietMillisLeft() {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(quietUntil - System.nanoTime()));
    }

    /** Lets time pass, at most until the run is over. */
    public void pass(long millis) throws InterruptedException {
        boolean ended = over.await(millis, TimeUnit.MILLISECONDS);
        if (ended) {
            quietUntil = System.nanoTime();
        }
    }

    /** Nothing new from now on. */
    public void end() {
        over.countDown();
    }

    /** Whether it has ended. */
    public boolean isOver() {
        return over.getCount() == 0;
    }
}
