package dev.haulout.proxy.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what passes an instance's doors. A door that nobody uses has no meters: they come with the first bytes, so that
 * thousands of sleeping instances cost next to nothing here.
 */
public final class DoorMeters {
    private final MeterRegistry registry;
    private final String instance;
    private final AtomicBoolean registered = new AtomicBoolean();
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder logins = new LongAdder();
    private final LongAdder statements = new LongAdder();
    private final LongAdder deferred = new LongAdder();
    private final LongAdder keepAlivesByProxy = new LongAdder();
    private final LongAdder keepAlivesByServer = new LongAdder();

    /** @param instance the instance's name, a tag of every meter */
    public DoorMeters(MeterRegistry registry, String instance) {
        this.registry = registry;
        this.instance = instance;
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

    /** A login that was accepted. */
    public void loggedIn() {
        logins.increment();
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
            counter("haulout.statements", statements, "Real statements forwarded to the server");
            counter(
                    "haulout.statements.deferred",
                    deferred,
                    "Statements answered asleep, to be replayed after the wake");
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

    private void keepAlives(String by, LongAdder value) {
        FunctionCounter.builder("haulout.keepalives", value, LongAdder::sum)
                .description("Keep-alives answered, by whom")
                .tag("instance", instance)
                .tag("answered_by", by)
                .register(registry);
    }
}
