package dev.haulout.proxy.wake;

import dev.haulout.proxy.protocol.SqlError;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;

/** One session's wish for a backend connection, until it is granted, fails, or is taken back. */
public final class Demand {
    /** How a demand ends. */
    public sealed interface Outcome {
        /**
         * Connect now. Whoever gets this holds one of the server's connections until {@link Instance#release}.
         *
         * @param woke whether the server had to be started for it
         */
        record Granted(Server server, boolean woke) implements Outcome {}

        /** No backend connection can be had. */
        record Denied(SqlError error) implements Outcome {}
    }

    private final String why;
    private final EventLoop loop;
    private final Consumer<Outcome> then;
    private final long startedNanos = System.nanoTime();
    private boolean woke;
    private ScheduledFuture<?> deadline;

    Demand(String why, EventLoop loop, Consumer<Outcome> then) {
        this.why = why;
        this.loop = loop;
        this.then = then;
    }

    /** What it is for, in words that may be shown to anyone who may see the instance's status. */
    public String why() {
        return why;
    }

    /** When it was made, by {@link System#nanoTime}. */
    public long startedNanos() {
        return startedNanos;
    }

    EventLoop loop() {
        return loop;
    }

    void waitsForWake() {
        woke = true;
    }

    void deadline(ScheduledFuture<?> deadline) {
        this.deadline = deadline;
    }

    void grant(Server server) {
        complete(new Outcome.Granted(server, woke));
    }

    void deny(SqlError error) {
        complete(new Outcome.Denied(error));
    }

    private void complete(Outcome outcome) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        loop.execute(() -> then.accept(outcome));
    }
}
