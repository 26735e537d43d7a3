package dev.haulout.proxy.lua.check;

import java.util.Comparator;

/**
 * Something that is, or may be, wrong with a script.
 *
 * @param file as the script was named
 * @param line 0 when it is about no line
 */
public record Finding(String file, int line, String text) implements Comparable<Finding> {
    private static final Comparator<Finding> ORDER =
            Comparator.comparing(Finding::file).thenComparingInt(Finding::line).thenComparing(Finding::text);

    @Override
    public int compareTo(Finding other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return file + ":" + (line > 0 ? line + ":" : "") + " " + text;
    }
}
