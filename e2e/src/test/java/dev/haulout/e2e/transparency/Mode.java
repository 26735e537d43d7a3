package dev.haulout.e2e.transparency;

import java.util.List;
import java.util.Locale;

/** A way to run a script. */
enum Mode {
    /** Every statement as text. */
    TEXT(List.of("--skip-ssl")),
    /** By prepared statements, where the server can prepare them. */
    PREPARED(List.of("--skip-ssl", "--ps-protocol")),
    /** As text, encrypted. */
    TLS(List.of("--ssl")),
    /** As text, compressed. */
    COMPRESSED(List.of("--skip-ssl", "--compress")),
    /** As text, with the server put to sleep before statements drawn by lot. */
    ASLEEP(List.of("--skip-ssl"));

    private final List<String> options;

    Mode(List<String> options) {
        this.options = options;
    }

    /** What the client is told. */
    List<String> options() {
        return options;
    }

    /** The mode in which a script is run directly, and listed: what only the way to the server changes counts as text. */
    Mode direct() {
        return this == PREPARED ? PREPARED : TEXT;
    }

    /** As it is written in lists and options. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of that {@link #word}. */
    static Mode of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
