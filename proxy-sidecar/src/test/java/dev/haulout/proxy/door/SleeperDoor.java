package dev.haulout.proxy.door;

import static org.awaitility.Awaitility.await;

import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.session.LoginThrottle;
import dev.haulout.proxy.session.OtherProxies;
import dev.haulout.proxy.tls.DoorTls;
import dev.haulout.proxy.wake.Sleeper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/** A door on loopback of a {@link Sleeper}, with limits that no test of it means to reach. */
final class SleeperDoor implements AutoCloseable {
    private final Duration longest;
    private final Sleeper sleeper;
    private final Door door;

    private SleeperDoor(Duration longest, Sleeper sleeper, Door door) {
        this.longest = longest;
        this.sleeper = sleeper;
        this.door = door;
    }

    /** One whose logins, wakes and end may each take {@code longest}. */
    static SleeperDoor open(Duration longest) throws IOException, InterruptedException {
        return open(longest, Optional.empty());
    }

    /** @param tls what the door offers */
    static SleeperDoor open(Duration longest, Optional<DoorTls> tls) throws IOException, InterruptedException {
        return open(longest, tls, ConnectionIds.ofTheOnlyProxy(), OtherProxies.NONE);
    }

    /** One of several proxies, who serve sleepers of their own, as far as the sleepers know. */
    static SleeperDoor open(Duration longest, ConnectionIds ids, OtherProxies others)
            throws IOException, InterruptedException {
        return open(longest, Optional.empty(), ids, others);
    }

    private static SleeperDoor open(Duration longest, Optional<DoorTls> tls, ConnectionIds ids, OtherProxies others)
            throws IOException, InterruptedException {
        Sleeper sleeper = new Sleeper(longest);
        Door door = Door.open(
                sleeper.loops(),
                new ListenAddress.Tcp(InetAddress.getLoopbackAddress(), 0),
                sleeper.instance(),
                new DoorRules(
                        ids,
                        longest,
                        new Strangers(10, 10),
                        new LoginThrottle(),
                        Networks.NONE,
                        Optional.empty(),
                        others),
                new DoorMeters(new SimpleMeterRegistry(), "sleeper", () -> new DoorMeters.SessionCount(0, 0)),
                tls);
        return new SleeperDoor(longest, sleeper, door);
    }

    Sleeper sleeper() {
        return sleeper;
    }

    int port() {
        return door.port();
    }

    /** Sees that no session is left behind before the rest is closed. */
    @Override
    public void close() {
        await().atMost(longest).until(() -> sleeper.instance().participants().isEmpty());
        door.close();
        sleeper.close();
    }
}
