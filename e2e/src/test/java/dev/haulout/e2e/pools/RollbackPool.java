package dev.haulout.e2e.pools;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pool of connections without autocommit, each of which gets a ROLLBACK when it is returned, and somebody who borrows
 * and returns one all the time without anything to do: a framework that opens a session for each request.
 */
final class RollbackPool implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final HikariDataSource pool;
    private final ExecutorService borrower = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong returned = new AtomicLong();
    private final Future<Void> borrowing;

    RollbackPool(HikariDataSource pool) {
        this.pool = pool;
        this.borrowing = borrower.submit(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                borrow();
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            }
            return null;
        });
    }

    private void borrow() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            // the drivers' own rollback() says nothing where they know of no transaction
            statement.execute("ROLLBACK");
        }
        returned.incrementAndGet();
    }

    /** How often a connection was returned after its ROLLBACK. */
    long returned() {
        return returned.get();
    }

    /** A connection for real work, in a transaction that its return rolls back. */
    Connection connection() throws SQLException {
        return pool.getConnection();
    }

    /** Fails if the borrower has seen an error. */
    void assertWell() throws Exception {
        if (borrowing.isDone()) {
            borrowing.get();
        }
    }

    @Override
    public void close() {
        borrower.shutdownNow();
        borrower.close();
        pool.close();
    }
}
