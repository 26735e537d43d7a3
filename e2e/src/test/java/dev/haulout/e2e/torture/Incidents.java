package dev.haulout.e2e.torture;

import java.util.ArrayList;
import java.util.List;

/**
 * When the server was killed and when the proxy was away, so that each error a client got can be held against what could
 * have caused it. Times are by {@link System#nanoTime}. Safe for any thread.
 */
final class Incidents {
    /** Between a signal and the moment everybody has noticed, on a machine with more to do than it can. */
    private static final long NOTICED = 2_000_000_000L;

    private final List<Long> serverDeaths = new ArrayList<>();
    private final List<Long> proxyReturns = new ArrayList<>();
    private boolean proxyAway;

    synchronized void serverDies() {
        serverDeaths.add(System.nanoTime());
    }

    synchronized void proxyGoes() {
        proxyAway = true;
    }

    synchronized void proxyIsBack() {
        proxyAway = false;
        proxyReturns.add(System.nanoTime());
    }

    /** Whether a server may have died under something that began at {@code nanos}. */
    synchronized boolean serverDiedSince(long nanos) {
        return serverDeaths.stream().anyMatch(death -> death - nanos > -NOTICED);
    }

    /** Whether the proxy may have been away at any time since {@code nanos}. */
    synchronized boolean proxyAwaySince(long nanos) {
        return proxyAway || proxyReturns.stream().anyMatch(back -> back - nanos > -NOTICED);
    }

    /** Whether any server died so far. */
    synchronized boolean serverEverDied() {
        return !serverDeaths.isEmpty();
    }
}
