package dev.haulout.proxy.backend;

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

    /** Proves by {@code SHA1(password)}, or by its absence. */
    record Kept(byte[] sha1) implements Prover {
        @Override
        public Opening open(byte[] scramble) {
            return new Opening(NativePassword.PLUGIN, NativePassword.proof(sha1, scramble));
        }

        @Override
        public boolean prove(String plugin, byte[] data, Consumer<byte[]> reply) {
            if (!plugin.equals(NativePassword.PLUGIN)) {
                return false;
            }
            reply.accept(NativePassword.proof(sha1, data));
            return true;
        }

        @Override
        public boolean more(byte[] data, Consumer<byte[]> reply) {
            return false;
        }

        @Override
        public String toString() {
            return "Kept[]";
        }
    }
}
