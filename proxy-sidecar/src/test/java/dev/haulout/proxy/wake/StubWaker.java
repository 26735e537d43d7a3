package dev.haulout.proxy.wake;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Starts nothing: a test says when and how a start ends. */
public final class StubWaker implements Waker {
    private final AtomicInteger starts = new AtomicInteger();
    private volatile CompletableFuture<Server> next = new CompletableFuture<>();

    /** How often a start was asked for. */
    public int starts() {
        return starts.get();
    }

    /** The start in progress, and those to come, give this server. */
    public void succeed(Server server) {
        CompletableFuture<Server> waiting = next;
        next = CompletableFuture.completedFuture(server);
        waiting.complete(server);
    }

    /** The start in progress fails; those to come wait for the next word. */
    public void fail(String cause) {
        CompletableFuture<Server> failing = next;
        next = new CompletableFuture<>();
        failing.completeExceptionally(new WakeFailure(cause, List.of()));
    }

    @Override
    public Optional<Server> find() {
        return Optional.empty();
    }

    @Override
    public Server start(WakeProgress progress) throws WakeFailure, InterruptedException {
        CompletableFuture<Server> mine = next;
        starts.incrementAndGet();
        try {
            return mine.get();
        } catch (ExecutionException e) {
            throw (WakeFailure) e.getCause();
        }
    }
}
