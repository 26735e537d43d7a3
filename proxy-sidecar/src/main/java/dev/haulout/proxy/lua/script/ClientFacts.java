package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.library.Address;
import java.util.Optional;

/**
 * What is known of a client when it connects.
 *
 * @param peer of a client on a unix socket
 * @param address where it comes from; absent for a unix socket without a name
 * @param cgroup the path of its control group, of a client on a unix socket where the system has such
 */
public record ClientFacts(Optional<Peer> peer, Optional<Address> address, Optional<String> cgroup) {
    /** The process at the other end. */
    public record Peer(int pid, int uid, int gid) {}
}
