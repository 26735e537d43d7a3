package dev.haulout.proxy.tunnel;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.Door;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.PortForward;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port of this machine's loopback that leads to an instance's door: each connection to whichever gateway is ready by then.
 * {@code kubectl port-forward} can't do it, as the instance's Service selects no pods.
 */
public final class Tunnel implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.connect");
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    private final KubernetesClient client;
    private final Goal goal;
    private final ServerSocketChannel listener;

    /**
     * Where it leads.
     *
     * @param release the namespace of the gateways
     * @param namespace the instance's
     * @param instance its name
     */
    public record Goal(String release, String namespace, String instance) {}

    private Tunnel(KubernetesClient client, Goal goal, ServerSocketChannel listener) {
        this.client = client;
        this.goal = goal;
        this.listener = listener;
    }

    /**
     * Opens it.
     *
     * @param port of the loopback, 0 for any that is free
     * @throws IOException when the port can't be had, or there is no way to that instance now
     */
    public static Tunnel open(KubernetesClient client, Goal goal, int port) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            Tunnel tunnel = new Tunnel(client, goal, listener);
            tunnel.door();
            tunnel.gateway();
            Thread.ofVirtual().name("haulout-connect").start(tunnel::accept);
            return tunnel;
        } catch (BindException e) {
            listener.close();
            throw new IOException("port " + port + " can't be had: " + e.getMessage() + "; give another --port", e);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** The port it listens on. */
    public int port() {
        return listener.socket().getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel visitor = listener.accept();
                Thread.ofVirtual().name("haulout-connection").start(() -> lead(visitor));
            }
        } catch (IOException closed) {
            // so is the tunnel
        }
    }

    private void lead(SocketChannel visitor) {
        try (visitor;
                PortForward forward = client.pods()
                        .inNamespace(goal.release())
                        .withName(gateway())
                        .portForward(door(), visitor, visitor)) {
            while (forward.isAlive() && visitor.isOpen()) {
                Thread.sleep(BETWEEN_LOOKS);
            }
            forward.getClientThrowables().forEach(fault -> log.debug("a connection broke", fault));
            forward.getServerThrowables().forEach(fault -> log.debug("a connection broke", fault));
        } catch (IOException e) {
            log.warn("{}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The port of the instance's door on every gateway. */
    private int door() throws IOException {
        MariaDBInstance instance;
        try {
            instance = client.resources(MariaDBInstance.class)
                    .inNamespace(goal.namespace())
                    .withName(goal.instance())
                    .get();
        } catch (KubernetesClientException e) {
            throw new IOException("the API does not tell of instances: " + e.getMessage(), e);
        }
        if (instance == null) {
            throw new IOException("there is no MariaDBInstance " + goal.instance() + " in namespace " + goal.namespace()
                    + "; kubectl get mariadbinstances -A lists them");
        }
        Door door = instance.getStatus() == null ? null : instance.getStatus().door();
        if (door == null || door.port() == null) {
            throw new IOException(goal.namespace() + "/" + goal.instance() + " has no door yet; kubectl describe"
                    + " mariadbinstance " + goal.instance() + " -n " + goal.namespace() + " says why");
        }
        return door.port();
    }

    private String gateway() throws IOException {
        List<Pod> pods;
        try {
            pods = client.pods()
                    .inNamespace(goal.release())
                    .withLabel("app.kubernetes.io/name", "haulout")
                    .withLabel("app.kubernetes.io/component", "gateway")
                    .list()
                    .getItems();
        } catch (KubernetesClientException e) {
            throw new IOException("the API does not tell of the gateways: " + e.getMessage(), e);
        }
        List<String> ready = pods.stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null && Readiness.isPodReady(pod))
                .map(pod -> pod.getMetadata().getName())
                .collect(Collectors.toList());
        if (ready.isEmpty()) {
            throw new IOException("no gateway is ready in namespace " + goal.release()
                    + "; name the release's with --release-namespace");
        }
        Collections.shuffle(ready);
        return ready.getFirst();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
