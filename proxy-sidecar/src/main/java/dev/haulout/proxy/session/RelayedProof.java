package dev.haulout.proxy.session;

import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.account.Proof;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.backend.Prover;
import dev.haulout.proxy.protocol.AuthSwitch;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/** Lets the client prove itself to the server: whatever the server asks, the client is asked. */
final class RelayedProof implements Prover {
    /** No plugin has this name, so the server answers with an AuthSwitchRequest for the one it wants. */
    private static final String NONE = "haulout_asks_the_client";

    private static final int SCRAMBLE = 20;

    /** Asks the client. */
    interface Client {
        /** Sends an AuthSwitchRequest; {@code reply} takes what the client answers. */
        void switchTo(AuthSwitch request, Consumer<byte[]> reply);

        /** Sends AuthMoreData; {@code reply} takes what the client answers. */
        void more(byte[] data, Consumer<byte[]> reply);
    }

    private final Client client;
    private Optional<Proof> proof = Optional.empty();

    RelayedProof(Client client) {
        this.client = client;
    }

    @Override
    public Opening open(byte[] scramble) {
        return new Opening(NONE, new byte[0]);
    }

    @Override
    public boolean prove(String plugin, byte[] data, Consumer<byte[]> reply) {
        proof = Optional.empty();
        client.switchTo(new AuthSwitch(plugin, data), response -> {
            proof = plugin.equals(ClientPlugin.CLEAR_PASSWORD)
                    ? Optional.of(Proof.ClearPassword.of(response))
                    : challenge(plugin, data)
                            .map(challenge -> new Proof.Response(Secret.of(challenge), Secret.of(response)));
            reply.accept(response);
        });
        return true;
    }

    /** What the client's answer is over, where that can be checked. */
    private static Optional<byte[]> challenge(String plugin, byte[] data) {
        if (plugin.equals(ClientPlugin.NATIVE_PASSWORD) && data.length >= SCRAMBLE) {
            return Optional.of(Arrays.copyOf(data, SCRAMBLE));
        }
        return plugin.equals(ClientPlugin.ED25519) ? Optional.of(data) : Optional.empty();
    }

    @Override
    public boolean more(byte[] data, Consumer<byte[]> reply) {
        client.more(data, reply);
        return true;
    }

    /** What the client proved last; empty where that was by a plugin that only the server can check. */
    Optional<Proof> proof() {
        return proof;
    }
}
