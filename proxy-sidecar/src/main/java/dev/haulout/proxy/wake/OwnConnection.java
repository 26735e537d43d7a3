package dev.haulout.proxy.wake;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Haulout's own connection to the server that runs now. There is never more than one: a second would count as a
 * connection round the proxy and keep the server awake for ever. Opening it learns what is to be known of the server.
 */
final class OwnConnection {
    private static final Logger log = LoggerFactory.getLogger(OwnConnection.class);

    private final String instance;
    private final Surroundings surroundings;
    private final Learned learned;
    private final boolean appliesGlobals;

    /** Held while a connection is opened. */
    private final ReentrantLock opening = new ReentrantLock();

    private volatile ServerWatch present;

    /** @param appliesGlobals whether to set the globals that were changed before the sleep; else somebody else has */
    OwnConnection(String instance, Surroundings surroundings, Learned learned, boolean appliesGlobals) {
        this.instance = instance;
        this.surroundings = surroundings;
        this.learned = learned;
        this.appliesGlobals = appliesGlobals;
    }

    /** The connection, null while there is none. */
    ServerWatch present() {
        return present;
    }

    /**
     * Opens it to {@code server}, if there is an account for it. Where that fails there is none, and the log says so.
     * Blocks.
     */
    void open(Server server) {
        if (server.serviceAccount().isEmpty()) {
            return;
        }
        opening.lock();
        try {
            close();
            connect(server);
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("instance", instance)
                    .log("the server can't be asked about itself, so it won't be put to sleep: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            opening.unlock();
        }
    }

    /** Opens it anew after {@code failed} (null for none), unless somebody has, or it is no longer {@code wanted}. */
    void replace(Server server, ServerWatch failed, BooleanSupplier wanted) {
        opening.lock();
        try {
            if (wanted.getAsBoolean() && present == failed) {
                open(server);
            }
        } finally {
            opening.unlock();
        }
    }

    private void connect(Server server) throws IOException, InterruptedException {
        ServerWatch opened = ServerWatch.open(surroundings.nextLoop(), server);
        boolean kept = false;
        try {
            Map<String, String> globals = appliesGlobals ? learned.changedGlobals() : Map.of();
            for (String refused : opened.apply(globals)) {
                log.atWarn()
                        .addKeyValue("instance", instance)
                        .log("a global changed before the sleep could not be set again: {}", refused);
            }
            learned.learn(opened);
            for (String weak : opened.weakenedDurability()) {
                log.atWarn()
                        .addKeyValue("instance", instance)
                        .log("DurabilityReduced: {}; acknowledged writes may be lost in a power cut", weak);
            }
            kept = keep(server, opened);
        } finally {
            if (!kept) {
                opened.close();
            }
        }
    }

    private synchronized boolean keep(Server server, ServerWatch opened) {
        if (server.ended().toCompletableFuture().isDone()) {
            return false;
        }
        present = opened;
        return true;
    }

    /** Ends it. */
    synchronized void close() {
        if (present != null) {
            present.close();
            present = null;
        }
    }
}
