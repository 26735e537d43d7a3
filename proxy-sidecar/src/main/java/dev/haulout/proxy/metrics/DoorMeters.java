package dev.haulout.proxy.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Counts what passes an instance's doors, and looks at its sessions when it is scraped. A door that nobody uses has no meters: they come with the first bytes, so that
 * thousands of sleeping instances cost next to nothing here.
 */
public final class DoorMeters {
    private final MeterRegistry registry;
    private final String instance;
    private final Supplier<SessionCount> sessions;
    private final AtomicBoolean registered = new AtomicBoolean();
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder logins = new LongAdder();
    private final LongAdder loginsOverTls = new LongAdder();
    private final LongAdder statements = new LongAdder();
    private final LongAdder deferred = new LongAdder();
    private final LongAdder keepAlivesByProxy = new LongAdder();
    private final LongAdder keepAlivesByServer = new LongAdder();

    /**
     * How many sessions there are.
     *
     * @param held logged in, without a backend connection
     * @param active with one
     */
    public record SessionCount(int held, int active) {}

    /**
     * @param instance the instance's name, a tag of every meter
     * @param sessions counts its sessions, asked at every scrape
     */
    public DoorMeters(MeterRegistry registry, String instance, Supplier<SessionCount> sessions) {
        this.registry = registry;
        this.instance = instance;
        this.sessions = sessions;
    }

    /** Bytes that came from a client. */
    public void received(int bytes) {
        if (!registered.get()) {
            register();
        }
        received.add(bytes);
    }

    /** Bytes that go to a client. */
    public void sent(int bytes) {
        sent.add(bytes);
    }

    /** A login that was refused, for a reason of one word. */
    public void loginRefused(String reason) {
        Counter.builder("haulout.logins.refused")
                .description("Logins refused, by reason")
                .tag("instance", instance)
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /** A login that was accepted, over TLS or not. */
    public void loggedIn(boolean tls) {
        logins.increment();
        if (tls) {
            loginsOverTls.increment();
        }
    }

    /** A real statement went to the server. */
    public void statement() {
        statements.increment();
    }

    /** A keep-alive went to a server that was awake anyway. */
    public void keepAliveForwarded() {
        keepAlivesByServer.increment();
    }

    /** A command was answered without the server. */
    public void answeredAsleep(boolean keepAlive) {
        (keepAlive ? keepAlivesByProxy : deferred).increment();
    }

    /** Real statements so far. */
    public long statements() {
        return statements.sum();
    }

    private void register() {
        if (registered.compareAndSet(false, true)) {
            counter("haulout.received.bytes", received, "Bytes received from clients");
            counter("haulout.sent.bytes", sent, "Bytes sent to clients");
            counter("haulout.logins", logins, "Logins accepted");
            counter("haulout.logins.tls", loginsOverTls, "Logins accepted over TLS");
            counter("haulout.statements", statements, "Real statements forwarded to the server");
            counter(
                    "haulout.statements.deferred",
                    deferred,
                    "Statements answered asleep, to be replayed after the wake");
            gauge("held", SessionCount::held);
            gauge("active", SessionCount::active);
            keepAlives("proxy", keepAlivesByProxy);
            keepAlives("server", keepAlivesByServer);
        }
    }

    private void counter(String name, LongAdder value, String description) {
        FunctionCounter.builder(name, value, LongAdder::sum)
                .description(description)
                .tag("instance", instance)
                .register(registry);
    }

    private void gauge(String state, ToIntFunction<SessionCount> of) {
        Gauge.builder("haulout.sessions", sessions, source -> of.applyAsInt(source.get()))
                .description(
                        "Sessions logged in, by whether they have a connection to the server (active) or not (held)")
                .tag("instance", instance)
                .tag("state", state)
                .register(registry);
    }

    private void keepAlives(String by, LongAdder value) {
        FunctionCounter.builder("haulout.keepalives", value, LongAdder::sum)
                .description("Keep-alives answered, by whom")
                .tag("instance", instance)
                .tag("answered_by", by)
                .register(registry);
    }
}
