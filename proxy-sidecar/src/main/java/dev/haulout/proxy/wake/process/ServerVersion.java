package dev.haulout.proxy.wake.process;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's version.
 *
 * @param major the release series' first number
 * @param minor its second number; data directories differ between series, not within one
 * @param patch the release within the series
 * @param text the whole version as the server prints it, such as {@code 10.11.19-MariaDB-0+deb12u1}
 */
public record ServerVersion(int major, int minor, int patch, String text) {
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})[^\\s,]*");
    private static final Comparator<ServerVersion> BY_SERIES =
            Comparator.comparingInt(ServerVersion::major).thenComparingInt(ServerVersion::minor);

    /** The first version in a text, as in the line of {@code mariadbd --version} or an upgrade record. */
    static Optional<ServerVersion> in(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        return numbers.find()
                ? Optional.of(new ServerVersion(
                        Integer.parseInt(numbers.group(1)),
                        Integer.parseInt(numbers.group(2)),
                        Integer.parseInt(numbers.group(3)),
                        numbers.group()))
                : Optional.empty();
    }

    /** Negative when this is of an older series than {@code other}, 0 when of the same. */
    int compareSeries(ServerVersion other) {
        return BY_SERIES.compare(this, other);
    }

    /** The series, such as {@code 10.11}. */
    String series() {
        return major + "." + minor;
    }
}
