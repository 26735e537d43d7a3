package dev.haulout.proxy.gateway;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.GatewayReport;
import dev.haulout.proxy.wake.pod.Lookout;
import dev.haulout.proxy.wake.pod.Sighting;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what one gateway has to say of one instance into its status: demands, and its part of a drain. One write at a
 * time, the latest report only, and again and again until it is written or no longer needed. Safe for any thread.
 */
final class StatusWriter {
    private static final Logger log = LoggerFactory.getLogger(StatusWriter.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int UNPROCESSABLE = 422;

    private final String instance;
    private final String uid;
    private final String gateway;
    private final StatusApi api;
    private final Lookout lookout;
    private final Consumer<MariaDBInstance> seen;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private Wish wish;
    private String made;
    private GatewayReport report = GatewayReport.NONE;
    private GatewayReport written = report;
    private boolean writing;
    private boolean closed;

    /** A demand to be made. Its id stays however often it is tried: a try that seemed to fail may have been heard. */
    private record Wish(String id, String why) {}

    /**
     * @param instance its name, for the log
     * @param uid by which a resource that was made anew under the same name is told apart
     * @param gateway this gateway's pod
     * @param lookout tells whether a demand is needed at all
     * @param seen given the resource as it is after each write
     */
    StatusWriter(
            String instance,
            String uid,
            String gateway,
            StatusApi api,
            Lookout lookout,
            Consumer<MariaDBInstance> seen) {
        this.instance = instance;
        this.uid = uid;
        this.gateway = gateway;
        this.api = api;
        this.lookout = lookout;
        this.seen = seen;
    }

    /** Makes a demand, unless one is open or none is needed; soon. */
    void demand(String why) {
        lock.lock();
        try {
            if (wish == null) {
                wish = new Wish(UUID.randomUUID().toString(), why);
                write();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes a demand, unless one is open or none is needed, and returns when that is done. */
    Optional<String> awaitDemand(String why) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            demand(why);
            Wish mine = wish;
            while (wish == mine && mine != null && !closed) {
                changed.await();
            }
            return mine != null && mine.id().equals(made)
                    ? Optional.of(made)
                    : lookout.now().openDemand();
        } finally {
            lock.unlock();
        }
    }

    /** Says how it stands with a drain; a report that was not yet written is left out. */
    void report(GatewayReport latest) {
        lock.lock();
        try {
            report = latest;
            write();
        } finally {
            lock.unlock();
        }
    }

    /** Writes nothing more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        if (!writing && !closed) {
            writing = true;
            Thread.ofVirtual().name("haulout-status").start(this::writeAll);
        }
    }

    private void writeAll() {
        Duration pause = FIRST_PAUSE;
        lock.lock();
        try {
            while (!closed && isUnwritten()) {
                if (writeOnce(pause.equals(FIRST_PAUSE))) {
                    pause = FIRST_PAUSE;
                } else if (!closed) {
                    changed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            writing = false;
            lock.unlock();
        }
    }

    /** Also lets go of a demand that is no longer needed. */
    private boolean isUnwritten() {
        Sighting now = lookout.now();
        if (wish != null
                && (now.openDemand().isPresent() || now.isComing() || now.down().isPresent())) {
            wish = null;
            changed.signalAll();
        }
        return wish != null || !report.equals(written);
    }

    /** Under the lock but for the write itself. Returns whether it worked, or never will. */
    private boolean writeOnce(boolean first) {
        Wish demand = wish;
        GatewayReport latest = report;
        String patch = patch(demand, latest);
        MariaDBInstance now = null;
        KubernetesClientException fault = null;
        lock.unlock();
        try {
            now = api.merge(patch);
            seen.accept(now);
        } catch (KubernetesClientException e) {
            fault = e;
        } finally {
            lock.lock();
        }
        if (fault != null) {
            return gaveUp(fault, first);
        }
        written = latest;
        if (demand != null) {
            made = demand.id();
            wish = null;
            changed.signalAll();
        }
        return true;
    }

    private boolean gaveUp(KubernetesClientException fault, boolean first) {
        if (fault.getCode() == NOT_FOUND || fault.getCode() == CONFLICT || fault.getCode() == UNPROCESSABLE) {
            log.atInfo().addKeyValue("instance", instance).log("its status is written no more: {}", fault.getMessage());
            closed = true; // the resource is gone, or another has its name
            changed.signalAll();
            return true;
        }
        if (first) {
            log.atWarn()
                    .addKeyValue("instance", instance)
                    .log("its status can't be written, which is tried on: {}", fault.getMessage());
        }
        return false;
    }

    private String patch(Wish demand, GatewayReport latest) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("metadata").put("uid", uid);
        ObjectNode status = root.putObject("status");
        if (demand != null) {
            status.putObject("demand")
                    .put("id", demand.id())
                    .put("why", demand.why())
                    .put("by", gateway);
        }
        if (!latest.equals(written)) {
            status.putObject("gateways")
                    .putObject(gateway)
                    .put("proposes", latest.proposes())
                    .put("epoch", latest.epoch())
                    .put("held", latest.held())
                    .put("idleSeconds", latest.idleSeconds())
                    .put("busy", latest.busy());
        }
        return root.toString();
    }
}
