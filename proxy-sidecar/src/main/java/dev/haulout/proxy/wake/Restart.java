package dev.haulout.proxy.wake;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A restart that a person asked for: each session lets go of the server as soon as it can and waits, the server is shut
 * down, and the next is started for those who wait. Until the shutdown every step can be taken back. Blocking.
 */
public final class Restart {
    /** How it ended. */
    public sealed interface Outcome {
        /**
         * The server runs anew.
         *
         * @param took from the moment the first session was held to the server's first answer
         */
        record Done(Duration took) implements Outcome {}

        /** There was none running. */
        record Asleep() implements Outcome {}

        /** It runs on, with all its sessions. */
        record Kept(Keeper by) implements Outcome {}

        /** The next server does not come up. */
        record Failed(String why) implements Outcome {}
    }

    private final Instance instance;
    private final Power.Awake awake;
    private final Duration wait;
    private final boolean force;

    Restart(Instance instance, Power.Awake awake, Duration wait, boolean force) {
        this.instance = instance;
        this.awake = awake;
        this.wait = wait;
        this.force = force;
    }

    /**
     * Ends the server with all sessions held.
     *
     * @return who is in the way; empty when it has ended
     * @throws IOException when the server can't be asked; then it runs on
     */
    Optional<Keeper> stop() throws IOException, InterruptedException {
        OwnConnection own = instance.ownConnection();
        own.replace(awake.server(), null, () -> instance.power() == awake); // where none has come to it yet
        ServerWatch watch = own.present();
        if (watch == null) {
            throw new IOException(
                    "Haulout can't log in to its server, and stops none that it can't ask; its log says more");
        }
        Optional<Keeper> others = force
                ? Optional.empty()
                : watch.otherUse(connections(), instance.settings().ignoreUsers());
        if (others.isPresent()) {
            return others;
        }
        if (!instance.beginAbandoning(awake)) {
            return Optional.of(Keeper.noticed("a sleep that has begun"));
        }
        boolean committed = false;
        try {
            Optional<Keeper> busy = new Parking(instance).allWithin(wait);
            if (busy.isPresent() && !force) {
                return busy;
            }
            instance.learned().learnFinally(watch);
            if (busy.isPresent()) {
                endThoseLeft();
            }
            committed = instance.commitRestart();
            if (!committed) {
                return Optional.of(Keeper.noticed("the end of the proxy"));
            }
        } finally {
            if (!committed) {
                instance.cancelDrain(awake);
            }
        }
        Drain.shutDown(instance, watch, awake.server(), Duration.ofMinutes(10));
        return Optional.empty();
    }

    private void endThoseLeft() {
        instance.participants().stream()
                .filter(participant -> participant.backendId().isPresent())
                .forEach(participant -> participant.end("its server is started again at once, by an administrator"));
    }

    private Set<Long> connections() {
        Set<Long> ids = new HashSet<>();
        for (Participant participant : instance.participants()) {
            participant.backendId().ifPresent(ids::add);
        }
        return ids;
    }
}
