package dev.haulout.proxy.cli;

import ch.qos.logback.classic.Level;
import dev.haulout.crd.Durations;
import dev.haulout.proxy.host.HostFailure;
import dev.haulout.proxy.host.InstanceStatus;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import sun.misc.Signal;

/** {@code haulout demo}: one sleeping database to connect to, and what happens to it, live. */
@Command(
        name = "demo",
        description = {
            "Puts one MariaDB to sleep behind a door on a free port, prints how to connect, and shows live what happens:"
                    + " logins, the wake with its phases, statements, and how it falls asleep again.",
            "Everything lies in a temporary folder. Ctrl-C ends the server and removes the folder."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final long LOOK_EVERY_MILLIS = 50;

    @Option(
            names = "--once",
            description = "Connect, query, let it sleep and connect again with a client of its own; print the times and"
                    + " end with status 0, or with 1 when anything went wrong.")
    private boolean once;

    @Option(
            names = "--sleep-after",
            paramLabel = "DURATION",
            description = "How long after the last statement it falls asleep, such as 5s or 500ms. Default: 5s, and 1s"
                    + " with --once.")
    private String sleepAfter;

    @Option(names = "--port", paramLabel = "PORT", description = "The door's port on 127.0.0.1. Default: a free one.")
    private Integer port;

    @Spec
    private CommandSpec spec;

    private final CountDownLatch stop = new CountDownLatch(1);
    private boolean failed;

    @Override
    public Integer call() throws InterruptedException {
        check();
        // Ctrl-C, kill, and a terminal that is closed
        for (String signal : List.of("INT", "TERM", "HUP")) {
            Signal.handle(new Signal(signal), received -> stop.countDown());
        }
        DemoScreen screen = new DemoScreen(System.out);
        Logging.setUp(Level.WARN, screen::say);
        screen.now("Looking for a MariaDB server, and unpacking it where none is installed ...");
        try (Demo demo = Demo.start(sleepAfter, port == null ? OptionalInt.empty() : OptionalInt.of(port))) {
            int result = awaitAsleep(demo, screen) ? show(demo, screen) : stopped();
            screen.now("Stopping the server and removing its files ...");
            return result;
        } catch (HostFailure e) {
            screen.now("");
            e.lines().forEach(System.err::println);
            return 1;
        } catch (IOException e) {
            screen.now("");
            System.err.println("the demo failed: " + e.getMessage());
            return 1;
        } finally {
            screen.now("");
        }
    }

    private void check() {
        if (sleepAfter == null) {
            sleepAfter = once ? "1s" : "5s";
        }
        try {
            Durations.parse(sleepAfter);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--sleep-after: " + e.getMessage(), e);
        }
        if (port != null && (port < 1 || port > 65535)) {
            throw new ParameterException(spec.commandLine(), "--port: " + port + " is not a port; use 1 to 65535");
        }
    }

    /** Stopped before it was done: in order for who only looked, a failure for who wanted a result. */
    private int stopped() {
        return once || failed ? 1 : 0;
    }

    /** Waits for the first start, by which the door learns the server's greeting, to be over; false when stopped. */
    private boolean awaitAsleep(Demo demo, DemoScreen screen) throws InterruptedException {
        long began = System.nanoTime();
        screen.event("preparing", "a data directory, and one start of the server to learn how it greets");
        while (!stop.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
            InstanceStatus now = demo.status();
            if (now.state().equals("Failed")) {
                failed = true; // the log has told why
                return false;
            }
            if (now.state().equals("Asleep") && now.lastWake() != null) {
                screen.event("asleep", "no server runs; the door is open");
                return true;
            }
            screen.now(String.format(
                    Locale.ROOT,
                    "Preparing: %s, %.1f s",
                    now.state().equals("Waking") ? "making a data directory and starting the server" : "falling asleep",
                    (System.nanoTime() - began) / 1e9));
        }
        return false;
    }

    private int show(Demo demo, DemoScreen screen) throws IOException, InterruptedException {
        if (once) {
            return new DemoOnce(demo, screen, stop).run() ? 0 : 1;
        }
        DemoEvents events = new DemoEvents(demo.status());
        screen.say("");
        screen.say("MariaDB " + demo.version() + " sleeps behind 127.0.0.1:" + demo.port() + ". Connect with");
        screen.say("");
        screen.command("mariadb -h 127.0.0.1 -P " + demo.port() + " -u " + Demo.NAME + " -p" + demo.password()
                + " --skip-ssl " + Demo.NAME);
        screen.say("");
        screen.say("or any other MySQL client without TLS. It falls asleep " + sleepAfter + " after the last statement."
                + " Ctrl-C ends the demo.");
        screen.say("");
        while (!stop.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS) && !screen.isGone()) {
            InstanceStatus now = demo.status();
            for (DemoEvents.Event event : events.next(now)) {
                screen.event(event.what(), event.more());
            }
            screen.now(DemoEvents.line(now));
        }
        return 0;
    }
}
