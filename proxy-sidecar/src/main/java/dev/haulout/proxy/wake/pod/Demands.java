package dev.haulout.proxy.wake.pod;

import java.util.Optional;

/** How a waker asks for its instance's server. */
@FunctionalInterface
public interface Demands {
    /**
     * Makes a demand unless one is open already or the server comes without. Returns once that is so, and the {@link
     * Lookout} has been told of it: blocks for as long as it can't be written down.
     *
     * @return the open demand; empty where the server comes without, or the instance is gone
     */
    Optional<String> demand() throws InterruptedException;
}
