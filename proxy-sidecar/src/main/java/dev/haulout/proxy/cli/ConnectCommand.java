package dev.haulout.proxy.cli;

import ch.qos.logback.classic.Level;
import dev.haulout.proxy.tunnel.Tunnel;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sun.misc.Signal;

/** {@code haulout connect}: an instance's door on this machine. */
@Command(
        name = "connect",
        description = "Opens a port of this machine that leads to an instance on the Kubernetes that KUBECONFIG names,"
                + " until Ctrl-C. Connecting wakes it as any client does. You need the right to read the instance and"
                + " the gateways' pods, and to create pods/portforward where these are.",
        mixinStandardHelpOptions = true)
final class ConnectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "[NAMESPACE/]NAME", description = "The instance; without a namespace in the present one.")
    private String instance;

    @Option(names = "--port", paramLabel = "PORT", description = "The port; without it any that is free.")
    private int port;

    @Option(
            names = "--release-namespace",
            paramLabel = "NAMESPACE",
            description = "Where the gateways are. Default: ${DEFAULT-VALUE}.")
    private String release = "haulout-system";

    @Override
    public Integer call() throws InterruptedException {
        Logging.setUp(false, Level.WARN);
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            int slash = instance.indexOf('/');
            String namespace = slash < 0 ? client.getNamespace() : instance.substring(0, slash);
            Tunnel.Goal goal =
                    new Tunnel.Goal(release, namespace == null ? "default" : namespace, instance.substring(slash + 1));
            CountDownLatch end = new CountDownLatch(1);
            Signal.handle(new Signal("INT"), signal -> end.countDown());
            Signal.handle(new Signal("TERM"), signal -> end.countDown());
            try (Tunnel tunnel = Tunnel.open(client, goal, port)) {
                System.out.println(goal.namespace() + "/" + goal.instance() + " is at 127.0.0.1:" + tunnel.port()
                        + ", until Ctrl-C. For example:");
                System.out.println("  mariadb -h 127.0.0.1 -P " + tunnel.port() + " -u USER -p");
                end.await();
            }
            return 0;
        } catch (IOException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }
}
