package dev.haulout.proxy.host;

/**
 * Asks a running {@code haulout host} to start an instance's server again.
 *
 * @param name the instance, with its namespace or, where only one has that name, without
 * @param waitMillis how long statements and transactions under way may take to end; others wait meanwhile
 * @param force whether to go on although some have not ended by then
 */
public record RestartRequest(String name, long waitMillis, boolean force) {
    /**
     * How it went.
     *
     * @param done whether the server runs anew, or will with its next wake
     * @param text for a person, in one line
     */
    public record Reply(boolean done, String text) {}
}
