package dev.haulout.proxy.account;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;

/**
 * One way to prove to be an account, as {@code mysql.global_priv} describes it. An account may have several
 * ({@code IDENTIFIED VIA a OR b}), tried in order.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = AuthMethod.NativePassword.class, name = "native"),
    @JsonSubTypes.Type(value = AuthMethod.KnownPassword.class, name = "known"),
    @JsonSubTypes.Type(value = AuthMethod.Ed25519.class, name = "ed25519"),
    @JsonSubTypes.Type(value = AuthMethod.UnixSocket.class, name = "unix_socket"),
    @JsonSubTypes.Type(value = AuthMethod.Unusable.class, name = "unusable"),
    @JsonSubTypes.Type(value = AuthMethod.Unverifiable.class, name = "unverifiable"),
})
public sealed interface AuthMethod {

    /** The server's name for the plugin. */
    String plugin();

    /** What a client that knows the password can make of it too; empty where there is none, or no password. */
    default Optional<Secret> hash() {
        return Optional.empty();
    }

    /**
     * {@code mysql_native_password}.
     *
     * @param sha1sha1 {@code SHA1(SHA1(password))}, 20 bytes; empty for the empty password
     */
    record NativePassword(Secret sha1sha1) implements AuthMethod {
        public NativePassword {
            if (sha1sha1.length() != 0 && sha1sha1.length() != 20) {
                throw new IllegalArgumentException(
                        "a native password hash has 20 bytes or none, not " + sha1sha1.length());
            }
        }

        @Override
        public String plugin() {
            return ClientPlugin.NATIVE_PASSWORD;
        }

        @Override
        public Optional<Secret> hash() {
            return Optional.of(sha1sha1).filter(hash -> hash.length() > 0);
        }
    }

    /**
     * A password that the door knows in clear. The client proves it by {@code mysql_native_password}; to the server the
     * door can prove it by any plugin.
     *
     * @param password may be empty
     */
    record KnownPassword(Secret password) implements AuthMethod {
        @Override
        public String plugin() {
            return ClientPlugin.NATIVE_PASSWORD;
        }
    }

    /**
     * {@code ed25519}.
     *
     * @param publicKey 32 bytes
     */
    record Ed25519(Secret publicKey) implements AuthMethod {
        public Ed25519 {
            if (publicKey.length() != 32) {
                throw new IllegalArgumentException("an ed25519 key has 32 bytes, not " + publicKey.length());
            }
        }

        @Override
        public String plugin() {
            return "ed25519";
        }

        @Override
        public Optional<Secret> hash() {
            return Optional.of(publicKey);
        }
    }

    /**
     * {@code unix_socket}: the operating system vouches for the client's process.
     *
     * @param asUser the name its OS user must have; empty for the name it logs in with
     */
    record UnixSocket(String asUser) implements AuthMethod {
        @Override
        public String plugin() {
            return "unix_socket";
        }
    }

    /**
     * A plugin whose stored value no password fits: {@code mysql_native_password USING 'invalid'} and the like. The
     * client is asked for its proof as ever, and it's never right.
     *
     * @param plugin the server's name for the plugin
     */
    record Unusable(String plugin) implements AuthMethod {}

    /**
     * A plugin that only the server can judge (pam, gssapi, parsec and others), or an account whose row can't be read.
     *
     * @param plugin the server's name for the plugin
     */
    record Unverifiable(String plugin) implements AuthMethod {}
}
