package dev.haulout.proxy.backend;

import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.account.Verifier;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.function.Consumer;

/** Proves to a server who is logging in: from what is kept of a password, or by asking the client. */
public interface Prover {

    /** The proof sent with the handshake response, and the plugin it is for. */
    Opening open(byte[] scramble);

    /**
     * The server asks for a proof by {@code plugin}.
     *
     * @param data the plugin's data, a scramble as a rule
     * @param reply takes the proof's bytes, now or later, on the connection's event loop
     * @return false when such a proof can't be had; the login then fails
     */
    boolean prove(String plugin, byte[] data, Consumer<byte[]> reply);

    /**
     * The plugin goes on with a round of its own (AuthMoreData).
     *
     * @return false when there is no answer to it
     */
    boolean more(byte[] data, Consumer<byte[]> reply);

    /**
     * @param plugin the plugin named in the handshake response
     * @param proof its proof
     */
    record Opening(String plugin, byte[] proof) {}

    /** Proves by what is kept of a verified login. */
    record Kept(Credential credential) implements Prover {
        private static final int SCRAMBLE = 20;

        @Override
        public Opening open(byte[] scramble) {
            return switch (credential) {
                case Credential.EmptyPassword empty -> new Opening(ClientPlugin.NATIVE_PASSWORD, new byte[0]);
                case Credential.HashedPassword hashed ->
                    new Opening(ClientPlugin.NATIVE_PASSWORD, Verifier.nativeResponse(hashed.sha1(), scramble));
                case Credential.ClearPassword clear ->
                    new Opening(
                            ClientPlugin.NATIVE_PASSWORD, Verifier.nativeResponse(sha1(clear.password()), scramble));
                case Credential.Nothing nothing -> new Opening(ClientPlugin.NATIVE_PASSWORD, new byte[0]);
            };
        }

        @Override
        public boolean prove(String plugin, byte[] data, Consumer<byte[]> reply) {
            if (plugin.equals(ClientPlugin.ED25519) && credential instanceof Credential.ClearPassword clear) {
                reply.accept(Verifier.ed25519Signature(clear.password(), data));
                return true;
            }
            if (plugin.equals(ClientPlugin.CLEAR_PASSWORD) && credential instanceof Credential.ClearPassword clear) {
                byte[] password = clear.password().bytes();
                reply.accept(Arrays.copyOf(password, password.length + 1));
                return true;
            }
            if (!plugin.equals(ClientPlugin.NATIVE_PASSWORD) || data.length < SCRAMBLE) {
                return false;
            }
            reply.accept(open(Arrays.copyOf(data, SCRAMBLE)).proof());
            return true;
        }

        @Override
        public boolean more(byte[] data, Consumer<byte[]> reply) {
            return false;
        }

        private static Secret sha1(Secret password) {
            if (password.length() == 0) {
                return password;
            }
            try {
                return Secret.of(MessageDigest.getInstance("SHA-1").digest(password.bytes()));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-1", e);
            }
        }
    }
}
