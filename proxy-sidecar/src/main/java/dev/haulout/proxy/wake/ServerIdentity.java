package dev.haulout.proxy.wake;

import java.util.Map;

/**
 * What a greeting says of a server, kept for the time it sleeps.
 *
 * @param version verbatim as greeted
 * @param capabilities as greeted, see {@link dev.haulout.proxy.protocol.Capability}
 * @param collation low byte of the default collation
 * @param globals the global variables that answers depend on, by lower-case name; empty while not learnt
 * @param maxConnections {@code @@max_connections}; the server's default while not learnt
 * @param learntFrom digest of the binary and the configuration it was learnt from
 */
public record ServerIdentity(
        String version,
        long capabilities,
        int collation,
        Map<String, String> globals,
        int maxConnections,
        String learntFrom) {
    public ServerIdentity {
        globals = Map.copyOf(globals);
    }
}
