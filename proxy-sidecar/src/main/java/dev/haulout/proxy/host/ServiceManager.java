package dev.haulout.proxy.host;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who started this process, if he wants to be told how it is: systemd, for a unit of {@code Type=notify}.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify</a>
 */
public final class ServiceManager {
    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

    private final Optional<byte[]> socket;
    private final Optional<Duration> watchdog;

    private ServiceManager(Optional<byte[]> socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** The one of this process. Where there is none, nobody is told anything. */
    public static ServiceManager ofThisProcess() {
        return of(System.getenv(), ProcessHandle.current().pid());
    }

    static ServiceManager of(Map<String, String> environment, long pid) {
        String address = environment.getOrDefault("NOTIFY_SOCKET", "");
        // others than these are for virtual machines
        boolean known = address.startsWith("/") || address.startsWith("@");
        boolean watches = Long.toString(pid).equals(environment.getOrDefault("WATCHDOG_PID", Long.toString(pid)));
        return new ServiceManager(
                known ? Optional.of(path(address)) : Optional.empty(),
                watches && known
                        ? Optional.ofNullable(environment.get("WATCHDOG_USEC"))
                                .map(micros -> Duration.ofNanos(1_000 * Long.parseLong(micros)))
                        : Optional.empty());
    }

    private static byte[] path(String address) {
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        if (path[0] == '@') {
            path[0] = 0; // an abstract one
        }
        return path;
    }

    /** The doors are open. From now on it is told, as often as it asked for, that all {@code loops} turn. */
    void ready(EventLoopGroup loops, ScheduledExecutorService clock) {
        tell("READY=1");
        watchdog.ifPresent(limit -> {
            long often = limit.toNanos() / 3;
            clock.scheduleAtFixedRate(() -> tellThatAllTurn(loops), often, often, TimeUnit.NANOSECONDS);
        });
    }

    private void tellThatAllTurn(EventLoopGroup loops) {
        AtomicInteger silent = new AtomicInteger();
        loops.forEach(loop -> silent.incrementAndGet());
        for (EventExecutor loop : loops) {
            loop.execute(() -> {
                if (silent.decrementAndGet() == 0) {
                    tell("WATCHDOG=1");
                }
            });
        }
    }

    /** It was told to stop, or is about to end by itself. */
    void stopping() {
        tell("STOPPING=1");
    }

    private void tell(String what) {
        if (socket.isEmpty()) {
            return;
        }
        try {
            Epoll.ensureAvailability(); // which loads the library
            Socket sender = Socket.newSocketDomainDgram();
            ByteBuffer bytes = ByteBuffer.allocateDirect(what.length()).put(what.getBytes(StandardCharsets.US_ASCII));
            try {
                sender.sendToDomainSocket(bytes, 0, what.length(), socket.get());
            } finally {
                sender.close();
            }
        } catch (IOException e) {
            log.warn("{} could not be said to the service manager at NOTIFY_SOCKET: {}", what, e.getMessage());
        }
    }
}
