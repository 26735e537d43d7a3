package dev.haulout.proxy.cli;

import dev.haulout.proxy.host.InstanceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** Tells from two looks at an instance what happened between them. */
final class DemoEvents {
    /**
     * Something that happened.
     *
     * @param what in a word or two
     * @param more about it
     */
    record Event(String what, String more) {}

    private DemoEvents() {}

    /** What happened, in its order. */
    static List<Event> between(InstanceStatus before, InstanceStatus now) {
        List<Event> events = new ArrayList<>();
        boolean woke = !Objects.equals(before.lastWake(), now.lastWake());
        sessions(before, now, events);
        if (isNew(before, now, "Waking")) {
            events.add(new Event("demand", now.why() + "; starting the server"));
        } else if (woke && !before.state().equals("Waking")) {
            events.add(new Event("demand", now.lastWake().why() + "; starting the server")); // came and went unseen
        }
        if (woke) {
            events.add(wake(now.lastWake(), now));
        }
        if (isNew(before, now, "Failed")) {
            events.add(new Event("failed", now.why()));
        }
        long statements = now.statements() - before.statements();
        if (statements > 0) {
            events.add(new Event(
                    statements == 1 ? "statement" : statements + " statements",
                    now.why() == null || now.state().equals("Waking") ? "" : now.why()));
        }
        if (keepsAwake(now) && !keepsAwake(before)) {
            events.add(new Event("stays awake", now.why()));
        }
        if (isNew(before, now, "Asleep")) {
            events.add(new Event("asleep", "the server has ended, its memory is free" + held(now)));
        }
        return events;
    }

    private static void sessions(InstanceStatus before, InstanceStatus now, List<Event> events) {
        int more = all(now) - all(before);
        if (more > 0) {
            events.add(new Event(
                    more == 1 ? "login" : more + " logins",
                    now.sessionsActive() == 0 ? "accepted by the door; the server sleeps on" : "accepted"));
        } else if (more < 0) {
            events.add(new Event(more == -1 ? "quit" : -more + " quits", all(now) + " sessions left"));
        }
    }

    /** Its idle time is over and yet it is awake. */
    private static boolean keepsAwake(InstanceStatus status) {
        return status.state().equals("Awake")
                && status.sleepsInSeconds() != null
                && status.sleepsInSeconds() == 0
                && status.idleSeconds() > 0.5
                && status.why() != null;
    }

    private static boolean isNew(InstanceStatus before, InstanceStatus now, String state) {
        return now.state().equals(state) && !before.state().equals(state);
    }

    private static int all(InstanceStatus status) {
        return status.sessionsHeld() + status.sessionsActive();
    }

    private static String held(InstanceStatus status) {
        return switch (status.sessionsHeld()) {
            case 0 -> "";
            case 1 -> "; 1 client stays connected";
            default -> "; " + status.sessionsHeld() + " clients stay connected";
        };
    }

    private static Event wake(InstanceStatus.Wake wake, InstanceStatus now) {
        if (!wake.outcome().equals("ok")) {
            return new Event("wake " + wake.outcome(), "after " + millis(wake.millis()));
        }
        return new Event(
                "awake",
                "first row after " + millis(wake.millis()) + " (" + phases(wake) + "); the server uses "
                        + megabytes(now.serverBytes()));
    }

    /** A wake's phases with their times. */
    static String phases(InstanceStatus.Wake wake) {
        return wake.phases().stream()
                .map(phase -> phase.name() + " " + millis(phase.millis()))
                .collect(Collectors.joining(", "));
    }

    static String millis(double millis) {
        return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
    }

    static String megabytes(long bytes) {
        return Math.round(bytes / 1e6) + " MB";
    }

    /** How things are, in one line. */
    static String line(InstanceStatus now) {
        String sessions = now.sessionsActive() + " active, " + now.sessionsHeld() + " held";
        return String.format(
                Locale.ROOT,
                "%-13s | server %6s | sessions %s | statements %d%s",
                now.state().equals("FallingAsleep") ? "Falling asleep" : now.state(),
                megabytes(now.serverBytes()),
                sessions,
                now.statements(),
                next(now));
    }

    private static String next(InstanceStatus now) {
        if (now.sleepsInSeconds() == null) {
            return now.state().equals("Waking") ? " | for " + now.why() : "";
        }
        return now.sleepsInSeconds() > 0
                ? String.format(Locale.ROOT, " | sleeps in %.1f s", now.sleepsInSeconds())
                : " | stays awake: " + now.why();
    }
}
