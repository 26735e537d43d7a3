package dev.haulout.proxy.wake;

import java.io.IOException;
import java.util.Optional;

/**
 * How one instance's server is started and found again: as a process, later as a systemd unit, a podman container or a
 * pod. Each of {@link #find} and {@link #start} may block and is called on a virtual thread, never two at a time for one
 * instance.
 */
public interface Waker {

    /**
     * The server that already runs for this instance, as after the proxy alone was restarted or killed. Waits for one
     * that is still starting.
     *
     * @return empty when none runs
     * @throws IOException when it can't be told whether one runs
     */
    Optional<Server> find() throws IOException, InterruptedException;

    /**
     * Starts the server, creating its data directory first where there is none, and returns as soon as it accepts
     * connections.
     *
     * @param progress told the wake's phases as they end
     * @throws WakeFailure with a cause in one line when the server doesn't come up
     */
    Server start(WakeProgress progress) throws WakeFailure, InterruptedException;

    /**
     * What is known to be in the way of the start under way, in words fit for a SQL client; empty when nothing is. Called
     * on any thread at any time, and does not block.
     */
    default Optional<String> obstacle() {
        return Optional.empty();
    }

    /**
     * Whether the servers it starts are shown the names in a client's certificate, see
     * {@link Server#tls(java.util.Optional)}; else only that there is one.
     */
    default boolean showsClientsNames() {
        return false;
    }

    /** Whether accounts of its servers are kept, so that a login can be decided without one. */
    default boolean keepsAccounts() {
        return true;
    }

    /** By what name the owner sets how long a statement waits for it; empty where he can't. */
    default Optional<String> deadlineName() {
        return Optional.of("sleep.wakeDeadline");
    }
}
