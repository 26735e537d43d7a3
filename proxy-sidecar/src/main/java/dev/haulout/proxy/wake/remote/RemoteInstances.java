package dev.haulout.proxy.wake.remote;

import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.durable.NoShelf;
import dev.haulout.proxy.sql.KeepAlives;
import dev.haulout.proxy.wake.Director;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.InstanceSettings;
import dev.haulout.proxy.wake.Keeper;
import dev.haulout.proxy.wake.Learned;
import dev.haulout.proxy.wake.ServerIdentity;
import dev.haulout.proxy.wake.SharedIdentities;
import dev.haulout.proxy.wake.Surroundings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Servers that somebody else runs, by address: they neither wake nor sleep, and decide every login themselves. */
public final class RemoteInstances {
    private static final Duration NEVER = Duration.ofDays(365);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Surroundings surroundings;
    private final ServerIdentity identity;
    private final Map<SocketAddress, Instance> byAddress = new ConcurrentHashMap<>();

    /** @param identity what their servers are taken for; what clients may agree on with the door goes by it */
    public RemoteInstances(Surroundings surroundings, ServerIdentity identity) {
        this.surroundings = surroundings;
        this.identity = identity;
    }

    /** The one at that address, resolved. */
    public Instance at(SocketAddress address) {
        return byAddress.computeIfAbsent(address, where -> make(where.toString(), where));
    }

    /** Those that were asked for. */
    public Collection<Instance> all() {
        return byAddress.values();
    }

    /** What stands behind a door whose clients are led elsewhere. */
    public Instance nowhere(String name) {
        return make(name, new InetSocketAddress(0));
    }

    private Instance make(String name, SocketAddress address) {
        try {
            Learned learned = new Learned(
                    new NoShelf(), identity, SharedIdentities.ofOneInstance(), AccountBook::empty, Optional::empty);
            return new Instance(
                    surroundings,
                    new InstanceSettings(name, NEVER, PATIENCE, NEVER, true, Set.of(), KeepAlives.NONE),
                    new RemoteWaker(address),
                    learned,
                    new NobodyDecides());
        } catch (IOException e) {
            throw new IllegalStateException("nothing is read from an empty shelf", e);
        }
    }

    /** When such a server sleeps is no affair of ours. */
    private static final class NobodyDecides implements Director {
        @Override
        public void idle() {}

        @Override
        public void wanted(String why) {}

        @Override
        public void keptBy(Keeper keeper) {}
    }
}
