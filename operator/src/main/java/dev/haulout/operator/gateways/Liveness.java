package dev.haulout.operator.gateways;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Who renews a Lease. A Lease has expired when it was not seen to change for as long as it lasts, by our own time: what
 * its holder's clock says is not compared with ours.
 */
final class Liveness {
    private final LongSupplier nanoTime;
    private final Map<String, Renewal> seen = new HashMap<>();

    /** {@code version} tells one renewal from the next. */
    private record Renewal(String version, long nanos, Duration lasts) {}

    /** @param nanoTime a clock that only goes forward */
    Liveness(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    synchronized void renewed(String holder, String version, Duration lasts) {
        Renewal before = seen.get(holder);
        if (before == null || !before.version().equals(version)) {
            seen.put(holder, new Renewal(version, nanoTime.getAsLong(), lasts));
        }
    }

    synchronized void gone(String holder) {
        seen.remove(holder);
    }

    /** Those whose Lease has not expired. */
    synchronized Set<String> live() {
        long now = nanoTime.getAsLong();
        Set<String> live = new TreeSet<>();
        seen.forEach((holder, renewal) -> {
            if (now - renewal.nanos() < renewal.lasts().toNanos()) {
                live.add(holder);
            }
        });
        return live;
    }
}
