package dev.haulout.proxy.cli;

import dev.haulout.proxy.host.InstanceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** Tells from one look at an instance and the next what happened in between. */
final class DemoEvents {
    /** Looks at an instance whose time is over before it is said to stay awake: falling asleep takes a moment. */
    private static final int PATIENCE = 5;

    private InstanceStatus before;
    private boolean demandTold;
    private int overdue;

    /**
     * Something that happened.
     *
     * @param what in a word or two
     * @param more about it
     */
    record Event(String what, String more) {}

    /** @param now the first look */
    DemoEvents(InstanceStatus now) {
        this.before = now;
    }

    /** What happened since the look before, in its order. */
    List<Event> next(InstanceStatus now) {
        List<Event> events = new ArrayList<>();
        boolean woke = !Objects.equals(before.lastWake(), now.lastWake());
        sessions(now, events);
        if (isNew(now, "Waking")) {
            events.add(new Event("demand", now.why() + "; starting the server"));
            demandTold = true;
        } else if (woke && !demandTold) { // the waking came and went between two looks
            events.add(new Event("demand", now.lastWake().why() + "; starting the server"));
        }
        if (woke) {
            demandTold = false;
            events.add(wake(now.lastWake(), now));
        }
        if (isNew(now, "Failed")) {
            events.add(new Event("failed", now.why()));
        }
        long statements = now.statements() - before.statements();
        if (statements > 0) {
            events.add(new Event(
                    statements == 1 ? "statement" : statements + " statements",
                    now.state().equals("Awake") ? (statements == 1 ? "" : "the last: ") + lastUse(now) : ""));
        }
        overdue = isOverdue(now) ? overdue + 1 : 0;
        if (overdue == PATIENCE) {
            events.add(new Event("stays awake", now.why()));
        }
        if (isNew(now, "Asleep")) {
            events.add(new Event("asleep", "the server has ended, its memory is free" + held(now)));
        }
        before = now;
        return events;
    }

    private void sessions(InstanceStatus now, List<Event> events) {
        int more = all(now) - all(before);
        if (more > 0) {
            events.add(new Event(
                    more == 1 ? "login" : more + " logins",
                    now.sessionsActive() == 0 ? "accepted by the door; the server sleeps on" : "accepted"));
        } else if (more < 0) {
            events.add(new Event(more == -1 ? "quit" : -more + " quits", all(now) + " sessions left"));
        }
    }

    /** What was run and by whom, without how long ago. */
    private static String lastUse(InstanceStatus now) {
        return now.why().replaceFirst(", idle for [^,]*$", "");
    }

    /** Its time is over and it is awake. */
    private static boolean isOverdue(InstanceStatus now) {
        return now.state().equals("Awake") && now.sleepsInSeconds() == 0;
    }

    private boolean isNew(InstanceStatus now, String state) {
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
                outlook(now));
    }

    private static String outlook(InstanceStatus now) {
        if (now.sleepsInSeconds() == null) {
            return now.state().equals("Waking") ? " | for " + now.why() : "";
        }
        return now.sleepsInSeconds() > 0
                ? String.format(Locale.ROOT, " | sleeps in %.1f s", now.sleepsInSeconds())
                : " | stays awake: " + now.why();
    }
}
