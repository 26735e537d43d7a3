package dev.haulout.proxy.cli;

import java.io.PrintStream;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.OptionalInt;

/**
 * What the demo shows: lines that stay, and below them on a terminal one line that is rewritten in place. Safe for any
 * thread.
 */
final class DemoScreen {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
    private static final String CLEAR_LINE = "\r\033[K";
    private static final String FAINT = "\033[2m";
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";

    private final PrintStream out;
    private final boolean terminal = Terminal.columns().isPresent();
    private String live = "";

    DemoScreen(PrintStream out) {
        this.out = out;
    }

    /** A line of text. */
    synchronized void say(String line) {
        above(line);
    }

    /** Something to be copied: stands out on a terminal. */
    synchronized void command(String line) {
        above("    " + (terminal ? BOLD + line + PLAIN : line));
    }

    /** Something happened, at this moment: what in a word or two, and more about it. */
    synchronized void event(String what, String more) {
        String time = LocalTime.now().format(CLOCK);
        above((terminal ? FAINT + time + PLAIN : time) + "  " + "%-14s".formatted(what) + " " + more);
    }

    /** How things are now; shown on a terminal only. */
    synchronized void now(String line) {
        if (!terminal) {
            return;
        }
        OptionalInt columns = Terminal.columns();
        live = columns.isEmpty() ? "" : Terminal.cut(line, columns.getAsInt() - 1);
        out.print(CLEAR_LINE + live);
        out.flush();
    }

    /** Whether nobody can see anything any more: the terminal or the reader of the output has gone. */
    boolean isGone() {
        return out.checkError();
    }

    private void above(String line) {
        if (terminal) {
            out.print(CLEAR_LINE + line + System.lineSeparator() + live);
        } else {
            out.print(line + System.lineSeparator());
        }
        out.flush();
    }
}
