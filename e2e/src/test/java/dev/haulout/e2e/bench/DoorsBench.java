package dev.haulout.e2e.bench;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.host.AdminSocket;
import dev.haulout.proxy.host.HostOptions;
import dev.haulout.proxy.host.InstanceStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code haulout bench doors}: what instances cost that sleep. */
@Command(
        name = "doors",
        description = {
            "Opens the doors of many sleeping instances on one proxy: how long that takes from its start, how much"
                    + " memory it then has, and how much CPU it uses while nothing happens.",
            "At the end one instance is picked at random and gives a row, so the doors are real. Opens them twice:"
                    + " with nothing kept from before, and once more with what the first time left."
        },
        mixinStandardHelpOptions = true)
final class DoorsBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long BETWEEN_LOOKS = 100;
    private static final long BETWEEN_SAMPLES_NANOS = 1_000_000_000;
    private static final double AIM_MEGABYTES = 300;
    private static final double AIM_SECONDS = 20;

    @Option(names = "--instances", paramLabel = "N", description = "Sleeping instances. Default: ${DEFAULT-VALUE}.")
    private int instances = 10_000;

    @Option(
            names = "--idle",
            paramLabel = "SECONDS",
            description = "How long to watch memory and CPU while nothing happens. Default: ${DEFAULT-VALUE}.")
    private int idle = 10;

    private HostProcess host;

    /**
     * What was seen of one start.
     *
     * @param opening from the exec to the last door
     * @param megabytes the most resident memory while idle
     * @param cpu used while idle
     */
    private record Seen(Duration opening, double megabytes, Duration cpu) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (instances < 1 || idle < 1) {
            System.err.println("--instances and --idle must be at least 1");
            return 2;
        }
        System.out.println("bench doors: " + instances + " instances; " + Machine.describe());
        List<Seen> seen = new ArrayList<>();
        try (HostProcess prepared = HostProcess.prepare()) {
            host = prepared;
            for (int i = 1; i <= instances; i++) {
                manifest(String.format(Locale.ROOT, "db%05d", i));
            }
            System.out.println("manifests: " + instances + " like this one:");
            System.out.println(Files.readString(host.manifests().resolve("db00001.yaml"))
                    .indent(4)
                    .stripTrailing());
            seen.add(open("first start, nothing kept from before"));
            stop();
            seen.add(open("second start"));
            oneRow();
        }
        Seen worst = new Seen(
                seen.stream().map(Seen::opening).max(Duration::compareTo).orElseThrow(),
                seen.stream().mapToDouble(Seen::megabytes).max().orElseThrow(),
                seen.stream().map(Seen::cpu).max(Duration::compareTo).orElseThrow());
        System.out.printf(
                Locale.ROOT,
                "%d doors, the worse of both starts: open after %.1f s, %.2f of the aim (at most %.0f s); %.0f MB resident,"
                        + " %.2f of the aim (at most %.0f MB); %.2f s of CPU in %d s idle (aim: none)%n",
                instances,
                seconds(worst.opening),
                seconds(worst.opening) / AIM_SECONDS,
                AIM_SECONDS,
                worst.megabytes,
                worst.megabytes / AIM_MEGABYTES,
                AIM_MEGABYTES,
                seconds(worst.cpu),
                idle);
        return 0;
    }

    /** An instance without an address of its own: the proxy chooses its port. */
    private void manifest(String name) throws IOException {
        Files.writeString(host.manifests().resolve(name + ".yaml"), """
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: %1$s}
                spec:
                  database: app
                  user: app
                  passwordSecret: {name: %1$s}
                  sleep: {after: 1s}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: %1$s}
                stringData: {password: secret}
                """.formatted(name));
    }

    private Seen open(String which) throws IOException, InterruptedException {
        System.out.println(which + ":");
        long began = System.nanoTime();
        host.launch();
        RunningProcess proxy = new RunningProcess(host.process().pid());
        int doors = 0;
        long nextSample = began;
        while (doors < instances) {
            await(proxy, began);
            boolean sampled = System.nanoTime() - nextSample > 0;
            if (sampled || proxy.descriptors() >= instances) {
                doors = proxy.listening(host.metricsPort());
            }
            if (sampled) {
                sample(began, doors, proxy);
                nextSample += BETWEEN_SAMPLES_NANOS;
            }
        }
        Duration opening = Duration.ofNanos(System.nanoTime() - began);
        System.out.printf(
                Locale.ROOT,
                "  %d doors of process %d open after %.2f s and %.2f s of CPU%n",
                doors,
                proxy.pid(),
                seconds(opening),
                seconds(proxy.cpu()));
        System.out.println("  command: " + String.join(" ", BareServer.argumentsOf(proxy.pid())));
        System.out.println("  the same by hand: ss -Hltnp | grep -c pid=" + proxy.pid() + ", less one for metrics");
        awaitAllAsleep(proxy, began);
        return watch(opening, proxy);
    }

    private void await(RunningProcess proxy, long began) throws IOException, InterruptedException {
        if (!host.process().isAlive()) {
            throw new IOException("the proxy ended; its last lines:\n" + lastLines());
        }
        if (System.nanoTime() - began > PATIENCE.toNanos()) {
            throw new IOException("only " + proxy.listening(host.metricsPort()) + " doors after " + PATIENCE.toSeconds()
                    + " s; the proxy's last lines:\n" + lastLines());
        }
        Thread.sleep(BETWEEN_LOOKS);
    }

    private String lastLines() throws IOException {
        try (Stream<String> lines = Files.lines(host.log())) {
            return lines.collect(Collectors.collectingAndThen(
                    Collectors.toList(),
                    all -> String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()))));
        }
    }

    private static void sample(long began, int doors, RunningProcess proxy) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "  %5.1f s  %5d doors  VmRSS %4d MB  CPU %5.1f s%n",
                (System.nanoTime() - began) / 1e9,
                doors,
                proxy.kilobytes("VmRSS") / 1024,
                seconds(proxy.cpu()));
    }

    /** At first the proxy wakes one instance to learn what such a server greets with. */
    private void awaitAllAsleep(RunningProcess proxy, long began) throws IOException, InterruptedException {
        // not asked by status: that of thousands of instances would be measured along
        while (!host.serverPids().isEmpty() || !Files.readString(host.log()).contains(": asleep")) {
            await(proxy, began);
        }
        System.out.printf(Locale.ROOT, "  %5.1f s  all asleep%n", (System.nanoTime() - began) / 1e9);
    }

    private List<InstanceStatus> status() throws IOException {
        return AdminSocket.status(HostOptions.adminSocket(host.state()));
    }

    private Seen watch(Duration opening, RunningProcess proxy) throws IOException, InterruptedException {
        Duration cpuBefore = proxy.cpu();
        List<String> samples = new ArrayList<>();
        long most = 0;
        for (int second = 0; second < idle; second++) {
            Thread.sleep(1000);
            long kilobytes = proxy.kilobytes("VmRSS");
            most = Math.max(most, kilobytes);
            samples.add(Long.toString(kilobytes / 1024));
        }
        Duration cpu = proxy.cpu().minus(cpuBefore);
        System.out.println("  idle for " + idle + " s: VmRSS in MB, each second: " + String.join(" ", samples)
                + " (peak since its start: " + proxy.kilobytes("VmHWM") / 1024 + ")");
        System.out.printf(Locale.ROOT, "  utime+stime in those seconds: %.2f s%n", seconds(cpu));
        return new Seen(opening, most / 1024.0, cpu);
    }

    private void oneRow() throws IOException {
        List<InstanceStatus> all = status();
        InstanceStatus picked = all.get(new Random().nextInt(all.size()));
        String name = picked.name().substring(picked.name().indexOf('/') + 1);
        String address = picked.doors().getFirst();
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        long startsBefore = host.serverStarts(name);
        try (RawClient client = RawClient.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            client.login("app", "secret", "app");
            String row = client.query("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'app'");
            if (!row.equals("1")) {
                throw new IOException(picked.name() + " gave " + row + " instead of 1");
            }
        }
        System.out.println(
                "a client at " + address + " (" + picked.name() + ", picked at random) got its row; starts in"
                        + " the log of its server: " + (host.serverStarts(name) - startsBefore) + ", processes of it: "
                        + host.serverPids(name).size());
    }

    private void stop() throws InterruptedException {
        long began = System.nanoTime();
        host.process().destroy();
        host.process().waitFor();
        System.out.printf(Locale.ROOT, "  stopped by SIGTERM in %.1f s%n", (System.nanoTime() - began) / 1e9);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
