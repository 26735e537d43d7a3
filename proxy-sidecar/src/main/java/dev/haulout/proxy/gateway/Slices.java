package dev.haulout.proxy.gateway;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The EndpointSlices by which clients come to gateways. */
final class Slices {
    private static final Logger log = LoggerFactory.getLogger(Slices.class);
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final String HAULOUT = "haulout";
    private static final String SERVICE = "kubernetes.io/service-name";

    /** Whoever may write slices decides whom the gateway calls: that is not to be without an end. */
    private static final int MOST_GATEWAYS = 32;

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /** How far nodes are behind what slices say (measured: 1.7 s, and 3.5 s where they have more to do than they can). */
    private static final Duration LAG_OF_NODES = Duration.ofSeconds(6);

    private final KubernetesClient client;
    private final GatewayOptions options;

    Slices(KubernetesClient client, GatewayOptions options) {
        this.client = client;
        this.options = options;
    }

    /**
     * Waits until none names this gateway's pod, that long at most, and then until nodes have heard of it too, so that no
     * new client comes. When slices ceased to name it is not known: often before it was itself told to stop.
     */
    void awaitUnnamed(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (isNamed()) {
                if (System.nanoTime() - deadline >= 0) {
                    log.warn(
                            "after {} s clients are still sent to this gateway, which stops nevertheless",
                            limit.toSeconds());
                    return;
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
        } catch (KubernetesClientException e) {
            log.warn("it can't be told whether clients are still sent to this gateway: {}", e.getMessage());
        }
        Thread.sleep(LAG_OF_NODES);
    }

    /**
     * The addresses of the other gateways that clients of this instance are sent to; one each, of the kind that this
     * gateway's own is of. Blocks.
     *
     * @throws KubernetesClientException when the API does not tell
     */
    List<InetAddress> others(InstanceKey instance) {
        InetAddress own = options.podAddress();
        return client
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(instance.namespace())
                .withLabel(MANAGED_BY, HAULOUT)
                .withLabel(SERVICE, instance.name())
                .list()
                .getItems()
                .stream()
                .flatMap(Slices::addresses)
                .map(InetAddress::ofLiteral)
                .filter(address -> address.getClass() == own.getClass() && !address.equals(own))
                .distinct()
                .limit(MOST_GATEWAYS)
                .toList();
    }

    private static Stream<String> addresses(EndpointSlice slice) {
        return slice.getEndpoints() == null || slice.getAddressType().equals("FQDN")
                ? Stream.of()
                : slice.getEndpoints().stream().flatMap(endpoint -> endpoint.getAddresses().stream());
    }

    private boolean isNamed() {
        String address = options.podAddress().getHostAddress();
        return all().flatMap(Slices::addresses).anyMatch(address::equals);
    }

    private Stream<EndpointSlice> all() {
        var slices = client.discovery().v1().endpointSlices();
        if (options.namespaces().isEmpty()) {
            return slices.inAnyNamespace().withLabel(MANAGED_BY, HAULOUT).list().getItems().stream();
        }
        return options.namespaces().stream()
                .map(namespace -> slices.inNamespace(namespace)
                        .withLabel(MANAGED_BY, HAULOUT)
                        .list()
                        .getItems())
                .flatMap(List::stream);
    }
}
