package dev.haulout.proxy.gateway;

import dev.haulout.proxy.door.Networks;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a gateway is set up.
 *
 * @param namespace the release's: where the Secrets with accounts and the gateways' Leases are
 * @param pod the gateway's own pod, by which it is known to the operator
 * @param podUid that pod's uid, by which its Lease goes with it; empty where it is not told
 * @param podAddress the pod's address, as EndpointSlices name it
 * @param namespaces whose instances it serves; empty for all
 * @param doors the address that doors listen on
 * @param announcements where pods announce themselves
 * @param peers where other gateways ask for sessions: the same port at all of them
 * @param http where {@code /metrics}, {@code /livez} and {@code /readyz} are served
 * @param certificates folder with {@code ca.crt}, {@code tls.crt} and {@code tls.key}: by whom servers are vouched for,
 *     and what the gateway shows them
 * @param doorCertificate folder with {@code tls.crt} and {@code tls.key} that doors show; empty for certificates that the
 *     release's authority vouches for
 * @param proxies whose PROXY headers the doors believe
 * @param serverPort the port servers listen on in their pods
 * @param farewell how long at most, when it stops, statements and transactions may go on
 */
public record GatewayOptions(
        String namespace,
        String pod,
        Optional<String> podUid,
        InetAddress podAddress,
        List<String> namespaces,
        InetAddress doors,
        InetSocketAddress announcements,
        InetSocketAddress peers,
        InetSocketAddress http,
        Path certificates,
        Optional<Path> doorCertificate,
        Networks proxies,
        int serverPort,
        Duration farewell) {
    /** The port MariaDB listens on. */
    public static final int SERVER_PORT = 3306;

    /** The port announcements come to. */
    public static final int ANNOUNCEMENT_PORT = 9307;

    /** The port gateways come to with what they have to ask each other. */
    public static final int PEER_PORT = 9309;
}
