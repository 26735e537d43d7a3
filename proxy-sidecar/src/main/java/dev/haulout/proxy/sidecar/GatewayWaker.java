package dev.haulout.proxy.sidecar;

import dev.haulout.proxy.backend.Probe;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.WakeProgress;
import dev.haulout.proxy.wake.Waker;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a gateway that answers. There is nothing to start: one that is asked for the first statement wakes the instance by
 * itself. So what "wakes" here is the way to the gateway, and it "sleeps" while there is none.
 */
final class GatewayWaker implements Waker {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.sidecar");
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /** Pauses between tries: short at first, since a Service may just have lost one gateway of several. */
    private static final long FIRST_PAUSE_MILLIS = 50;

    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final EventLoopGroup loops;
    private final Supplier<ApplicationSecret> secret;
    private volatile String obstacle;

    /** @param secret tells where the gateways are now */
    GatewayWaker(EventLoopGroup loops, Supplier<ApplicationSecret> secret) {
        this.loops = loops;
        this.secret = secret;
    }

    @Override
    public Optional<Server> find() {
        return Optional.empty();
    }

    @Override
    public Server start(WakeProgress progress) throws InterruptedException {
        Answer answer = await();
        progress.ended("greeting");
        return new GatewayServer(answer.address());
    }

    @Override
    public Optional<String> obstacle() {
        return Optional.ofNullable(obstacle);
    }

    @Override
    public Optional<String> deadlineName() {
        return Optional.empty();
    }

    /** A gateway's greeting, and where it came from. */
    record Answer(Greeting greeting, InetSocketAddress address) {}

    /** Tries until a gateway greets. */
    Answer await() throws InterruptedException {
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            ApplicationSecret where = secret.get();
            try {
                Answer answer = answer(where);
                if (obstacle != null) {
                    log.info("a gateway answers again at {}:{}", where.host(), where.port());
                    obstacle = null;
                }
                return answer;
            } catch (IOException e) {
                note(where, e);
            }
            Thread.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }

    private Answer answer(ApplicationSecret where) throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(where.host(), where.port());
        if (address.isUnresolved()) {
            throw new UnknownHostException(where.host());
        }
        return new Answer(Probe.greeting(loops.next(), address, true, LONGEST), address);
    }

    private void note(ApplicationSecret where, IOException why) {
        String now = "no gateway answers at " + where.host() + ":" + where.port() + " (" + reason(why)
                + "); see whether the gateways run, the instance exists, and egress to them is allowed";
        if (!now.equals(obstacle)) {
            obstacle = now;
            log.warn("{}", now);
        }
    }

    private static String reason(IOException why) {
        return switch (why) {
            case UnknownHostException unknown -> "no such host";
            default -> why.getMessage();
        };
    }
}
