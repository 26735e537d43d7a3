package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.Prover;
import java.util.function.Consumer;

/**
 * Proves by what is kept of a password, as long as that serves; once the server asks for what only the client can give, as
 * of an account that was changed since the accounts were read, the client is asked.
 */
final class KeptProof implements Prover {
    private final Prover kept;
    private final Prover client;
    private final Runnable asksClient;
    private boolean served = true;

    /**
     * @param client asks the client
     * @param asksClient called when what is kept serves no longer, before the client is asked
     */
    KeptProof(Prover kept, Prover client, Runnable asksClient) {
        this.kept = kept;
        this.client = client;
        this.asksClient = asksClient;
    }

    /** Whether the client need not be asked. */
    boolean serves() {
        return served;
    }

    @Override
    public Opening open(byte[] scramble) {
        return kept.open(scramble);
    }

    @Override
    public boolean prove(String plugin, byte[] data, Consumer<byte[]> reply) {
        if (served && kept.prove(plugin, data, reply)) {
            return true;
        }
        if (served) {
            served = false;
            asksClient.run();
        }
        return client.prove(plugin, data, reply);
    }

    @Override
    public boolean more(byte[] data, Consumer<byte[]> reply) {
        return served ? kept.more(data, reply) : client.more(data, reply);
    }
}
