package dev.haulout.e2e.cluster;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Logs in again and again, and asks for nothing that wakes anybody: every new connection has to be let in. */
final class Knocker implements Runnable {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int BETWEEN_MILLIS = 25;

    private final String url;
    private final List<String> faults;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicLong knocks = new AtomicLong();

    /** @param faults gets what it met; safe for any thread */
    Knocker(String url, List<String> faults) {
        this.url = url + "&connectTimeout=" + PATIENCE_MILLIS + "&socketTimeout=" + PATIENCE_MILLIS;
        this.faults = faults;
    }

    @Override
    public void run() {
        try {
            do {
                long began = System.nanoTime();
                try (Connection connection = DriverManager.getConnection(url)) {
                    knocks.incrementAndGet();
                } catch (SQLException e) {
                    faults.add("a new connection was refused after "
                            + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) + " ms: " + e.getErrorCode()
                            + "/"
                            + e.getSQLState() + " " + e.getMessage());
                }
            } while (!over.await(BETWEEN_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void end() {
        over.countDown();
    }

    long knocks() {
        return knocks.get();
    }
}
