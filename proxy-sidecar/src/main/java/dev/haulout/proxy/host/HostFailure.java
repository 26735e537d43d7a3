package dev.haulout.proxy.host;

import java.util.List;

/** Why {@code haulout host} can't start, one line for each thing wrong. */
public final class HostFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<String> lines;

    /** @param lines each names the thing, the value and the remedy */
    public HostFailure(List<String> lines) {
        super(String.join("\n", lines));
        this.lines = List.copyOf(lines);
    }

    /** One line for each thing wrong. */
    public List<String> lines() {
        return lines;
    }
}
