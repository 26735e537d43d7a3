package dev.haulout.proxy.door;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections that have not logged in yet there may be: from one address, and in all. Safe for any thread. */
public final class Strangers {
    private final int perSource;
    private final int inAll;
    private final Map<String, Integer> bySource = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    /**
     * @param perSource the most from one address
     * @param inAll the most from everywhere
     */
    public Strangers(int perSource, int inAll) {
        this.perSource = perSource;
        this.inAll = inAll;
    }

    /** Lets one more in from {@code source}, or not. */
    boolean admit(String source) {
        if (all.incrementAndGet() > inAll) {
            all.decrementAndGet();
            return false;
        }
        int now = bySource.merge(source, 1, Integer::sum);
        if (now > perSource) {
            release(source);
            return false;
        }
        return true;
    }

    /** One from {@code source} has logged in or gone. */
    void release(String source) {
        all.decrementAndGet();
        bySource.computeIfPresent(source, (key, count) -> count == 1 ? null : count - 1);
    }
}
