package dev.haulout.proxy.cli;

import dev.haulout.proxy.host.InstanceStatus;
import dev.haulout.proxy.wake.process.ServerBinary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** {@code haulout demo --once}: a real client connects, queries, is let sleep on and comes back; every step is checked. */
final class DemoOnce {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Demo demo;
    private final DemoScreen screen;
    private final CountDownLatch stop;

    DemoOnce(Demo demo, DemoScreen screen, CountDownLatch stop) {
        this.demo = demo;
        this.screen = screen;
        this.stop = stop;
    }

    /** A step did not go as it should. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        Failure(String message) {
            super(message);
        }
    }

    /** Whether all went well. */
    boolean run() throws IOException, InterruptedException {
        Optional<Path> program = ServerBinary.findClient(demo.cache());
        if (program.isEmpty()) {
            screen.event("failed", "there is no mariadb client: install the package mariadb-client");
            return false;
        }
        try {
            screen.event("client", program.get() + ", as a user would run it");
            try (DemoClient client = new DemoClient(program.get(), demo)) {
                login(client);
                query(
                        client,
                        "first query",
                        "CREATE TABLE seen (at INT); INSERT INTO seen VALUES (1); SELECT"
                                + " CONCAT('row ', at) FROM seen;",
                        "row 1");
                sleep("1 client stays connected");
                query(client, "same client", "SELECT CONCAT('row ', at) FROM seen;", "row 1");
            }
            sleep("no client is connected");
            try (DemoClient client = new DemoClient(program.get(), demo)) {
                login(client);
                query(client, "new client", "SELECT CONCAT('row ', at) FROM seen;", "row 1");
            }
            sleep("no client is connected");
        } catch (Failure e) {
            screen.event("failed", e.getMessage());
            return false;
        }
        screen.event("passed", "3 wakes, 3 rows, asleep again");
        return true;
    }

    private void login(DemoClient client) throws Failure, InterruptedException {
        await("the client is logged in", client, status -> status.sessionsHeld() == 1);
        if (demo.status().serverPid() != null) {
            throw new Failure("the login started the server, and should not have");
        }
        screen.event("login", DemoEvents.millis(client.age()) + " from the client's start; the server sleeps on");
    }

    private void query(DemoClient client, String what, String sql, String row) throws Failure, InterruptedException {
        InstanceStatus.Wake before = demo.status().lastWake();
        double millis = client.ask(sql, row, PATIENCE)
                .orElseThrow(() -> new Failure("no row came within " + PATIENCE.toSeconds() + " s: " + client.said()));
        await("the wake is told of", client, status -> !status.lastWake().equals(before));
        InstanceStatus status = demo.status();
        if (status.serverPid() == null || !Files.exists(Path.of("/proc/" + status.serverPid()))) {
            throw new Failure("a row came and no server runs");
        }
        screen.event(
                what,
                "its row after " + DemoEvents.millis(millis) + "; the wake took "
                        + DemoEvents.millis(status.lastWake().millis()) + " (" + DemoEvents.phases(status.lastWake())
                        + "); the server uses " + DemoEvents.megabytes(status.serverBytes()));
    }

    private void sleep(String clients) throws Failure, InterruptedException {
        Long pid = demo.status().serverPid();
        await("asleep", null, status -> status.state().equals("Asleep"));
        if (pid != null && Files.exists(Path.of("/proc/" + pid))) {
            throw new Failure("asleep, and yet process " + pid + " is there");
        }
        screen.event("asleep", "no server runs, 0 MB; " + clients);
    }

    private void await(String what, DemoClient client, Predicate<InstanceStatus> condition)
            throws Failure, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.test(demo.status())) {
            screen.now(DemoEvents.line(demo.status()));
            if (client != null && client.hasEnded()) {
                throw new Failure("the client ended: " + client.said());
            }
            if (System.nanoTime() > deadline) {
                throw new Failure("not within " + PATIENCE.toSeconds() + " s: " + what + "; the database is "
                        + demo.status().state());
            }
            if (stop.await(1, TimeUnit.MILLISECONDS)) {
                throw new Failure("stopped by a signal");
            }
        }
        screen.now(DemoEvents.line(demo.status()));
    }
}
