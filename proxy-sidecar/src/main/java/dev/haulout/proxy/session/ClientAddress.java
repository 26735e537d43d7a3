package dev.haulout.proxy.session;

import dev.haulout.proxy.account.ClientHost;
import dev.haulout.proxy.backend.ProxyHeader;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;

/** Where a client connected from. */
public sealed interface ClientAddress {
    /** Of an IPv6 address, those that one customer shares with nobody (RFC 6177). */
    int CUSTOMERS_BYTES = 8;

    /** As it stands in logs. */
    String text();

    /** As accounts see it. */
    ClientHost host();

    /**
     * Whom limits count it to: the address, of IPv6 the network of 64 bits that one customer usually has whole, else the
     * machine itself.
     */
    String source();

    /** How a server is told of it; null where it needs no telling. */
    ProxyHeader proxyHeader();

    /** Whether nothing it says passes a network. */
    boolean isOnThisHost();

    /** The name of the operating system's user at the other end, where that can be known. */
    Optional<String> osUser();

    /**
     * Over TCP.
     *
     * @param client its address
     * @param door the address it connected to
     */
    record Tcp(InetSocketAddress client, InetSocketAddress door) implements ClientAddress {
        @Override
        public String text() {
            return client.getAddress().getHostAddress() + ":" + client.getPort();
        }

        @Override
        public ClientHost host() {
            return ClientHost.of(client.getAddress());
        }

        @Override
        public boolean isOnThisHost() {
            return client.getAddress().isLoopbackAddress();
        }

        @Override
        public String source() {
            if (client.getAddress() instanceof Inet6Address six) {
                return HexFormat.of().formatHex(six.getAddress(), 0, CUSTOMERS_BYTES) + "/64";
            }
            return host().text();
        }

        @Override
        public ProxyHeader proxyHeader() {
            return new ProxyHeader(client, door);
        }

        @Override
        public Optional<String> osUser() {
            return Optional.empty();
        }
    }

    /**
     * Over a unix socket.
     *
     * @param uid of the peer
     * @param gid of the peer
     * @param pid of the peer
     * @param osUser the user's name, empty when the uid has none
     */
    record Unix(int uid, int gid, int pid, Optional<String> osUser) implements ClientAddress {
        @Override
        public String text() {
            return "unix:pid=" + pid + ",uid=" + uid;
        }

        @Override
        public ClientHost host() {
            return ClientHost.ofUnixSocket();
        }

        @Override
        public boolean isOnThisHost() {
            return true;
        }

        @Override
        public String source() {
            return host().text();
        }

        @Override
        public ProxyHeader proxyHeader() {
            return null;
        }
    }
}
