package dev.haulout.proxy.wake;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to put an instance to sleep, in two phases: first every session lets go of the server, each answering for
 * itself, and the server itself is asked for anybody else; only then is it told to shut down. Until that moment every
 * step can be taken back. Blocking.
 */
final class Drain {
    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    /** How an attempt ended. */
    sealed interface Verdict {
        /** The server is shutting down or has. */
        record Sleeps() implements Verdict {}

        /** It runs on. */
        record StaysAwake(Keeper by) implements Verdict {}
    }

    private final Instance instance;
    private final Power.Awake awake;
    private final ServerWatch watch;
    private Optional<DueEvent> nextEvent = Optional.empty();

    Drain(Instance instance, Power.Awake awake, ServerWatch watch) {
        this.instance = instance;
        this.awake = awake;
        this.watch = watch;
    }

    Verdict run() throws IOException, InterruptedException {
        if (watch == null) {
            throw new IOException("Haulout's own connection to it is not there");
        }
        Optional<Keeper> others = othersBeside(sessionsConnections());
        if (others.isPresent()) {
            return new Verdict.StaysAwake(others.get());
        }
        if (!instance.beginDrain(awake)) {
            return new Verdict.StaysAwake(Keeper.noticed("somebody wants in"));
        }
        boolean committed = false;
        // what parked sessions let go of may still be listed for a moment; it is ours all the same
        Set<Long> letGo = sessionsConnections();
        try {
            Optional<Keeper> busy = new Parking(instance).all();
            if (busy.isPresent()) {
                return new Verdict.StaysAwake(busy.get());
            }
            if (!instance.isIdle()) {
                return new Verdict.StaysAwake(Keeper.noticed("a statement ran meanwhile"));
            }
            instance.learned().learnFinally(watch);
            others = othersBeside(letGo);
            if (others.isPresent()) {
                return new Verdict.StaysAwake(others.get());
            }
            committed = instance.commitDrain(awake);
            if (!committed) {
                return new Verdict.StaysAwake(Keeper.noticed("a statement came while sessions were parked"));
            }
            settle();
        } finally {
            if (!committed) {
                instance.cancelDrain(awake);
            }
        }
        shutDown(instance, watch, awake.server(), Duration.ofMinutes(10));
        return new Verdict.Sleeps();
    }

    /** There is no way back from here: what can't be noted is asked again at the next wake. */
    private void settle() {
        try {
            instance.learned().nextEvent(nextEvent);
            instance.learned().settle();
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("instance", instance.settings().name())
                    .log(
                            "it can't be noted that all is known of it, so the next start of the proxy will wake it: {}",
                            e.getMessage());
        }
    }

    private Set<Long> sessionsConnections() {
        Set<Long> ids = new HashSet<>();
        for (Participant participant : instance.participants()) {
            participant.backendId().ifPresent(ids::add);
        }
        return ids;
    }

    private Optional<Keeper> othersBeside(Set<Long> ours) throws IOException, InterruptedException {
        Optional<Keeper> others = watch.otherUse(ours, instance.settings().ignoreUsers());
        if (others.isPresent()) {
            return others;
        }
        nextEvent = watch.nextEvent();
        return instance.eventWatch().keeper(nextEvent);
    }

    /**
     * Phase two: SHUTDOWN, and the wait for the end. A server that doesn't react is asked once more by SIGTERM, and is
     * never killed: a slow shutdown writes what would otherwise have to be recovered.
     */
    static void shutDown(Instance instance, ServerWatch watch, Server server, Duration limit)
            throws InterruptedException {
        String name = instance.settings().name();
        boolean said = false;
        if (watch != null) {
            try {
                watch.shutdown();
                said = true;
            } catch (IOException e) {
                log.atWarn()
                        .addKeyValue("instance", name)
                        .log("SHUTDOWN could not be said ({}); sending SIGTERM", e.getMessage());
            }
        }
        if (!said) {
            server.terminate();
        }
        CompletableFuture<String> ended = server.ended().toCompletableFuture();
        if (await(ended, Duration.ofSeconds(30).compareTo(limit) < 0 ? Duration.ofSeconds(30) : limit)) {
            return;
        }
        log.atWarn()
                .addKeyValue("instance", name)
                .log("the server has not ended 30 s after SHUTDOWN; sending SIGTERM and waiting on");
        server.terminate();
        if (!await(ended, limit)) {
            log.atError()
                    .addKeyValue("instance", name)
                    .log(
                            "the server (pid {}) has not ended {} s after SIGTERM. It is not killed, since it may still be"
                                    + " writing; look at its log, and kill it by hand only if it is stuck",
                            server.pid().orElse(-1),
                            limit.toSeconds());
        }
    }

    private static boolean await(CompletableFuture<String> ended, Duration limit) throws InterruptedException {
        try {
            ended.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a server's end is only ever completed", e);
        }
    }
}
