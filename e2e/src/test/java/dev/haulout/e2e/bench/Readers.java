package dev.haulout.e2e.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients that read result sets as fast as they come. */
final class Readers {
    private Readers() {}

    /** Reads the result of {@code query} over and over on {@code count} connections; returns how many bytes came. */
    static long read(Callable<RawClient> connect, String query, int count, Duration time)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                readers.add(threads.submit(() -> {
                    try (RawClient client = connect.call()) {
                        RawClient.Repeated repeated = client.repeated(query);
                        long bytes = repeated.length();
                        while (System.nanoTime() < end) {
                            repeated.once();
                            bytes += repeated.length();
                        }
                        return bytes;
                    }
                }));
            }
            long bytes = 0;
            for (Future<Long> reader : readers) {
                bytes += reader.get();
            }
            return bytes;
        } catch (ExecutionException e) {
            throw new IOException("a client that reads " + query + " failed: " + e.getCause(), e.getCause());
        }
    }
}
