package dev.haulout.crd;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The windows of {@link Sleep#keepAwake} in the course of time. */
public final class Windows {
    /** None at all. */
    public static final Windows NONE = new Windows(List.of());

    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm VV", Locale.ROOT);

    private final List<Window> windows;

    private record Window(CronTimes starts, Duration duration, ZoneId zone) {
        Optional<ZonedDateTime> openUntil(Instant now) {
            return starts.lastUntil(now)
                    .map(start -> start.plus(duration))
                    .filter(now::isBefore)
                    .map(end -> end.atZone(zone));
        }
    }

    private Windows(List<Window> windows) {
        this.windows = List.copyOf(windows);
    }

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException when one can't be read
     * @throws java.time.DateTimeException when this Java does not know its time zone
     */
    public static Windows of(List<KeepAwake> written) {
        List<Window> windows = new ArrayList<>();
        for (KeepAwake window : written) {
            ZoneId zone = ZoneId.of(window.timeZone());
            windows.add(new Window(CronTimes.parse(window.start(), zone), Durations.parse(window.duration()), zone));
        }
        return new Windows(windows);
    }

    /** When the last of those that are open now ends, though another may follow at once; empty when none is. */
    public Optional<ZonedDateTime> openUntil(Instant now) {
        return windows.stream()
                .flatMap(window -> window.openUntil(now).stream())
                .max(Comparator.comparing(ZonedDateTime::toInstant));
    }

    /** When the next one opens, or one that is open now ends: until then {@link #openUntil} stays as it is. */
    public Optional<Instant> nextEdge(Instant now) {
        Optional<Instant> end = openUntil(now).map(ZonedDateTime::toInstant);
        return windows.stream()
                .flatMap(window -> window.starts.firstAfter(now).stream())
                .min(Instant::compareTo)
                .filter(start -> end.isEmpty() || start.isBefore(end.get()))
                .or(() -> end);
    }

    /** A window's end as people read it, in its own time zone. */
    public static String text(ZonedDateTime end) {
        return SHOWN.format(end);
    }
}
