package dev.haulout.proxy.wake.pod;

import java.net.InetAddress;
import java.util.Optional;

/**
 * An instance's pod, as the watch shows it.
 *
 * @param uid tells it from earlier pods of the same name
 * @param address its own; empty until it is known
 * @param restarts how often its container was started again; a server never outlives its container
 * @param ended how its container ended, in words; empty while it runs or is yet to
 * @param leaving whether the pod is being deleted
 */
public record SeenPod(
        String uid, Optional<InetAddress> address, int restarts, Optional<String> ended, boolean leaving) {}
