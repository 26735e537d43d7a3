package dev.haulout.proxy.gateway;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the other gateways of an instance are, as last looked up: whoever often asks for it troubles nobody. */
final class PeerAddresses {
    private static final Logger log = LoggerFactory.getLogger(PeerAddresses.class);
    private static final Duration KEPT = Duration.ofSeconds(5);

    private final Supplier<List<InetAddress>> source;
    private List<InetAddress> known = List.of();
    private long lookedNanos = System.nanoTime() - KEPT.toNanos();

    /** @param source where to look them up; may block, and fail as the API does */
    PeerAddresses(Supplier<List<InetAddress>> source) {
        this.source = source;
    }

    /** Those of five seconds ago at most, or elder ones where they can't be looked up. May block. */
    synchronized List<InetAddress> present() {
        if (System.nanoTime() - lookedNanos >= KEPT.toNanos()) {
            try {
                known = source.get();
            } catch (KubernetesClientException e) {
                log.warn("where other gateways are can't be looked up: {}", e.getMessage());
            }
            lookedNanos = System.nanoTime();
        }
        return known;
    }
}
