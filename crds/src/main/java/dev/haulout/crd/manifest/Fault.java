package dev.haulout.crd.manifest;

import java.nio.file.Path;

/**
 * One thing wrong in a manifest. Never holds anything out of a Secret but the names of its fields.
 *
 * @param file the file, or the folder when the folder itself is at fault
 * @param line line in the file, from 1; 0 when it is the file as a whole
 * @param path the field, such as {@code spec.host.listen[0]}; empty when no single field is at fault
 * @param value what was written there, shortened; {@code (hidden)} where it may be secret, empty when there is none
 * @param problem what is wrong with it
 * @param remedy what to do about it
 */
public record Fault(Path file, int line, String path, String value, String problem, String remedy) {
    private static final int SHOWN = 60;

    /** Makes the value fit for one line of a log: shortened, and without control characters. */
    public Fault {
        value = oneLine(value);
        path = oneLine(path);
    }

    /** The fault on one line: {@code FILE:LINE: PATH = VALUE: PROBLEM; REMEDY}. */
    public String text() {
        StringBuilder text = new StringBuilder(file.toString());
        if (line > 0) {
            text.append(':').append(line);
        }
        if (!path.isEmpty()) {
            text.append(": ").append(path);
        }
        if (!value.isEmpty()) {
            text.append(" = ").append(value);
        }
        return text.append(": ").append(problem).append("; ").append(remedy).toString();
    }

    private static String oneLine(String raw) {
        StringBuilder shown = new StringBuilder();
        raw.codePoints()
                .limit(SHOWN)
                .map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? '\u00b7' : c)
                .forEach(shown::appendCodePoint);
        return raw.codePointCount(0, raw.length()) > SHOWN ? shown + "..." : shown.toString();
    }
}
