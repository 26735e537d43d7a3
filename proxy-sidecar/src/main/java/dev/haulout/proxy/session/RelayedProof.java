package dev.haulout.proxy.session;

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
    private byte[] nativeScramble;
    private byte[] nativeResponse;

    RelayedProof(Client client) {
        this.client = client;
    }

    @Override
    public Opening open(byte[] scramble) {
        return new Opening(NONE, new byte[0]);
    }

    @Override
    public boolean prove(String plugin, byte[] data, Consumer<byte[]> reply) {
        boolean isNative = plugin.equals("mysql_native_password") && data.length >= SCRAMBLE;
        nativeScramble = isNative ? Arrays.copyOf(data, SCRAMBLE) : null;
        client.switchTo(new AuthSwitch(plugin, data), response -> {
            nativeResponse = isNative ? response : null;
            reply.accept(response);
        });
        return true;
    }

    @Override
    public boolean more(byte[] data, Consumer<byte[]> reply) {
        client.more(data, reply);
        return true;
    }

    /** The scramble of the last native round; empty where the last round was another's. */
    Optional<Secret> scramble() {
        return nativeResponse == null ? Optional.empty() : Optional.of(Secret.of(nativeScramble));
    }

    /** The client's answer in that round. */
    Secret response() {
        return Secret.of(nativeResponse);
    }
}
