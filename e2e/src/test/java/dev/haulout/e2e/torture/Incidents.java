package dev.haulout.e2e.torture;

import java.util.ArrayList;
import java.util.List;

/**
 * When the server was killed and when the proxy was away, so that each error a client got can be held against what could
 * have caused it. Times are by {@link System#nanoTime}. Safe for any thread.
 */
public final class Incidents {
    /** Between a signal and the moment everybody has noticed, on a machine with more to do than it can. */
    private static final long NOTICED = 2_000_000_000L;

    private final List<Long> serverDeaths = new ArrayList<>();
    private final List<Long> proxyReturns = new ArrayList<>();
    private final List<Long> farewells = new ArrayList<>();
    private boolean proxyAway;
    private int proxiesLeaving;

    /** A server is being killed. */
    public synchronized void serverDies() {
        serverDeaths.add(System.nanoTime());
    }

    /** A proxy is being killed. */
    public synchronized void proxyGoes() {
        proxyAway = true;
    }

    /** All proxies are up again. */
    public synchronized void proxyIsBack() {
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

    /** A proxy was asked to end, which ends its sessions between their statements. */
    public synchronized void proxyLeaves() {
        proxiesLeaving++;
    }

    /** It has ended. */
    public synchronized void proxyHasLeft() {
        proxiesLeaving--;
        farewells.add(System.nanoTime());
    }

    /** Whether a session that began at {@code nanos} may have been ended by a proxy that left. */
    synchronized boolean proxyLeftSince(long nanos) {
        return proxiesLeaving > 0 || farewells.stream().anyMatch(left -> left - nanos > -NOTICED);
    }

    /** Whether any server died so far. */
    synchronized boolean serverEverDied() {
        return !serverDeaths.isEmpty();
    }
}
