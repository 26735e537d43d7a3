package dev.haulout.operator.server;

import dev.haulout.operator.desired.ServerSql;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.backend.ServerTrust;
import dev.haulout.proxy.backend.SqlException;
import dev.haulout.proxy.durable.Shelf;
import dev.haulout.proxy.wake.Keeper;
import dev.haulout.proxy.wake.Learned;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServerIdentity;
import dev.haulout.proxy.wake.ServerWatch;
import dev.haulout.proxy.wake.ServiceAccount;
import dev.haulout.proxy.wake.SharedIdentities;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Servers over SQL, by the account {@code haulout} and the operator's client certificate. A connection lives no longer
 * than what it is for: none is left that would count as somebody's use of the server.
 */
public final class SqlServers implements Servers, AutoCloseable {
    private static final int PORT = 3306;
    private static final ServiceAccount ACCOUNT = new ServiceAccount(ServerSql.OPERATOR, "");

    /** MariaDB's own default, and what utf8mb4_general_ci is on the wire. */
    private static final int MAX_CONNECTIONS = 151;

    private static final int UTF8MB4_GENERAL_CI = 45;

    private final ServerTrust trust;
    private final int port;
    private final Shelves shelves;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    /**
     * @param namespace the release's, where Secrets with what was learnt lie
     * @param trust by which servers are known, with the operator's own certificate
     */
    public SqlServers(KubernetesClient client, String namespace, ServerTrust trust) {
        this(trust, PORT, new SecretShelves(client, namespace));
    }

    SqlServers(ServerTrust trust, int port, Shelves shelves) {
        this.trust = trust;
        this.port = port;
        this.shelves = shelves;
    }

    /** Where what is learnt is kept, by the instance's uid. */
    interface Shelves {
        Shelf of(String uid);

        void remove(String uid) throws IOException;
    }

    private record SecretShelves(KubernetesClient client, String namespace) implements Shelves {
        @Override
        public SecretShelf of(String uid) {
            return new SecretShelf(client, namespace, uid);
        }

        @Override
        public void remove(String uid) throws IOException {
            of(uid).remove();
        }
    }

    @Override
    public String answer(ServerAt server) throws IOException, InterruptedException {
        try (ServerWatch watch = open(server)) {
            learned(server).learn(watch);
            return watch.query("SELECT @@version").getFirst().getFirst();
        }
    }

    @Override
    public void trust(ServerAt server, Collection<String> addresses) throws IOException, InterruptedException {
        try (ServerWatch watch = open(server)) {
            trust(watch, addresses);
        }
    }

    private static void trust(ServerWatch watch, Collection<String> addresses)
            throws IOException, InterruptedException {
        watch.query("SET GLOBAL proxy_protocol_networks = '" + String.join(",", addresses) + "'");
    }

    /** The fence comes first: who is not to be seen after it has no way in any more. */
    @Override
    public Asked ask(ServerAt server, Set<String> ignoredUsers) throws IOException, InterruptedException {
        Set<String> ignored = new HashSet<>(ignoredUsers);
        ignored.add(ServerSql.OPERATOR); // an earlier connection of ours may still be listed for a moment
        ignored.add(ServerSql.GATEWAY); // by which gateways learn accounts, and nobody's work is done
        try (ServerWatch watch = open(server)) {
            trust(watch, Set.of());
            Optional<Keeper> busy = watch.otherUse(Set.of(), ignored);
            if (busy.isPresent()) {
                return new Asked(busy.map(Keeper::text), Map.of(), Optional.empty());
            }
            Learned learned = learned(server);
            learned.learnFinally(watch);
            busy = watch.otherUse(Set.of(), ignored); // who came round the gateways meanwhile may have changed it
            if (busy.isEmpty()) {
                learned.settle();
            }
            return new Asked(busy.map(Keeper::text), withoutOurs(learned.changedGlobals()), watch.nextEvent());
        }
    }

    /** The fence is ours and is not to be set again at the next start. */
    private static Map<String, String> withoutOurs(Map<String, String> changed) {
        Map<String, String> others = new TreeMap<>(changed);
        others.remove("proxy_protocol_networks");
        return others;
    }

    @Override
    public void shutDown(ServerAt server) throws IOException, InterruptedException {
        try (ServerWatch watch = open(server)) {
            watch.shutdown();
        } catch (SqlException e) {
            throw e;
        } catch (IOException e) {
            if (isReachable(server)) {
                throw e;
            }
            // it ended before its answer had come
        }
    }

    private boolean isReachable(ServerAt server) throws InterruptedException {
        try (ServerWatch _ = open(server)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void forget(String instance) throws IOException {
        shelves.remove(instance);
    }

    private ServerWatch open(ServerAt server) throws IOException, InterruptedException {
        return ServerWatch.open(
                loops.next(),
                new PodServer(new InetSocketAddress(server.ip(), port), trust.instance(server.instance())));
    }

    private Learned learned(ServerAt server) throws IOException {
        return new Learned(
                shelves.of(server.instance()),
                new ServerIdentity("", 0, UTF8MB4_GENERAL_CI, Map.of(), MAX_CONNECTIONS, server.configuration()),
                SharedIdentities.ofOneInstance(),
                AccountBook::empty,
                Optional::empty);
    }

    @Override
    public void close() {
        var _ = loops.shutdownGracefully();
    }

    /** A server in a pod. Its end is seen by the pod's status, not here. */
    private record PodServer(InetSocketAddress where, BackendTls ours) implements Server {
        @Override
        public SocketAddress address() {
            return where;
        }

        @Override
        public Optional<BackendTls> tls() {
            return Optional.of(ours);
        }

        @Override
        public Optional<ServiceAccount> serviceAccount() {
            return Optional.of(ACCOUNT);
        }

        @Override
        public CompletionStage<String> ended() {
            return new CompletableFuture<>();
        }
    }
}
