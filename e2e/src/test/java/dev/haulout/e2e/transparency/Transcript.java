package dev.haulout.e2e.transparency;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What became of a script.
 *
 * @param status the client's exit status; {@link #SKIPPED} where the script itself found that it can't run here
 * @param text what was written down
 * @param said what the client said beside, about a failure for instance
 */
record Transcript(int status, byte[] text, String said) {
    static final int SKIPPED = 62;

    /** In place of a status: it took too long and was ended. */
    static final int LATE = -1;

    boolean isComplete() {
        return status == 0;
    }

    boolean sameAs(Transcript other) {
        return status == other.status && Arrays.equals(text, other.text);
    }

    /** All of it, for a file. */
    byte[] toBytes() {
        byte[] end = ("\n---- status " + status + "\n" + said).getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(text, text.length + end.length);
        System.arraycopy(end, 0, all, text.length, end.length);
        return all;
    }

    /** The first line in which the other differs, and that line there. */
    String firstDifference(Transcript other) {
        String[] lines = new String(text, StandardCharsets.ISO_8859_1).split("\n", -1);
        String[] others = new String(other.text, StandardCharsets.ISO_8859_1).split("\n", -1);
        int line = 0;
        while (line < lines.length && line < others.length && lines[line].equals(others[line])) {
            line++;
        }
        String here = line < lines.length ? lines[line] : "(its end)";
        String there = line < others.length ? others[line] : "(its end)";
        return "line " + (line + 1) + ": directly '" + here + "', at the door '" + there + "'"
                + (status == other.status ? "" : "; status " + other.status + ": " + other.said.strip());
    }
}
