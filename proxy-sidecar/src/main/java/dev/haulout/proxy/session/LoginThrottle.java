package dev.haulout.proxy.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Slows down whoever fails to log in again and again: after a few failures from one address within a minute the refusal
 * comes later and later. Bounded, whatever the number of addresses. Safe for any thread.
 */
public final class LoginThrottle {
    private static final int FREE = 5;
    private static final long LONGEST_MILLIS = 2_000;
    static final int MOST_ADDRESSES = 10_000;
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private record Failures(int count, long lastNanos) {}

    private final LongSupplier nanoClock;
    private final Map<String, Failures> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /** Goes by the machine's clock. */
    public LoginThrottle() {
        this(System::nanoTime);
    }

    /** @param nanoClock as {@link System#nanoTime} */
    LoginThrottle(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Notes a failed login.
     *
     * @return for how many milliseconds to keep the answer back
     */
    public synchronized long failed(ClientAddress address) {
        long now = nanoClock.getAsLong();
        String key = address.source();
        Failures before = byAddress.get(key);
        int count = before == null || now - before.lastNanos() > WINDOW_NANOS ? 1 : before.count() + 1;
        byAddress.put(key, new Failures(count, now));
        return count <= FREE ? 0 : Math.min(LONGEST_MILLIS, 50L << Math.min(count - FREE - 1, 10));
    }
}
