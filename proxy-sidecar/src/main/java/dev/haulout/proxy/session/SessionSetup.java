package dev.haulout.proxy.session;

import dev.haulout.proxy.metrics.DoorMeters;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What the sessions of one door share.
 *
 * @param ids gives each session its connection id
 * @param loginDeadline how long a client may take to log in, waits for the server not counted
 * @param throttle slows down those who guess
 * @param meters counts
 * @param onLogin told of a session that logged in
 * @param onClose told of a session that ended, logged in or not
 */
public record SessionSetup(
        AtomicInteger ids,
        Duration loginDeadline,
        LoginThrottle throttle,
        DoorMeters meters,
        Consumer<Session> onLogin,
        Consumer<Session> onClose) {

    /** A door's ids are 2^31 and above, so that they are never taken for a server's. */
    long nextId() {
        return 0x8000_0000L | (ids.incrementAndGet() & 0x7fff_ffffL);
    }
}
