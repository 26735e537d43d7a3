package dev.haulout.proxy.wake.pod;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Where all that is seen of one instance comes together, and those wait who need to see more. Safe for any thread. */
public final class Lookout {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Consumer<Sighting>> watchers = new CopyOnWriteArrayList<>();
    private volatile Sighting now = Sighting.NOTHING;

    /** What is known. */
    public Sighting now() {
        return now;
    }

    /** Something new was seen. */
    public void see(UnaryOperator<Sighting> change) {
        lock.lock();
        try {
            Sighting next = change.apply(now);
            if (next.equals(now)) {
                return;
            }
            now = next;
            changed.signalAll();
            watchers.forEach(watcher -> watcher.accept(next));
        } finally {
            lock.unlock();
        }
    }

    /** A pod has said that it is at this address. */
    public void announced(InetAddress address) {
        see(was -> was.announced(Optional.of(address)));
    }

    /** The instance is gone from this proxy: who waits for its server gives up. */
    public void close() {
        see(Sighting::closedNow);
    }

    /** The server at this address has ended: an announcement of it says nothing any more. */
    void left(InetAddress address) {
        see(was -> was.announced().equals(Optional.of(address)) ? was.announced(Optional.empty()) : was);
    }

    /** Waits until something else than {@code known} is to be seen, or that long. */
    void awaitOther(Sighting known, Duration limit) throws InterruptedException {
        long nanos = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (now == known && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has {@code watcher} told what is known now and every change from here on, one at a time; it must not block. */
    void watch(Consumer<Sighting> watcher) {
        lock.lock();
        try {
            watchers.add(watcher);
            watcher.accept(now);
        } finally {
            lock.unlock();
        }
    }

    void unwatch(Consumer<Sighting> watcher) {
        watchers.remove(watcher);
    }
}
