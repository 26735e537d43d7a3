package dev.haulout.proxy.scripted;

import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.script.Cluster;
import dev.haulout.proxy.lua.script.Verdict;
import dev.haulout.proxy.session.Guide;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Surroundings;
import dev.haulout.proxy.wake.remote.RemoteInstances;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** The servers that scripts name, singly or in clusters. */
final class Nodes implements AutoCloseable {
    private final Surroundings surroundings;
    private final RemoteInstances instances;
    private final Map<Cluster, ClusterWatch> watches = new ConcurrentHashMap<>();

    Nodes(Surroundings surroundings, RemoteInstances instances) {
        this.surroundings = surroundings;
        this.instances = instances;
    }

    /** The way a client was led. */
    interface Led {
        /** To the first of these whose server can be reached. */
        List<Instance> instances();

        /** The client is logged in to that one. */
        void arrived(Instance instance, Guide.Visitor visitor);

        /** The client has gone. */
        void left(Guide.Visitor visitor);
    }

    /**
     * Where to lead a client.
     *
     * @param account chooses among a cluster's nodes
     * @param readOnly whether a node that is read-only is preferred
     */
    CompletionStage<Led> lead(Verdict.Target target, Optional<String> account, boolean readOnly) {
        return switch (target) {
            case Verdict.Target.Server server -> CompletableFuture.completedFuture(new Direct(at(server.address())));
            case Verdict.Target.Member member -> watch(member.cluster()).lead(account, readOnly);
        };
    }

    /** Begins to watch a cluster that is to be, rather than with its first client. */
    ClusterWatch watch(Cluster cluster) {
        return watches.computeIfAbsent(cluster, one -> new ClusterWatch(one, this, surroundings));
    }

    Instance at(Address address) {
        return instances.at(socketAddress(address));
    }

    /** As connections are made to it; an abstract socket's name begins with a NUL there. */
    static SocketAddress socketAddress(Address address) {
        if (!address.isLocal()) {
            return address.ip();
        }
        String name = address.local();
        return new DomainSocketAddress(name.startsWith("@") ? '\0' + name.substring(1) : name);
    }

    @Override
    public void close() {
        watches.values().forEach(ClusterWatch::close);
    }

    private record Direct(Instance instance) implements Led {
        @Override
        public List<Instance> instances() {
            return List.of(instance);
        }

        @Override
        public void arrived(Instance where, Guide.Visitor visitor) {}

        @Override
        public void left(Guide.Visitor visitor) {}
    }
}
