package dev.haulout.operator.gateways;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Spaces writes that come in thousands, such as those of all EndpointSlices when a gateway comes: the API server and
 * every kube-proxy have to take them in.
 */
public final class WriteLimit {
    private final long spacing;
    private final LongSupplier nanoTime;
    private long next;

    /**
     * @param perSecond how many writes a second at most
     * @param nanoTime a clock that only goes forward
     */
    public WriteLimit(int perSecond, LongSupplier nanoTime) {
        this.spacing = Duration.ofSeconds(1).toNanos() / perSecond;
        this.nanoTime = nanoTime;
        this.next = nanoTime.getAsLong();
    }

    /** Takes the next place in the row: how long to wait before the write. */
    public synchronized Duration place() {
        long now = nanoTime.getAsLong();
        next = Math.max(next, now) + spacing;
        return Duration.ofNanos(next - spacing - now);
    }
}
