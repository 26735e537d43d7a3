package dev.haulout.proxy.gateway;

import dev.haulout.proxy.durable.Shelf;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One instance's shelf: what the operator put into the Secret, and over it what this gateway has learnt since from the
 * running server, which it keeps in memory only.
 */
final class LearnedShelf implements Shelf {
    private final LearnedSecrets secrets;
    private final String uid;
    private final Map<String, byte[]> own = new ConcurrentHashMap<>();
    private volatile boolean ignored;

    LearnedShelf(LearnedSecrets secrets, String uid) {
        this.secrets = secrets;
        this.uid = uid;
    }

    /** The operator has put something new there. */
    void forgetOwn() {
        ignored = false;
        own.clear();
    }

    /** What the operator put there is of no use. */
    void ignoreSecret() {
        ignored = true;
    }

    @Override
    public Optional<byte[]> read(String name) {
        return Optional.ofNullable(own.get(name)).or(() -> ignored ? Optional.empty() : secrets.read(uid, name));
    }

    @Override
    public void write(String name, byte[] content) {
        own.put(name, content);
    }

    @Override
    public String place(String name) {
        return "the key " + name + " of the Secret haulout-learned-" + uid;
    }
}
