package dev.haulout.proxy.session;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gives sessions their connection ids: 2^31 and above, so that they are never taken for a server's. Where several proxies
 * serve one instance, each gives out a range of its own.
 */
public final class ConnectionIds {
    private static final long LEAST = 0x8000_0000L;
    private static final int BITS = 31;

    /** 2048 proxies, of which each counts to a million before it begins anew. */
    private static final int BITS_OF_ONE = 20;

    private final long first;
    private final int mask;
    private final AtomicInteger last = new AtomicInteger();

    private ConnectionIds(long first, int bits) {
        this.first = first;
        this.mask = (int) ((1L << bits) - 1);
    }

    /** For a proxy that shares its instances with no other. */
    public static ConnectionIds ofTheOnlyProxy() {
        return new ConnectionIds(LEAST, BITS);
    }

    /** For one of several proxies; those whose {@code name} differs nearly always differ in their ids. */
    public static ConnectionIds of(String name) {
        int numbers = 1 << BITS - BITS_OF_ONE;
        return new ConnectionIds(LEAST | (long) Math.floorMod(name.hashCode(), numbers) << BITS_OF_ONE, BITS_OF_ONE);
    }

    /** Whether such an id is a session's, of whichever proxy; servers give out smaller ones. */
    static boolean isOurs(long id) {
        return id >= LEAST && id < 2 * LEAST;
    }

    /** Whether such an id is one of those that this proxy gives. */
    boolean isOfThisProxy(long id) {
        return (id & ~(long) mask) == first;
    }

    long next() {
        return first | (last.incrementAndGet() & mask);
    }
}
