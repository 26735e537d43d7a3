package dev.haulout.proxy.wake;

import java.util.List;

/** A server that did not come up. Its message is one line that names the cause, fit to be shown to a SQL client. */
public final class WakeFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<String> lastLines;

    /**
     * @param cause one line: what was tried and why it failed
     * @param lastLines the server's own last log lines, for our log; never shown to clients
     */
    public WakeFailure(String cause, List<String> lastLines) {
        super(cause);
        this.lastLines = List.copyOf(lastLines);
    }

    /** The server's own last log lines, oldest first. */
    public List<String> lastLines() {
        return lastLines;
    }
}
