package dev.haulout.proxy.wake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.proxy.durable.NoShelf;
import dev.haulout.proxy.durable.Shelf;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What servers greet with, by the digest of their program and configuration: an instance that never ran greets as others
 * like it do.
 *
 * @param shelf where they are kept
 * @param known those already read
 */
public record SharedIdentities(Shelf shelf, Map<String, Optional<ServerIdentity>> known) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    public SharedIdentities(Shelf shelf) {
        this(shelf, new ConcurrentHashMap<>());
    }

    /**
     * For one instance alone. Where instances have different owners, whoever runs a server, or its image, must not tell
     * another's clients what they are greeted with.
     */
    public static SharedIdentities ofOneInstance() {
        return new SharedIdentities(new NoShelf());
    }

    /** What servers of this digest greet with; empty while none has run. */
    Optional<ServerIdentity> find(String digest) throws IOException {
        Optional<ServerIdentity> identity = known.get(digest);
        if (identity == null) {
            Optional<byte[]> kept = shelf.read(name(digest));
            identity =
                    kept.isPresent() ? Optional.of(JSON.readValue(kept.get(), ServerIdentity.class)) : Optional.empty();
            known.put(digest, identity);
        }
        return identity;
    }

    void keep(ServerIdentity identity) throws IOException {
        if (!Optional.of(identity).equals(known.put(identity.learntFrom(), Optional.of(identity)))) {
            shelf.write(name(identity.learntFrom()), JSON.writeValueAsBytes(identity));
        }
    }

    private static String name(String digest) {
        return "identity-" + digest + ".json";
    }
}
