package dev.haulout.proxy.account;

/** Names of the plugins by which a client proves itself, as an AuthSwitchRequest says them. */
public final class ClientPlugin {
    /** Answers a 20-byte scramble with 20 bytes, or with nothing for the empty password. */
    public static final String NATIVE_PASSWORD = "mysql_native_password";
    /** Answers a 32-byte nonce with a 64-byte signature. */
    public static final String ED25519 = "client_ed25519";

    /** Answers with the password and a NUL: over TLS or a unix socket only. */
    public static final String CLEAR_PASSWORD = "mysql_clear_password";

    private ClientPlugin() {}
}
