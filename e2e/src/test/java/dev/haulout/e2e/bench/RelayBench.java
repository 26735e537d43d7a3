package dev.haulout.e2e.bench;

import dev.haulout.e2e.HostProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code haulout bench relay}: what a statement costs that passes a door, beside HAProxy. */
@Command(
        name = "relay",
        description = {
            "Runs the same statements on the same server in three ways, in turns: through the door, through HAProxy in"
                    + " TCP mode, and directly by the server's unix socket, which both relay to.",
            "Needs the Debian packages sysbench and haproxy. Takes about 7 minutes; --seconds, --rounds and --only make"
                    + " it shorter."
        },
        mixinStandardHelpOptions = true)
final class RelayBench implements Callable<Integer> {
    private static final String INSTANCE = "relay";
    private static final int ROWS = 100_000;
    private static final int LATENCY_BATCH = 250;

    /** The first round lasts so many times longer: until then Java has compiled what it will. */
    private static final int WARM_UP = 3;

    private static final double AIM_MEGABYTES = 64;
    private static final double AIM_MICROS = 2;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds that count. Default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long each load runs in each way, each round. Default: ${DEFAULT-VALUE}.")
    private int seconds = 4;

    @Option(names = "--threads", paramLabel = "N", description = "Clients of a load. Default: ${DEFAULT-VALUE}.")
    private int threads = 16;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            description = "Idle sessions to measure the memory of; 0 leaves it out. Default: ${DEFAULT-VALUE}.")
    private int sessions = 1000;

    @Option(
            names = "--only",
            paramLabel = "LOAD",
            split = ",",
            description = "Only these loads. Default: ${DEFAULT-VALUE}.",
            defaultValue = "point-select,text-select,read-write,bulk,blob,latency",
            converter = Load.ByLabel.class)
    private List<Load> loads;

    private final Map<Load, Map<Way, Samples>> speed = new EnumMap<>(Load.class);
    private final Map<Load, Map<Way, Samples>> cost = new EnumMap<>(Load.class);
    private final Map<Way, SocketAddress> addresses = new EnumMap<>(Way.class);
    private final Map<Way, RunningProcess> processes = new EnumMap<>(Way.class);
    private final List<String> results = new ArrayList<>();
    private HostProcess host;
    private int lasting;

    /** How a statement gets to the server. */
    private enum Way {
        DOOR,
        HAPROXY,
        DIRECT
    }

    /** What is said to the server. */
    enum Load {
        /** Prepared by sysbench, one row by its key. */
        POINT_SELECT(new Sysbench("oltp_point_select", List.of()), ""),
        /** The same as text. */
        TEXT_SELECT(new Sysbench("oltp_point_select", List.of("--db-ps-mode=disable")), ""),
        /** Transactions of 20 statements. */
        READ_WRITE(new Sysbench("oltp_read_write", List.of()), ""),
        /** Result sets of 20,000 rows of 200 bytes. */
        BULK(null, "SELECT REPEAT('x', 200) FROM seq_1_to_20000"),
        /** Rows of a megabyte. */
        BLOB(null, "SELECT REPEAT('x', 1000000) FROM seq_1_to_8"),
        /** One client, one statement after the other. */
        LATENCY(null, "SELECT c FROM sbtest1 WHERE id = 5000");

        private final Sysbench sysbench;
        private final String query;

        Load(Sysbench sysbench, String query) {
            this.sysbench = sysbench;
            this.query = query;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Reads a label. */
        static final class ByLabel implements CommandLine.ITypeConverter<Load> {
            @Override
            public Load convert(String label) {
                return Arrays.stream(values())
                        .filter(load -> load.label().equals(label))
                        .findFirst()
                        .orElseThrow(() -> new CommandLine.TypeConversionException("there is no load " + label));
            }
        }

        String unit() {
            return switch (this) {
                case POINT_SELECT, TEXT_SELECT, READ_WRITE -> "statements/s";
                case BULK, BLOB -> "MB/s";
                case LATENCY -> "us, median";
            };
        }

        String costUnit() {
            return this == BULK || this == BLOB ? "us of CPU per MB" : "us of CPU per statement";
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1 || seconds < 1 || threads < 1 || sessions < 0) {
            System.err.println("--rounds, --seconds and --threads must be at least 1, and --sessions at least 0");
            return 2;
        }
        for (String program : List.of("sysbench", "haproxy")) {
            if (!isInstalled(program)) {
                System.err.println(program + " is not installed; install the package " + program + ", on Debian by:"
                        + " apt-get install " + program);
                return 1;
            }
        }
        System.out.println("bench relay: " + rounds + " rounds; " + Machine.describe());
        InetSocketAddress door = local(HostProcess.freePort());
        InetSocketAddress relay = local(HostProcess.freePort());
        try (HostProcess prepared = HostProcess.prepare()) {
            host = prepared.instance(INSTANCE, door.getPort(), spec("1h")).start();
            addresses.put(Way.DOOR, door);
            processes.put(Way.DOOR, new RunningProcess(host.process().pid()));
            Path socket = wake();
            addresses.put(Way.DIRECT, UnixDomainSocketAddress.of(socket));
            new Sysbench("oltp_read_write", List.of()).prepare(addresses.get(Way.DIRECT), ROWS);
            try (HaProxy haproxy = HaProxy.start(host.manifests().getParent(), relay, socket)) {
                addresses.put(Way.HAPROXY, relay);
                processes.put(Way.HAPROXY, haproxy.process());
                if (sessions > 0) {
                    memory();
                }
                measure();
            }
        }
        for (Load load : loads) {
            result(load);
        }
        results.forEach(System.out::println);
        return 0;
    }

    private String[] spec(String sleepAfter) {
        return new String[] {"  sleep: {after: " + sleepAfter + "}", "  myCnf: max_connections = " + (sessions + 200)};
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    static boolean isInstalled(String program) {
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** Wakes the server and tells where its socket is. */
    private Path wake() throws IOException {
        try (RawClient client = client(Way.DOOR)) {
            client.query("SELECT COUNT(*) FROM information_schema.schemata");
        }
        List<String> arguments =
                BareServer.argumentsOf(host.serverPids(INSTANCE).getFirst());
        System.out.println("proxy:   "
                + String.join(
                        " ", BareServer.argumentsOf(processes.get(Way.DOOR).pid())));
        System.out.println("server:  " + String.join(" ", arguments));
        return BareServer.socketIn(arguments).getPath();
    }

    private RawClient client(Way way) throws IOException {
        RawClient client = RawClient.connect(addresses.get(way));
        client.login("app", "secret", "app");
        return client;
    }

    // ------------------------------------------------------------ memory

    private void memory() throws IOException, InterruptedException {
        System.out.println(sessions + " sessions, each of which has run a statement; VmRSS in MB, each second:");
        Map<Way, Double> megabytes = new EnumMap<>(Way.class);
        for (Way way : List.of(Way.HAPROXY, Way.DOOR)) {
            megabytes.put(way, memory(way));
        }
        results.add(String.format(
                Locale.ROOT,
                "%d idle sessions: %.0f MB resident, %.2f of the aim (at most %.0f MB); HAProxy %.0f MB",
                sessions,
                megabytes.get(Way.DOOR),
                megabytes.get(Way.DOOR) / AIM_MEGABYTES,
                AIM_MEGABYTES,
                megabytes.get(Way.HAPROXY)));
    }

    private double memory(Way way) throws IOException, InterruptedException {
        long before = processes.get(way).kilobytes("VmRSS");
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < sessions; i++) {
                clients.add(client(way));
                clients.getLast().query(Load.LATENCY.query);
            }
            double idle = resident(way, before, "with a connection each to the server");
            if (way == Way.DOOR) {
                host.instance(INSTANCE, ((InetSocketAddress) addresses.get(way)).getPort(), spec("1s"))
                        .reload();
                host.awaitAsleep(INSTANCE);
                idle = Math.max(idle, resident(way, before, "held, the server asleep"));
                host.instance(INSTANCE, ((InetSocketAddress) addresses.get(way)).getPort(), spec("1h"))
                        .reload();
                clients.getFirst().query(Load.LATENCY.query);
            }
            return idle;
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private double resident(Way way, long before, String how) throws IOException, InterruptedException {
        StringBuilder samples = new StringBuilder();
        long least = Long.MAX_VALUE;
        for (int second = 0; second < 5; second++) {
            Thread.sleep(1000);
            long now = processes.get(way).kilobytes("VmRSS");
            least = Math.min(least, now);
            samples.append(' ').append(now / 1024);
        }
        System.out.printf(
                Locale.ROOT,
                "  %-8s%s (%d before), %s%n",
                way.name().toLowerCase(Locale.ROOT),
                samples,
                before / 1024,
                how);
        return least / 1024.0;
    }

    // ------------------------------------------------------------ speed

    private void measure() throws IOException, InterruptedException {
        for (Load load : loads) {
            if (load.sysbench != null) {
                System.out.println(load.label() + ": "
                        + String.join(" ", load.sysbench.runCommand(addresses.get(Way.DOOR), ROWS, threads, seconds)));
            } else {
                System.out.println(load.label() + ": raw sockets of the bench's own, " + load.query);
            }
        }
        System.out.println(
                "a longer round to warm up, not counted (round 0), then, each in the order in which it ran:");
        System.out.println("round load           way            speed                    cost, load of the machine");
        for (int round = 0; round <= rounds; round++) {
            lasting = round == 0 ? WARM_UP * seconds : seconds;
            for (Load load : loads) {
                if (load == Load.LATENCY) {
                    latency(round);
                    continue;
                }
                for (int i = 0; i < Way.values().length; i++) {
                    Way way = Way.values()[(i + round) % Way.values().length];
                    run(round, load, way);
                }
            }
        }
    }

    private void run(int round, Load load, Way way) throws IOException, InterruptedException {
        Duration before = cpu(way);
        double perSecond;
        double amount;
        if (load.sysbench != null) {
            Sysbench.Result result = load.sysbench.run(addresses.get(way), ROWS, threads, lasting);
            perSecond = result.perSecond();
            amount = result.statements();
        } else {
            long began = System.nanoTime();
            amount = Readers.read(() -> client(way), load.query, Math.min(threads, 4), Duration.ofSeconds(lasting))
                    / 1e6;
            perSecond = amount / ((System.nanoTime() - began) / 1e9);
        }
        sample(round, load, way, perSecond, cpu(way).minus(before).toNanos() / 1e3 / amount);
    }

    /** All three in small turns, so that whatever else the machine does falls on all alike. */
    private void latency(int round) throws IOException {
        Map<Way, RawClient> clients = new EnumMap<>(Way.class);
        Map<Way, RawClient.Repeated> queries = new EnumMap<>(Way.class);
        Map<Way, List<Long>> taken = new EnumMap<>(Way.class);
        Map<Way, Duration> spent = new EnumMap<>(Way.class);
        try {
            for (Way way : Way.values()) {
                clients.put(way, client(way));
                queries.put(way, clients.get(way).repeated(Load.LATENCY.query));
                taken.put(way, new ArrayList<>());
                spent.put(way, cpu(way));
            }
            long end = System.nanoTime() + Duration.ofSeconds(3L * lasting).toNanos();
            for (int turn = 0; System.nanoTime() < end; turn++) {
                Way way = Way.values()[turn % Way.values().length];
                RawClient.Repeated query = queries.get(way);
                for (int i = 0; i < LATENCY_BATCH; i++) {
                    long began = System.nanoTime();
                    query.once();
                    taken.get(way).add(System.nanoTime() - began);
                }
            }
        } finally {
            for (RawClient client : clients.values()) {
                client.close();
            }
        }
        for (Way way : Way.values()) {
            List<Long> sorted = taken.get(way).stream().sorted().toList();
            double perStatement = cpu(way).minus(spent.get(way)).toNanos() / 1e3 / sorted.size();
            sample(round, Load.LATENCY, way, sorted.get(sorted.size() / 2) / 1e3, perStatement);
        }
    }

    private Duration cpu(Way way) throws IOException {
        return way == Way.DIRECT ? Duration.ZERO : processes.get(way).cpu();
    }

    private void sample(int round, Load load, Way way, double value, double costs) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "%5d %-14s %-8s %10.1f %-12s %8.2f %-24s load %s%n",
                round,
                load.label(),
                way.name().toLowerCase(Locale.ROOT),
                value,
                load.unit(),
                costs,
                way == Way.DIRECT ? "" : load.costUnit(),
                Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        if (round > 0) {
            samples(speed, load, way).add(value);
            samples(cost, load, way).add(costs);
        }
    }

    private static Samples samples(Map<Load, Map<Way, Samples>> of, Load load, Way way) {
        return of.computeIfAbsent(load, l -> new EnumMap<>(Way.class)).computeIfAbsent(way, w -> new Samples());
    }

    private void result(Load load) {
        Map<Way, Samples> of = speed.get(load);
        double door = of.get(Way.DOOR).median();
        double haproxy = of.get(Way.HAPROXY).median();
        double direct = of.get(Way.DIRECT).median();
        double doorCost = cost.get(load).get(Way.DOOR).median();
        double haproxyCost = cost.get(load).get(Way.HAPROXY).median();
        String costs = String.format(
                Locale.ROOT,
                "%.2f %s to HAProxy's %.2f, ratio %.2f (aim: at most 1.00)",
                doorCost,
                load.costUnit(),
                haproxyCost,
                doorCost / haproxyCost);
        results.add(
                load == Load.LATENCY
                        ? String.format(
                                Locale.ROOT,
                                "%s: door %.1f us, HAProxy %.1f, direct %.1f; %.1f more than HAProxy (aim: at most %.0f); %s",
                                load.label(),
                                door,
                                haproxy,
                                direct,
                                door - haproxy,
                                AIM_MICROS,
                                costs)
                        : String.format(
                                Locale.ROOT,
                                "%s: door %.0f %s, HAProxy %.0f, direct %.0f; ratio to HAProxy %.2f (aim: at least 1.00);"
                                        + " %s",
                                load.label(),
                                door,
                                load.unit(),
                                haproxy,
                                direct,
                                door / haproxy,
                                costs));
    }
}
