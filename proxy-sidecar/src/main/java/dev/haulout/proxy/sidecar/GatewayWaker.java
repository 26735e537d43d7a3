package dev.haulout.proxy.sidecar;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.WakeProgress;
import dev.haulout.proxy.wake.Waker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
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
    private static final int CONNECT_MILLIS = 2_000;
    private static final int GREETING_MILLIS = 10_000;
    private static final int LONGEST_GREETING = 1 << 16;
    private static final int ERROR = 0xff;

    /** Pauses between tries: short at first, since a Service may just have lost one gateway of several. */
    private static final long FIRST_PAUSE_MILLIS = 50;

    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Supplier<ApplicationSecret> secret;
    private volatile String obstacle;

    /** @param secret tells where the gateways are now */
    GatewayWaker(Supplier<ApplicationSecret> secret) {
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
                Answer answer = greeting(where);
                if (obstacle != null) {
                    log.info("a gateway answers again at {}:{}", where.host(), where.port());
                    obstacle = null;
                }
                return answer;
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                note(where, e);
            }
            Thread.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
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
            case SocketTimeoutException late -> "no answer in time";
            default -> why.getMessage();
        };
    }

    private static Answer greeting(ApplicationSecret where) throws IOException {
        InetSocketAddress address = new InetSocketAddress(where.host(), where.port());
        if (address.isUnresolved()) {
            throw new UnknownHostException(where.host());
        }
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            socket.setSoTimeout(GREETING_MILLIS);
            InputStream in = socket.getInputStream();
            ByteBuf header = Unpooled.wrappedBuffer(in.readNBytes(Wire.HEADER));
            if (header.readableBytes() < Wire.HEADER) {
                throw new IOException("the connection was closed without a greeting");
            }
            int length = Wire.payloadLength(header);
            if (length > LONGEST_GREETING) {
                throw new IOException("what answers speaks no MySQL protocol");
            }
            return new Answer(read(Unpooled.wrappedBuffer(in.readNBytes(length))), address);
        }
    }

    private static Greeting read(ByteBuf payload) throws IOException {
        try {
            if (payload.isReadable() && payload.getUnsignedByte(payload.readerIndex()) == ERROR) {
                throw new IOException("it says " + SqlError.read(payload));
            }
            Greeting greeting = Greeting.read(payload);
            if (!Capability.has(greeting.capabilities(), Capability.PROTOCOL_41 | Capability.PLUGIN_AUTH)) {
                throw new IOException("what answers is older than MariaDB 10.6");
            }
            return greeting;
        } catch (MalformedPacketException e) {
            throw new IOException("what answers speaks no MySQL protocol", e);
        }
    }
}
