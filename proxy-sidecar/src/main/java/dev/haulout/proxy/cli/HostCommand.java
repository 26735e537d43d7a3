package dev.haulout.proxy.cli;

import ch.qos.logback.classic.Level;
import dev.haulout.proxy.door.InheritedSockets;
import dev.haulout.proxy.door.Networks;
import dev.haulout.proxy.host.Host;
import dev.haulout.proxy.host.HostFailure;
import dev.haulout.proxy.host.HostOptions;
import dev.haulout.proxy.host.ServiceManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/** {@code haulout host}: keeps the doors of the instances in a folder of manifests. */
@Command(
        name = "host",
        description = {
            "Keeps the doors of the MariaDB instances described in a folder of manifests: wakes each when a client"
                    + " needs it and lets it sleep when none does.",
            "SIGHUP reads the folder and the certificate again; SIGTERM and Ctrl-C let statements finish"
                    + " and shut the databases down cleanly.",
            "Started by systemd it takes the sockets of its socket unit for the doors that have their addresses."
        },
        mixinStandardHelpOptions = true)
final class HostCommand implements Callable<Integer> {
    @Option(
            names = "--manifests",
            paramLabel = "DIR",
            required = true,
            description = "Folder of MariaDBInstance manifests, the same as for kubectl apply.")
    private Path manifests;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Where data and what is learnt of it live. Default: /var/lib/haulout for root, else"
                    + " ~/.local/state/haulout.")
    private Path state = HostOptions.usualState();

    @Option(
            names = "--metrics",
            paramLabel = "ADDRESS:PORT",
            description = "Serve Prometheus metrics there, at /metrics. Default: nowhere.")
    private String metrics;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "PEM certificate that the doors show, with those between it and an authority behind it; read"
                    + " anew when it changes. Default: one made by Haulout, which nobody vouches for.")
    private Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM key of --tls-certificate, not encrypted.")
    private Path tlsKey;

    @Option(
            names = "--proxy-protocol-networks",
            paramLabel = "NETWORK",
            split = ",",
            description = "Load balancers before the TCP doors whose PROXY headers (version 1 or 2) tell where clients"
                    + " are, such as 10.1.0.0/16. Default: none is believed.")
    private List<String> proxies = List.of();

    @Option(
            names = "--drain-seconds",
            paramLabel = "N",
            defaultValue = "${env:HAULOUT_DRAIN_SECONDS:-30}",
            description = "How long statements and transactions may go on after SIGTERM; 0 ends them at once"
                    + " (HAULOUT_DRAIN_SECONDS). Default: ${DEFAULT-VALUE}.")
    private int drainSeconds;

    @Option(names = "--check", description = "Only read the manifests and say what is wrong with them.")
    private boolean check;

    @Option(names = "--log-json", description = "Log in JSON.")
    private boolean json;

    @Option(names = "--verbose", description = "Log every login too.")
    private boolean verbose;

    @Override
    public Integer call() throws InterruptedException {
        Logging.setUp(json, verbose ? Level.DEBUG : Level.INFO);
        Logger log = LoggerFactory.getLogger("dev.haulout.host");
        if (check) {
            return report(Host.check(manifests));
        }
        Host host;
        try {
            host = Host.start(new HostOptions(
                    manifests,
                    state,
                    Addresses.parse("--metrics", metrics),
                    suppliedCertificate(),
                    Networks.parse(proxies),
                    InheritedSockets.ofThisProcess(),
                    Duration.ofSeconds(drainSeconds)));
        } catch (HostFailure e) {
            return report(e.lines());
        } catch (IOException | IllegalArgumentException e) {
            return report(List.of(e.getMessage()));
        }
        CountDownLatch stop = new CountDownLatch(1);
        Signal.handle(new Signal("HUP"), signal -> reload(host, log));
        Signal.handle(new Signal("TERM"), signal -> stop.countDown());
        Signal.handle(new Signal("INT"), signal -> stop.countDown());
        host.reportTo(ServiceManager.ofThisProcess());
        stop.await();
        log.info("stopping: sessions end between their statements, then servers shut down");
        host.stop();
        return 0;
    }

    private Optional<HostOptions.SuppliedCertificate> suppliedCertificate() {
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw new IllegalArgumentException("--tls-certificate and --tls-key go together: give both or neither");
        }
        return tlsCertificate == null
                ? Optional.empty()
                : Optional.of(new HostOptions.SuppliedCertificate(tlsCertificate, tlsKey));
    }

    private static void reload(Host host, Logger log) {
        Thread.ofVirtual().start(() -> {
            try {
                host.reload();
            } catch (HostFailure e) {
                e.lines().forEach(line -> log.error("not reloaded: {}", line));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static int report(List<String> lines) {
        lines.forEach(System.err::println);
        return lines.isEmpty() ? 0 : Main.MISUSE;
    }

    /** Addresses as options give them. */
    private static final class Addresses {
        private static Optional<InetSocketAddress> parse(String option, String text) {
            if (text == null) {
                return Optional.empty();
            }
            int colon = text.lastIndexOf(':');
            try {
                String address = text.substring(0, Math.max(colon, 0));
                return Optional.of(new InetSocketAddress(
                        address.replace("[", "").replace("]", ""), Integer.parseInt(text.substring(colon + 1))));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        option + " " + text + " is not an address; write one such as 127.0.0.1:9104", e);
            }
        }
    }
}
