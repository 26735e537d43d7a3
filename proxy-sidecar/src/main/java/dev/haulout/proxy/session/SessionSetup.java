package dev.haulout.proxy.session;

import dev.haulout.proxy.metrics.DoorMeters;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the sessions of one door share.
 *
 * @param ids gives each session its connection id
 * @param loginDeadline how long a client may take to log in, waits for the server not counted
 * @param throttle slows down those who guess
 * @param meters counts
 * @param offersTls whether the door does TLS
 * @param guide leads the door's clients; empty where all come to the instance behind it
 * @param others other proxies that have sessions of the same instance
 * @param onLogin told of a session that logged in
 * @param onClose told of a session that ended, logged in or not
 */
public record SessionSetup(
        ConnectionIds ids,
        Duration loginDeadline,
        LoginThrottle throttle,
        DoorMeters meters,
        boolean offersTls,
        Optional<Guide> guide,
        OtherProxies others,
        Consumer<Session> onLogin,
        Consumer<Session> onClose) {}
