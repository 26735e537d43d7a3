package dev.haulout.proxy.door;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many connections that have not logged in yet there may be: from one address, and in all. When there is no room for
 * one more, whoever has the most of them makes it, so that nobody can shut the doors for others. Safe for any thread.
 */
public final class Strangers {
    private final int perSource;
    private final int inAll;

    /** By source, who is there, the eldest first, and how to send each away. Guarded by this, as is {@link #all}. */
    private final Map<String, LinkedHashMap<Object, Runnable>> bySource = new HashMap<>();

    private int all;

    /**
     * @param perSource the most from one address
     * @param inAll the most from everywhere
     */
    public Strangers(int perSource, int inAll) {
        this.perSource = perSource;
        this.inAll = inAll;
    }

    /**
     * Lets {@code stranger} in from {@code source}, or not.
     *
     * @param sendAway ends this connection, should its place be needed for another
     */
    boolean admit(String source, Object stranger, Runnable sendAway) {
        Optional<Runnable> gives = Optional.empty();
        synchronized (this) {
            int mine = bySource.containsKey(source) ? bySource.get(source).size() : 0;
            if (mine >= perSource) {
                return false;
            }
            if (all >= inAll) {
                gives = roomFor(mine + 1);
                if (gives.isEmpty()) {
                    return false;
                }
            }
            bySource.computeIfAbsent(source, key -> new LinkedHashMap<>()).put(stranger, sendAway);
            all++;
        }
        gives.ifPresent(Runnable::run);
        return true;
    }

    /** Takes the eldest of the source with the most strangers off the list, unless that has no more than {@code few}. */
    private Optional<Runnable> roomFor(int few) {
        Map.Entry<String, LinkedHashMap<Object, Runnable>> most = null;
        for (var entry : bySource.entrySet()) {
            if (most == null || entry.getValue().size() > most.getValue().size()) {
                most = entry;
            }
        }
        if (most == null || most.getValue().size() <= few) {
            return Optional.empty();
        }
        var eldest = most.getValue().firstEntry();
        release(most.getKey(), eldest.getKey());
        return Optional.of(eldest.getValue());
    }

    /** {@code stranger} has logged in or gone; it may have been sent away before. */
    synchronized void release(String source, Object stranger) {
        LinkedHashMap<Object, Runnable> there = bySource.get(source);
        if (there != null && there.remove(stranger) != null) {
            all--;
            if (there.isEmpty()) {
                bySource.remove(source);
            }
        }
    }
}
