package dev.haulout.crd;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as manifests write them: {@code 90s}, {@code 5m}, {@code 1h30m}, {@code 500ms}. Hours, minutes, seconds
 * and milliseconds, in this order, each at most once and each a whole number of at most six digits.
 */
public final class Durations {
    /** The written form as a regular expression of RE2 and of Java. It admits the empty string; {@link #parse} not. */
    public static final String PATTERN = "^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,6}ms)?$";

    private static final Pattern FORM = Pattern.compile(
            "(?:(?<h>[0-9]{1,6})h)?(?:(?<m>[0-9]{1,6})m)?" + "(?:(?<s>[0-9]{1,6})s)?(?:(?<ms>[0-9]{1,6})ms)?");

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @param text the written form
     * @return its length, zero or more
     * @throws IllegalArgumentException when the text has another form
     */
    public static Duration parse(String text) {
        Matcher form = FORM.matcher(text);
        if (text.isEmpty() || !form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a duration; write for example 90s, 5m, 1h30m or 500ms");
        }
        return Duration.ofHours(number(form.group("h")))
                .plusMinutes(number(form.group("m")))
                .plusSeconds(number(form.group("s")))
                .plusMillis(number(form.group("ms")));
    }

    /**
     * Writes a duration in its shortest form; what is below a millisecond is left out.
     *
     * @param duration zero or more
     * @return the written form, {@code 0s} for zero
     * @throws IllegalArgumentException when the duration is negative
     */
    public static String format(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a negative duration has no written form: " + duration);
        }
        String text = part(duration.toHours(), "h")
                + part(duration.toMinutesPart(), "m")
                + part(duration.toSecondsPart(), "s")
                + part(duration.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text;
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static String part(long amount, String unit) {
        return amount == 0 ? "" : amount + unit;
    }
}
