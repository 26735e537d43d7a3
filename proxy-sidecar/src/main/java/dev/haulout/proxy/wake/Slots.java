package dev.haulout.proxy.wake;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * A server's connections, shared out among sessions: at most as many as it allows are in use, and whoever wants another
 * waits in line. Guarded by the lock of its {@link Instance}, but for {@link #wanted}.
 */
final class Slots {
    private final Deque<Demand> waiting = new ArrayDeque<>();
    private int used;
    private volatile boolean wanted;

    /** Whether a session that needs no connection just now should let go of it for another that waits. */
    boolean wanted() {
        return wanted;
    }

    boolean isAnyoneWaiting() {
        return !waiting.isEmpty();
    }

    int waiting() {
        return waiting.size();
    }

    /** The first in line; null when nobody waits. */
    Demand first() {
        return waiting.peek();
    }

    /** Takes one of {@code most} for somebody who need not wait; false when he must. */
    boolean take(int most) {
        if (used >= most || !waiting.isEmpty()) {
            return false;
        }
        used++;
        return true;
    }

    void add(Demand demand) {
        waiting.add(demand);
    }

    /** Takes a demand out of the line; false when it is not in it any more. */
    boolean withdraw(Demand demand) {
        boolean waited = waiting.remove(demand);
        if (waiting.isEmpty()) {
            wanted = false;
        }
        return waited;
    }

    /** Empties the line. */
    List<Demand> withdrawAll() {
        List<Demand> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }

    /** All in line wait for a wake from now on. */
    void waitForWake() {
        waiting.forEach(Demand::waitsForWake);
    }

    /** One is given back, and goes to nobody. */
    void giveBack() {
        used--;
        wanted = false;
    }

    /** One is given back, for the first in line where there is one. */
    void passOn(Server server) {
        used--;
        if (!waiting.isEmpty()) {
            used++;
            waiting.poll().grant(server);
        }
        wanted = !waiting.isEmpty();
    }

    /** Grants what there is, of {@code most}, in order of the line; whoever is left asks {@code sessions} for theirs. */
    void grant(Server server, int most, Collection<Participant> sessions) {
        while (used < most && !waiting.isEmpty()) {
            used++;
            waiting.poll().grant(server);
        }
        if (!waiting.isEmpty()) {
            ask(sessions);
        }
    }

    /** Nobody need let go any more. */
    void noneWanted() {
        wanted = false;
    }

    /** Asks as many sessions to let go as there are demands in line. */
    void ask(Collection<Participant> sessions) {
        wanted = true;
        Iterator<Participant> all = List.copyOf(sessions).iterator();
        for (int i = 0; i < waiting.size(); i++) {
            askNext(all);
        }
    }

    /** Asks one who has a connection, and the next one where that one can't spare it. */
    private static void askNext(Iterator<Participant> all) {
        Participant asked;
        synchronized (all) {
            do {
                if (!all.hasNext()) {
                    return;
                }
                asked = all.next();
            } while (asked.backendId().isEmpty());
        }
        asked.park(reply -> {
            if (!(reply instanceof Participant.Reply.Parked)) {
                askNext(all);
            }
        });
    }
}
