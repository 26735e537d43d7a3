package dev.haulout.proxy.wake.pod;

import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.WakeFailure;
import dev.haulout.proxy.wake.WakeProgress;
import dev.haulout.proxy.wake.Waker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Has an instance's server started by others, and finds it. The phases of a wake are {@code demand} (it was made known
 * that the server is needed; not where it came anyway), {@code pod} (it is known where the server will be), {@code
 * greeting} (it answered there).
 */
public final class PodWaker implements Waker {
    /** What is looked at even where nothing new is seen. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    /** How long a server that is said to run may take to answer one who doesn't need it. */
    private static final Duration FIND_LIMIT = Duration.ofSeconds(2);

    private final Lookout lookout;
    private final Demands demands;
    private final Supplier<BackendTls> tls;
    private final int port;

    /**
     * @param lookout tells what is seen of the instance
     * @param demands asks for its server
     * @param tls how a server has to prove that it is the instance's; asked for every connection
     * @param port the servers' own
     */
    public PodWaker(Lookout lookout, Demands demands, Supplier<BackendTls> tls, int port) {
        this.lookout = lookout;
        this.demands = demands;
        this.tls = tls;
        this.port = port;
    }

    /** {@inheritDoc} One that does not answer within two seconds is none. */
    @Override
    public Optional<Server> find() throws InterruptedException {
        long deadline = System.nanoTime() + FIND_LIMIT.toNanos();
        Pace pace = new Pace();
        while (System.nanoTime() - deadline < 0) {
            Sighting now = lookout.now();
            if (now.status().phase() != Phase.AWAKE && now.status().phase() != Phase.FALLING_ASLEEP
                    || now.addresses().isEmpty()) {
                return Optional.empty();
            }
            Optional<Server> found = knock(now.addresses(), () -> System.nanoTime() - deadline < 0);
            if (found.isPresent()) {
                return found;
            }
            pace.pause();
        }
        return Optional.empty();
    }

    @Override
    public Server start(WakeProgress progress) throws WakeFailure, InterruptedException {
        Pace pace = new Pace();
        Optional<String> asked = Optional.empty();
        boolean everAsked = false;
        boolean podSeen = false;
        while (true) {
            Sighting now = lookout.now();
            refuse(now, asked);
            if (now.openDemand().isEmpty() && !now.isComing()) {
                asked = demands.demand();
                if (!everAsked) {
                    everAsked = true;
                    progress.ended("demand");
                }
                continue;
            }
            asked = now.openDemand().isPresent() ? now.openDemand() : asked;
            if (now.addresses().isEmpty() || now.isDraining()) {
                lookout.awaitOther(now, LONGEST_WAIT);
                continue;
            }
            if (!podSeen) {
                podSeen = true;
                progress.ended("pod");
            }
            Optional<Server> found = knock(now.addresses(), () -> true);
            if (found.isPresent()) {
                progress.ended("greeting");
                return found.get();
            }
            pace.pause();
        }
    }

    @Override
    public Optional<String> obstacle() {
        return lookout.now().obstacle();
    }

    private Optional<Server> knock(List<InetAddress> addresses, BooleanSupplier go) throws InterruptedException {
        for (InetAddress address : addresses) {
            InetSocketAddress at = new InetSocketAddress(address, port);
            if (Knock.isAnswered(at, () -> go.getAsBoolean() && mayBeAt(address))) {
                return Optional.of(PodServer.at(at, tls, lookout));
            }
        }
        return Optional.empty();
    }

    private boolean mayBeAt(InetAddress address) {
        Sighting now = lookout.now();
        return !now.closed() && now.down().isEmpty() && now.addresses().contains(address);
    }

    private static void refuse(Sighting now, Optional<String> asked) throws WakeFailure {
        if (now.closed()) {
            throw new WakeFailure("the gateway no longer serves it", List.of());
        }
        if (now.down().isPresent()) {
            throw new WakeFailure(now.down().get(), List.of());
        }
        Optional<String> failure = asked.flatMap(now::failureOf);
        if (failure.isPresent()) {
            throw new WakeFailure(failure.get(), List.of());
        }
    }

    /** Tries often at first, as a server is up within tenths of a second, and less often later. */
    private static final class Pace {
        private static final long SHORTEST_MICROS = 2_000;
        private static final long LONGEST_AT_FIRST_MICROS = 10_000;
        private static final long LATER_MICROS = 25_000;
        private static final long MUCH_LATER_MICROS = 250_000;

        private final long began = System.nanoTime();
        private long micros = SHORTEST_MICROS;

        void pause() throws InterruptedException {
            TimeUnit.MICROSECONDS.sleep(micros);
            Duration past = Duration.ofNanos(System.nanoTime() - began);
            if (past.toSeconds() >= 60) {
                micros = MUCH_LATER_MICROS;
            } else if (past.toSeconds() >= 3) {
                micros = LATER_MICROS;
            } else {
                micros = Math.min(LONGEST_AT_FIRST_MICROS, micros * 3 / 2);
            }
        }
    }
}
