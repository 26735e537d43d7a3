package dev.haulout.proxy.host;

import dev.haulout.proxy.door.InheritedSockets;
import dev.haulout.proxy.door.Networks;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How {@code haulout host} was called.
 *
 * @param manifests the folder of manifests
 * @param state where instances, their data and what is learnt of them live
 * @param metrics where to serve metrics; empty for nowhere
 * @param tls the certificate that doors show; empty for one that is made
 * @param proxies whose PROXY headers the doors believe
 * @param sockets that doors take instead of opening their own
 * @param farewell how long statements and transactions may go on when it stops; zero ends sessions at once
 */
public record HostOptions(
        Path manifests,
        Path state,
        Optional<InetSocketAddress> metrics,
        Optional<SuppliedCertificate> tls,
        Networks proxies,
        InheritedSockets sockets,
        Duration farewell) {

    /**
     * Where a certificate lies.
     *
     * @param certificate PEM
     * @param key PEM
     */
    public record SuppliedCertificate(Path certificate, Path key) {}

    /** The socket by which {@code haulout status} and {@code haulout restart} ask. */
    public static Path adminSocket(Path state) {
        return state.resolve("haulout.sock");
    }

    /** Where state lives unless told otherwise. */
    public static Path usualState() {
        return System.getProperty("user.name").equals("root")
                ? Path.of("/var/lib/haulout")
                : Path.of(System.getProperty("user.home"), ".local", "state", "haulout");
    }
}
