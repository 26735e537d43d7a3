package dev.haulout.proxy.cli;

import ch.qos.logback.classic.Level;
import dev.haulout.crd.LeanSerialization;
import dev.haulout.proxy.door.Networks;
import dev.haulout.proxy.gateway.Gateway;
import dev.haulout.proxy.gateway.GatewayOptions;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/** {@code haulout gateway}: keeps the doors of the instances of a Kubernetes cluster. */
@Command(
        name = "gateway",
        description = {
            "Keeps the doors of the MariaDB instances of a Kubernetes cluster. It runs in a pod; each option can be given"
                    + " by the environment variable named with it.",
            "SIGTERM ends it once no clients are sent to it any more and no session runs a statement."
        },
        mixinStandardHelpOptions = true)
final class GatewayCommand implements Callable<Integer> {
    /** There wherever the kernel has IPv6; an address of IPv6 is then one of IPv4 too. */
    private static final Path IPV6 = Path.of("/proc/net/if_inet6");

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            required = true,
            defaultValue = "${env:POD_NAMESPACE}",
            description = "Where Haulout itself is installed (POD_NAMESPACE).")
    private String namespace;

    @Option(
            names = "--pod",
            paramLabel = "NAME",
            required = true,
            defaultValue = "${env:POD_NAME}",
            description = "This gateway's own pod (POD_NAME).")
    private String pod;

    @Option(
            names = "--pod-uid",
            paramLabel = "UID",
            defaultValue = "${env:POD_UID}",
            description = "The pod's uid: with the pod goes what the gateway has made (POD_UID).")
    private String podUid;

    @Option(
            names = "--pod-ip",
            paramLabel = "ADDRESS",
            required = true,
            defaultValue = "${env:POD_IP}",
            description = "The pod's address (POD_IP).")
    private InetAddress podIp;

    @Option(
            names = "--namespaces",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "${env:HAULOUT_NAMESPACES}",
            description = "Whose instances to serve; all with * or with none (HAULOUT_NAMESPACES).")
    private List<String> namespaces = List.of();

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            required = true,
            defaultValue = "${env:HAULOUT_TLS}",
            description = "Folder of ca.crt, tls.crt and tls.key (HAULOUT_TLS).")
    private Path tls;

    @Option(
            names = "--door-tls",
            paramLabel = "DIR",
            defaultValue = "${env:HAULOUT_DOOR_TLS}",
            description = "Folder of tls.crt and tls.key that doors show to clients, read anew when they change"
                    + " (HAULOUT_DOOR_TLS). Default: certificates that the release's own authority vouches for.")
    private Path doorTls;

    @Option(
            names = "--proxy-protocol-networks",
            paramLabel = "NETWORK",
            split = ",",
            defaultValue = "${env:HAULOUT_PROXY_PROTOCOL_NETWORKS}",
            description = "Load balancers before the doors whose PROXY headers (version 1 or 2) tell where clients are,"
                    + " such as 10.1.0.0/16 (HAULOUT_PROXY_PROTOCOL_NETWORKS). Default: none is believed.")
    private List<String> proxies = List.of();

    @Option(names = "--listen", paramLabel = "ADDRESS", description = "The address to listen at. Default: all of them.")
    private InetAddress listen = InetAddress.ofLiteral(Files.exists(IPV6) ? "::" : "0.0.0.0");

    @Option(
            names = "--announce-port",
            paramLabel = "PORT",
            defaultValue = "${env:HAULOUT_ANNOUNCE_PORT:-" + GatewayOptions.ANNOUNCEMENT_PORT + "}",
            description = "Where pods announce themselves (HAULOUT_ANNOUNCE_PORT).")
    private int announcePort;

    @Option(
            names = "--peer-port",
            paramLabel = "PORT",
            defaultValue = "${env:HAULOUT_PEER_PORT:-" + GatewayOptions.PEER_PORT + "}",
            description = "Where other gateways ask for sessions that a KILL names, the same at all of them"
                    + " (HAULOUT_PEER_PORT).")
    private int peerPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "${env:HAULOUT_HTTP_PORT:-8080}",
            description = "Where /metrics, /livez and /readyz are served (HAULOUT_HTTP_PORT).")
    private int httpPort;

    @Option(
            names = "--drain-seconds",
            paramLabel = "N",
            defaultValue = "${env:HAULOUT_DRAIN_SECONDS:-30}",
            description = "How long statements and transactions may go on after SIGTERM (HAULOUT_DRAIN_SECONDS).")
    private int drainSeconds;

    @Option(names = "--log-json", description = "Log in JSON.")
    private boolean json;

    @Option(names = "--verbose", description = "Log every login too.")
    private boolean verbose;

    @Override
    public Integer call() throws InterruptedException {
        Logging.setUp(json, verbose ? Level.DEBUG : Level.INFO);
        Logger log = LoggerFactory.getLogger("dev.haulout.gateway");
        try (KubernetesClient client = client()) {
            Gateway gateway = Gateway.start(options(), client);
            CountDownLatch stop = new CountDownLatch(1);
            Signal.handle(new Signal("TERM"), signal -> stop.countDown());
            Signal.handle(new Signal("INT"), signal -> stop.countDown());
            stop.await();
            log.info("stopping: sessions end between their statements");
            gateway.stop();
            return 0;
        } catch (IOException e) {
            System.err.println(e.getMessage());
            return Main.MISUSE;
        }
    }

    /** What fails is tried again by whoever needs it, who knows whether it still does. */
    private static KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withKubernetesSerialization(LeanSerialization.keepingOnlyMetadataOf())
                .withConfig(new ConfigBuilder()
                        .withRequestRetryBackoffLimit(0)
                        .withRequestTimeout(5_000)
                        .build())
                .build();
    }

    private GatewayOptions options() {
        return new GatewayOptions(
                namespace,
                pod,
                Optional.ofNullable(podUid).filter(uid -> !uid.isEmpty()),
                podIp,
                namespaces.stream()
                        .filter(name -> !name.isEmpty() && !name.equals("*"))
                        .toList(),
                listen,
                new InetSocketAddress(listen, announcePort),
                new InetSocketAddress(listen, peerPort),
                new InetSocketAddress(listen, httpPort),
                tls,
                Optional.ofNullable(doorTls),
                proxies(),
                GatewayOptions.SERVER_PORT,
                Duration.ofSeconds(drainSeconds));
    }

    private Networks proxies() {
        try {
            return Networks.parse(
                    proxies.stream().filter(network -> !network.isEmpty()).toList());
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(
                    new CommandLine(this), "--proxy-protocol-networks: " + e.getMessage(), e);
        }
    }
}
