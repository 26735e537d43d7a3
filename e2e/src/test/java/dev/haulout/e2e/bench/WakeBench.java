package dev.haulout.e2e.bench;

import dev.haulout.e2e.HostProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code haulout bench wake}: what the door adds to the server's own start. */
@Command(
        name = "wake",
        description = {
            "Compares two ways to a first row, in turns: starting mariadbd by hand, and connecting to the door of a"
                    + " sleeping instance.",
            "Both run the same program with the same options on the same data, and are asked by the same small client."
                    + " The result is the ratio of the medians. Takes about 3 s a round."
        },
        mixinStandardHelpOptions = true)
final class WakeBench implements Callable<Integer> {
    private static final String INSTANCE = "shop";
    private static final String QUERY = "SELECT a FROM t";
    private static final String ROW = "7";

    @Option(names = "--rounds", paramLabel = "N", description = "Wakes and bare starts. Default: ${DEFAULT-VALUE}.")
    private int rounds = 20;

    @Option(
            names = "--cli-rounds",
            paramLabel = "N",
            description = "Rounds by the mariadb command line client after that, where it is installed. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int cliRounds = 3;

    private final Samples bareTimes = new Samples();
    private final Samples spawnTimes = new Samples();
    private final Samples doorTimes = new Samples();
    private final Samples loginTimes = new Samples();
    private InetSocketAddress door;
    private HostProcess host;
    private BareServer bare;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1 || cliRounds < 0) {
            System.err.println("--rounds must be at least 1 and --cli-rounds at least 0");
            return 2;
        }
        System.out.println("bench wake: " + rounds + " rounds; " + Machine.describe());
        int port = HostProcess.freePort();
        door = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (HostProcess prepared = HostProcess.prepare()) {
            host = prepared.instance(INSTANCE, port, "  sleep: {after: 1s}").start();
            try {
                prepareData();
                measure();
                confirmByCommandLineClient();
            } finally {
                if (bare != null) {
                    bare.stop();
                }
            }
        }
        System.out.println("bare start to first row:      " + bareTimes.summary());
        System.out.println("  of that, Java's fork+exec:  " + spawnTimes.summary());
        System.out.println("connect to first row, asleep: " + doorTimes.summary());
        System.out.println("connect to login, asleep:     " + loginTimes.summary() + " (aim: median at most 5 ms)");
        System.out.printf(Locale.ROOT, "ratio %.2f (aim: at most 1.3)%n", doorTimes.median() / bareTimes.median());
        return 0;
    }

    private void prepareData() throws IOException, InterruptedException {
        try (RawClient client = RawClient.connect(door)) {
            client.login("app", "secret", "app");
            client.execute("CREATE TABLE t (a INT)");
            client.execute("INSERT INTO t VALUES (" + ROW + ")");
        }
        // the first start also makes accounts; from the second on all are alike
        host.awaitAsleep(INSTANCE);
        List<String> arguments;
        try (RawClient client = RawClient.connect(door)) {
            client.login("app", "secret", "app");
            check(client.query(QUERY));
            arguments = BareServer.argumentsOf(host.serverPids(INSTANCE).getFirst());
        }
        host.awaitAsleep(INSTANCE);
        Path original = host.instanceFolder(INSTANCE);
        bare = BareServer.copyOf(original, arguments, original.resolveSibling("bare"));
        System.out.println("proxy:  "
                + String.join(" ", BareServer.argumentsOf(host.process().pid())));
        System.out.println("door:   " + String.join(" ", arguments));
        System.out.println("bare:   " + String.join(" ", bare.command()));
        System.out.println("client: a raw socket of the bench's own, mysql_native_password, " + QUERY + "; the door by"
                + " TCP at " + door + ", the bare server by its unix socket, tried every 0.5 ms");
    }

    /**
     * A wake by a client.
     *
     * @param total from connecting to the row
     * @param login from connecting to the accepted login
     * @param starts how often the server started by its own log, and how many of its processes there are
     */
    private record Wake(Duration total, Duration login, String starts) {}

    /**
     * A start by hand.
     *
     * @param total from before fork and exec to the row
     * @param spawning fork and exec alone
     */
    private record Start(Duration total, Duration spawning) {}

    private void measure() throws IOException, InterruptedException {
        throughDoor();
        startBare();
        System.out.println("one of each to warm up, not counted; then, in ms:");
        System.out.println(
                "round   bare   door  login  server starts in its log, server processes, phases as the proxy tells");
        for (int round = 1; round <= rounds; round++) {
            Start start;
            Wake wake;
            if (round % 2 == 0) {
                start = startBare();
                wake = throughDoor();
            } else {
                wake = throughDoor();
                start = startBare();
            }
            bareTimes.add(start.total);
            spawnTimes.add(start.spawning);
            doorTimes.add(wake.total);
            loginTimes.add(wake.login);
            System.out.printf(
                    Locale.ROOT,
                    "%5d %6.1f %6.1f %6.1f  %s%n",
                    round,
                    Samples.millis(start.total),
                    Samples.millis(wake.total),
                    Samples.millis(wake.login),
                    wake.starts);
        }
    }

    private Wake throughDoor() throws IOException {
        host.awaitAsleep(INSTANCE);
        long startsBefore = host.serverStarts(INSTANCE);
        long began = System.nanoTime();
        try (RawClient client = RawClient.connect(door)) {
            client.login("app", "secret", "app");
            long accepted = System.nanoTime();
            String row = client.query(QUERY);
            long ended = System.nanoTime();
            check(row);
            return new Wake(
                    Duration.ofNanos(ended - began), Duration.ofNanos(accepted - began), oneStart(startsBefore));
        }
    }

    private Start startBare() throws IOException, InterruptedException {
        host.awaitAsleep(INSTANCE); // or its shutdown would be measured along
        long began = System.nanoTime();
        bare.start();
        Duration total;
        try (RawClient client = bare.connect()) {
            client.login("app", "secret", "app");
            String row = client.query(QUERY);
            total = Duration.ofNanos(System.nanoTime() - began);
            check(row);
        }
        bare.stop();
        return new Start(total, bare.spawning());
    }

    private String oneStart(long startsBefore) throws IOException {
        long starts = host.serverStarts(INSTANCE) - startsBefore;
        int processes = host.serverPids(INSTANCE).size();
        if (starts != 1 || processes != 1) {
            throw new IOException("one wake must be one start and one process, but the server's log has " + starts
                    + " and the process table " + processes);
        }
        return starts + ", " + processes + ", "
                + host.status(INSTANCE).lastWake().phases().stream()
                        .map(phase -> String.format(Locale.ROOT, "%s %.1f", phase.name(), phase.millis()))
                        .collect(Collectors.joining(" "));
    }

    private static void check(String row) throws IOException {
        if (!row.equals(ROW)) {
            throw new IOException(QUERY + " gave " + row + " instead of " + ROW);
        }
    }

    private void confirmByCommandLineClient() throws IOException, InterruptedException {
        if (cliRounds == 0 || !isInstalled("mariadb")) {
            System.out.println("not confirmed by the mariadb command line client: "
                    + (cliRounds == 0 ? "--cli-rounds 0" : "it is not installed"));
            return;
        }
        List<String> toDoor = cli("--host=127.0.0.1", "--port=" + door.getPort());
        List<String> toBare = cli("--socket=" + bare.socket().getPath());
        System.out.println("the same by: " + String.join(" ", toDoor));
        System.out.println("        and: " + String.join(" ", toBare) + " (as soon as the server listens)");
        Samples doorTime = new Samples();
        Samples bareTime = new Samples();
        for (int round = 1; round <= cliRounds; round++) {
            host.awaitAsleep(INSTANCE);
            long startsBefore = host.serverStarts(INSTANCE);
            doorTime.add(timed(toDoor, System.nanoTime()));
            oneStart(startsBefore);
            host.awaitAsleep(INSTANCE);
            long began = System.nanoTime();
            bare.start();
            bare.connect().close();
            bareTime.add(timed(toBare, began));
            bare.stop();
        }
        System.out.println("mariadb CLI, bare start to its exit:      " + bareTime.summary());
        System.out.println("mariadb CLI, from its start to its exit, asleep: " + doorTime.summary());
    }

    private static boolean isInstalled(String program) {
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> cli(String... where) {
        return Stream.of(
                        List.of("mariadb", "--no-defaults", "--user=app", "--password=secret", "--skip-ssl"),
                        List.of(where),
                        List.of("-N", "-B", "-e", QUERY, "app"))
                .flatMap(List::stream)
                .toList();
    }

    private static Duration timed(List<String> command, long began) throws IOException, InterruptedException {
        Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        client.waitFor();
        Duration taken = Duration.ofNanos(System.nanoTime() - began);
        check(said);
        return taken;
    }
}
