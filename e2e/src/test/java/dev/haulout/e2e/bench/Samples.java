package dev.haulout.e2e.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures of one kind, in the order they were taken. */
final class Samples {
    private final List<Double> values = new ArrayList<>();

    /** Takes a duration, in milliseconds. */
    void add(Duration taken) {
        add(millis(taken));
    }

    /** Takes a figure as it is. */
    void add(double value) {
        values.add(value);
    }

    static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    /** Of durations in milliseconds; between the middle two where their number is even. */
    double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    /** Of durations: the median and the range, as in {@code median 71.2 ms (66.0 to 90.3)}. */
    String summary() {
        double least = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return String.format(Locale.ROOT, "median %.1f ms (%.1f to %.1f)", median(), least, most);
    }
}
