package dev.haulout.operator.instance;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Finds in a server's last lines the one that tells why it ended. */
final class LastLines {
    private static final String ERROR = "[ERROR]";
    private static final String ENTRYPOINT = "[Entrypoint]:";

    /** What the start script begins its lines with. */
    private static final String OURS = "haulout: ";

    /** Date, time, and the thread or the time zone before the level. */
    private static final Pattern STAMP = Pattern.compile("^\\s*[0-9-]{6,10}[ T].{0,40}?\\[ERROR\\] *");

    private LastLines() {}

    /**
     * Its cause in one line, empty where the server said nothing. A server's first error brings about the others; the
     * image's entrypoint only tells that there were some.
     */
    static Optional<String> cause(String text) {
        List<String> lines =
                text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        Optional<String> first = lines.stream()
                .filter(line -> line.contains(ERROR))
                .filter(Predicate.not(line -> line.contains(ENTRYPOINT)))
                .findFirst();
        return first.or(() -> last(lines, line -> line.startsWith(OURS)))
                .or(() -> last(lines, line -> line.contains(ERROR)))
                .or(() -> last(lines, line -> true))
                .map(line -> STAMP.matcher(line).replaceFirst(""))
                .map(line -> line.startsWith(OURS) ? line.substring(OURS.length()) : line)
                .map(line -> line.contains("unknown variable") || line.contains("unknown option")
                        ? line + "; correct spec.myCnf"
                        : line);
    }

    private static Optional<String> last(List<String> lines, Predicate<String> fits) {
        return lines.reversed().stream().filter(fits).findFirst();
    }
}
