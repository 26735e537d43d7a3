package dev.haulout.proxy.backend;

import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.protocol.Capability;
import java.nio.charset.StandardCharsets;

/**
 * How to log in to a server.
 *
 * @param proxyHeader sent before anything else of ours; null for none
 * @param capabilities those wanted; what the server lacks of them ends the login
 * @param maxPacket the client's largest packet in bytes
 * @param collation low byte of the collation wanted
 * @param user the account's user name
 * @param database empty for none
 * @param attributes connection attributes as bytes; empty for none
 * @param prover says who we are
 * @param notices whether to tell a gateway that its notices are understood
 */
public record BackendLogin(
        ProxyHeader proxyHeader,
        long capabilities,
        long maxPacket,
        int collation,
        String user,
        String database,
        byte[] attributes,
        Prover prover,
        boolean notices) {

    /** The version of notices that is understood. */
    public static final String NOTICES = "1";

    /** The login of Haulout's own questions: nothing negotiated that would change an answer's shape. */
    public static BackendLogin service(String user, String password) {
        return new BackendLogin(
                null,
                Capability.PROTOCOL_41
                        | Capability.SECURE_CONNECTION
                        | Capability.TRANSACTIONS
                        | Capability.PLUGIN_AUTH
                        | Capability.DEPRECATE_EOF
                        | Capability.CLIENT_MYSQL,
                1 << 24,
                45,
                user,
                "",
                new byte[0],
                new Prover.Kept(new Credential.ClearPassword(Secret.of(password.getBytes(StandardCharsets.UTF_8)))),
                false);
    }
}
