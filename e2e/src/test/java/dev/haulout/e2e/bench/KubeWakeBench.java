package dev.haulout.e2e.bench;

import dev.haulout.e2e.cluster.Cluster;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code haulout bench kube-wake}: a sleeping instance beside a StatefulSet that is scaled from 0 to 1. */
@Command(
        name = "kube-wake",
        description = {
            "Compares two ways to a first row on the Kubernetes that KUBECONFIG names, in turns: connecting to the door of"
                    + " a sleeping instance, and scaling a plain StatefulSet of the same image, started by the official"
                    + " entrypoint, from 0 to 1 and asking it through its Service.",
            "Installs Haulout from the chart into the namespace haulout-system, and needs its images on the nodes."
        },
        mixinStandardHelpOptions = true)
final class KubeWakeBench implements Callable<Integer> {
    private static final String INSTANCE = "bench";
    private static final String QUERY = "SELECT a FROM t";
    private static final String ROW = "7";

    @Option(names = "--rounds", paramLabel = "N", description = "Wakes of each kind. Default: ${DEFAULT-VALUE}.")
    private int rounds = 10;

    @Option(names = "--image", paramLabel = "IMAGE", required = true, description = "Image of operator and gateway.")
    private String image;

    @Option(names = "--server-image", paramLabel = "IMAGE", required = true, description = "Image of the server.")
    private String serverImage;

    @Option(
            names = "--storage-class",
            paramLabel = "CLASS",
            required = true,
            description = "Class of the two volumes of 1Gi.")
    private String storageClass;

    private final Samples doorTimes = new Samples();
    private final Samples afterReady = new Samples();
    private final Samples plainTimes = new Samples();

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.setProperty("haulout.image", image);
        System.setProperty("haulout.mariadb.image", serverImage);
        System.setProperty("haulout.storage.class", storageClass);
        System.out.println("bench kube-wake: " + rounds + " rounds; " + Machine.describe());
        Cluster cluster = Cluster.get();
        PlainStatefulSet plain = new PlainStatefulSet(cluster);
        try {
            prepare(cluster, plain);
            System.out.println("round   door  after the server's log says ready  phases  |  plain");
            for (int round = 1; round <= rounds; round++) {
                measure(cluster, plain, round);
            }
        } finally {
            plain.remove();
            cluster.instance(INSTANCE).ifPresent(cluster::delete);
        }
        System.out.println("connect to first row, asleep:          " + doorTimes.summary());
        System.out.println("  after the server's log says ready:   " + afterReady.summary() + " (aim: at most 150 ms)");
        System.out.println("plain StatefulSet, scale to first row: " + plainTimes.summary());
        System.out.printf(Locale.ROOT, "ratio %.2f (aim: at most 0.40)%n", doorTimes.median() / plainTimes.median());
        return 0;
    }

    private void prepare(Cluster cluster, PlainStatefulSet plain) throws IOException, InterruptedException {
        cluster.apply(INSTANCE, "  sleep: {after: 2s}");
        cluster.awaitAsleep(INSTANCE);
        try (RawClient client = RawClient.connect(door(cluster))) {
            client.login("app", cluster.password(INSTANCE), "app");
            client.execute("CREATE TABLE t (a INT)");
            client.execute("INSERT INTO t VALUES (" + ROW + ")");
        }
        cluster.awaitAsleep(INSTANCE);
        plain.create();
        plain.ask("CREATE TABLE IF NOT EXISTS t (a INT)", Duration.ofMinutes(3));
        plain.ask("REPLACE INTO t VALUES (" + ROW + ")", Duration.ofSeconds(10));
        plain.scale(0);
        // one of each to warm up, not counted
        wake(cluster);
        cluster.awaitAsleep(INSTANCE);
        plain.wake(QUERY, ROW);
        plain.scale(0);
    }

    private static InetSocketAddress door(Cluster cluster) {
        return new InetSocketAddress(cluster.address(INSTANCE), 3306);
    }

    private static Duration wake(Cluster cluster) throws IOException {
        long began = System.nanoTime();
        try (RawClient client = RawClient.connect(door(cluster))) {
            client.login("app", cluster.password(INSTANCE), "app");
            String row = client.query(QUERY);
            Duration taken = Duration.ofNanos(System.nanoTime() - began);
            if (!ROW.equals(row)) {
                throw new IOException("a wrong row came: " + row);
            }
            return taken;
        }
    }

    private void measure(Cluster cluster, PlainStatefulSet plain, int round) throws IOException, InterruptedException {
        String password = cluster.password(INSTANCE);
        List<String> told = new ArrayList<>();
        Instant row;
        Duration taken;
        Duration late;
        long began = System.nanoTime();
        try (RawClient client = RawClient.connect(door(cluster))) {
            client.login("app", password, "app");
            if (!ROW.equals(client.query(QUERY))) {
                throw new IOException("a wrong row came");
            }
            taken = Duration.ofNanos(System.nanoTime() - began);
            row = Instant.now();
            late = Duration.between(cluster.serverReady(INSTANCE), row);
            cluster.awaitAwake(INSTANCE);
            told.add(cluster.phases(INSTANCE));
        }
        doorTimes.add(taken);
        afterReady.add(late);
        cluster.awaitAsleep(INSTANCE);
        Duration bare = plain.wake(QUERY, ROW);
        plainTimes.add(bare);
        plain.scale(0);
        System.out.printf(
                Locale.ROOT,
                "%5d %6.0f %6.0f  %s | %6.0f%n",
                round,
                Samples.millis(taken),
                Samples.millis(late),
                String.join(" ", told),
                Samples.millis(bare));
    }
}
