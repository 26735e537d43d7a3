package dev.haulout.e2e.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Durations of one kind, in the order they were taken. */
final class Samples {
    private final List<Double> millis = new ArrayList<>();

    void add(Duration taken) {
        millis.add(millis(taken));
    }

    static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    /** In milliseconds; between the middle two where their number is even. */
    double median() {
        List<Double> sorted = millis.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    /** The median and the range, as in {@code median 71.2 ms (66.0 to 90.3)}. */
    String summary() {
        double least = millis.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double most = millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return String.format(Locale.ROOT, "median %.1f ms (%.1f to %.1f)", median(), least, most);
    }
}
