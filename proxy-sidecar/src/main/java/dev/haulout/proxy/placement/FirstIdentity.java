package dev.haulout.proxy.placement;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.wake.ServerIdentity;
import java.util.Map;

/** What an instance greets with before anything is learnt of its server. */
public final class FirstIdentity {
    /** What MariaDB offers before anything is learnt of a server; all of it is in every version since 10.6. */
    private static final long CAPABILITIES_AT_FIRST = Capability.FOUND_ROWS
            | Capability.CONNECT_WITH_DB
            | Capability.LOCAL_FILES
            | Capability.PROTOCOL_41
            | Capability.INTERACTIVE
            | Capability.TRANSACTIONS
            | Capability.SECURE_CONNECTION
            | Capability.MULTI_STATEMENTS
            | Capability.MULTI_RESULTS
            | Capability.PS_MULTI_RESULTS
            | Capability.PLUGIN_AUTH
            | Capability.CONNECT_ATTRS
            | Capability.PLUGIN_AUTH_LENENC_DATA
            | Capability.CAN_HANDLE_EXPIRED_PASSWORDS
            | Capability.SESSION_TRACK
            | Capability.DEPRECATE_EOF
            | Capability.PROGRESS
            | Capability.STMT_BULK_OPERATIONS
            | Capability.EXTENDED_METADATA
            | Capability.CACHE_METADATA;

    private static final int UTF8MB4_GENERAL_CI = 45;
    private static final int MAX_CONNECTIONS_AT_FIRST = 151;

    private FirstIdentity() {}

    /**
     * @param version as the server tells it, such as {@code 11.8.3-MariaDB}
     * @param digest tells programs and configurations apart
     */
    public static ServerIdentity of(String version, String digest) {
        return new ServerIdentity(
                greeted(version),
                CAPABILITIES_AT_FIRST,
                UTF8MB4_GENERAL_CI,
                Map.of(),
                MAX_CONNECTIONS_AT_FIRST,
                digest);
    }

    /** Servers before 11 greet with a version that elder replicas understand. */
    private static String greeted(String version) {
        return version.startsWith("10.") ? "5.5.5-" + version : version;
    }
}
