package dev.haulout.proxy.sidecar;

import dev.haulout.crd.ListenAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * What a sidecar is started with.
 *
 * @param listen its doors: loopback addresses and unix sockets
 * @param secret the folder in which the instance's Secret is mounted, see {@link ApplicationSecret}
 * @param http where {@code /livez}, {@code /readyz} and {@code /metrics} are served
 */
public record SidecarOptions(List<ListenAddress> listen, Path secret, InetSocketAddress http) {
    /** Where the Secret is mounted unless told otherwise. */
    public static final String USUAL_SECRET = "/haulout/app";

    /** Where it tells how it is unless told otherwise; an application beside it may well want 8080. */
    public static final int USUAL_HTTP_PORT = 9308;

    /** @throws IllegalArgumentException when a door would be open to others than the pod */
    public SidecarOptions {
        listen = List.copyOf(listen);
        for (ListenAddress address : listen) {
            if (address instanceof ListenAddress.Tcp tcp && !tcp.address().isLoopbackAddress()) {
                throw new IllegalArgumentException("--listen " + address
                        + " is open to others than this pod; a sidecar listens on loopback, such as 127.0.0.1:3306, or"
                        + " on a unix socket, such as unix:/run/haulout/mysql.sock");
            }
        }
    }
}
