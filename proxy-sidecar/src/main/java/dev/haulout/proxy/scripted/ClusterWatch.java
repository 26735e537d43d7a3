package dev.haulout.proxy.scripted;

import dev.haulout.proxy.backend.Probe;
import dev.haulout.proxy.backend.ServiceConnection;
import dev.haulout.proxy.backend.SqlException;
import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.script.Cluster;
import dev.haulout.proxy.lua.script.Cluster.NodeState;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.session.Guide;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Surroundings;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of a cluster's nodes. Where it is monitored each is probed at once and then every 20 s; clients wait until
 * one is alive or all were probed once.
 */
final class ClusterWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.script");
    private static final Duration BETWEEN_PROBES = Duration.ofSeconds(20);
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(10);
    private static final SqlError UNAVAILABLE = new SqlError(1047, "08S01", "Node is unavailable");

    private final Cluster cluster;
    private final Nodes nodes;
    private final Surroundings surroundings;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final Map<Address, NodeState> states = new ConcurrentHashMap<>();
    private final Map<Guide.Visitor, Address> visitors = new ConcurrentHashMap<>();
    private final List<Thread> probing;

    ClusterWatch(Cluster cluster, Nodes nodes, Surroundings surroundings) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.surroundings = surroundings;
        if (cluster.options().monitoring()) {
            this.probing = cluster.nodes().stream()
                    .distinct()
                    .map(node -> Thread.ofVirtual().name("haulout-probe").start(() -> probeOnAndOn(node)))
                    .toList();
        } else {
            this.probing = List.of();
            ready.complete(null);
        }
    }

    /** The state of a node; unknown before its first probe, and for ever where nobody probes. */
    NodeState state(Address node) {
        return states.getOrDefault(node, NodeState.UNKNOWN);
    }

    /** Where a client is to be led, once that can be said. */
    CompletionStage<Nodes.Led> lead(Optional<String> account, boolean readOnly) {
        return ready.thenApply(known -> {
            Map<Instance, Address> order = new java.util.LinkedHashMap<>();
            for (Address node : cluster.order(account, this::state, readOnly)) {
                order.putIfAbsent(nodes.at(node), node);
            }
            return new Way(order, readOnly);
        });
    }

    private final class Way implements Nodes.Led {
        private final Map<Instance, Address> order;
        private final boolean readOnly;

        Way(Map<Instance, Address> order, boolean readOnly) {
            this.order = order;
            this.readOnly = readOnly;
        }

        @Override
        public List<Instance> instances() {
            return List.copyOf(order.keySet());
        }

        @Override
        public void arrived(Instance instance, Guide.Visitor visitor) {
            if (cluster.options().disconnectUnavailable() && !readOnly) {
                visitors.put(visitor, order.get(instance));
                disconnectFromTheWorse();
            }
        }

        @Override
        public void left(Guide.Visitor visitor) {
            visitors.remove(visitor);
        }
    }

    private void probeOnAndOn(Address node) {
        try {
            while (true) {
                learn(node, probe(node));
                Thread.sleep(BETWEEN_PROBES);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void learn(Address node, NodeState state) {
        NodeState before = states.put(node, state);
        if (before != state) {
            log.atInfo().addKeyValue("node", node).log("{} is {}", node.tojstring(), state);
        }
        if (state == NodeState.ALIVE || states.size() == probing.size()) {
            ready.complete(null);
        }
        if (before != state) {
            disconnectFromTheWorse();
        }
    }

    private void disconnectFromTheWorse() {
        NodeState best = states.values().stream().max(NodeState::compareTo).orElse(NodeState.UNKNOWN);
        Map<Guide.Visitor, Address> present = new HashMap<>(visitors);
        present.forEach((visitor, node) -> {
            if (state(node).compareTo(best) < 0 && visitors.remove(visitor, node)) {
                visitor.end(Optional.of(UNAVAILABLE));
            }
        });
    }

    private NodeState probe(Address node) throws InterruptedException {
        SocketAddress address = Nodes.socketAddress(node);
        Optional<String> user = cluster.options().user();
        try {
            if (user.isEmpty()) {
                Probe.greeting(surroundings.loops().next(), address, false, PROBE_LIMIT);
                return NodeState.ALIVE;
            }
            try (ServiceConnection connection = ServiceConnection.open(
                    surroundings.loops().next(),
                    address,
                    Optional.empty(),
                    user.get(),
                    cluster.options().password().orElse(""),
                    PROBE_LIMIT)) {
                return cluster.options().noReadOnly() ? readOnlyOr(connection) : NodeState.ALIVE;
            }
        } catch (IOException e) {
            log.atDebug().addKeyValue("node", node).log("probing {}: {}", node.tojstring(), e.getMessage());
            return isRefusal(e) ? NodeState.AUTH_FAILED : NodeState.DEAD;
        }
    }

    private static NodeState readOnlyOr(ServiceConnection connection) throws IOException, InterruptedException {
        String readOnly =
                connection.query("SELECT @@global.read_only").getFirst().getFirst();
        return switch (readOnly) {
            case "0" -> NodeState.ALIVE;
            case "1" -> NodeState.READ_ONLY;
            default -> NodeState.DEAD;
        };
    }

    private static boolean isRefusal(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SqlException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        probing.forEach(Thread::interrupt);
    }
}
