package dev.haulout.proxy.cli;

import ch.qos.logback.classic.Level;
import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.sidecar.Sidecar;
import dev.haulout.proxy.sidecar.SidecarOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/** {@code haulout sidecar}: keeps the door of one instance beside the application that uses it. */
@Command(
        name = "sidecar",
        description = {
            "Keeps the door of one instance in the pod of the application that uses it, on loopback or a unix socket."
                    + " Logins and keep-alives it answers itself; the first statement goes to a gateway, which wakes the"
                    + " instance. Sessions outlive the gateway they use.",
            "It knows what the mounted Secret of the application says, reads it again when it changes, and needs no"
                    + " Kubernetes credentials. SIGTERM ends it once no session runs a statement."
        },
        mixinStandardHelpOptions = true)
final class SidecarCommand implements Callable<Integer> {
    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description =
                    "A loopback address with its port, or unix:PATH; may be given several times. A socket gets mode"
                            + " 0666. Default: ${DEFAULT-VALUE}.",
            defaultValue = "127.0.0.1:3306")
    private List<String> listen;

    @Option(
            names = "--instance",
            paramLabel = "DIR",
            description = "Where the instance's Secret NAME-app is mounted: host, port, user, password and database."
                    + " Default: ${DEFAULT-VALUE}.",
            defaultValue = SidecarOptions.USUAL_SECRET)
    private Path secret;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Where /livez, /readyz and /metrics are served, for probes. Default: ${DEFAULT-VALUE}.",
            defaultValue = "" + SidecarOptions.USUAL_HTTP_PORT)
    private int httpPort;

    @Option(names = "--log-json", description = "Log in JSON.")
    private boolean json;

    @Option(names = "--verbose", description = "Log every login too.")
    private boolean verbose;

    @Override
    public Integer call() throws InterruptedException {
        Logging.setUp(json, verbose ? Level.DEBUG : Level.INFO);
        Logger log = LoggerFactory.getLogger("dev.haulout.sidecar");
        Sidecar sidecar;
        try {
            sidecar = new Sidecar(new SidecarOptions(
                    listen.stream().map(ListenAddress::parse).toList(), secret, new InetSocketAddress(httpPort)));
        } catch (IOException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return Main.MISUSE;
        }
        Thread main = Thread.currentThread();
        Signal.handle(new Signal("TERM"), signal -> main.interrupt());
        Signal.handle(new Signal("INT"), signal -> main.interrupt());
        int status = 0;
        try {
            sidecar.open();
            new CountDownLatch(1).await();
        } catch (InterruptedException asked) {
            log.info("stopping: statements may finish");
        } catch (IOException e) {
            System.err.println(e.getMessage());
            status = Main.MISUSE;
        }
        sidecar.stop();
        return status;
    }
}
