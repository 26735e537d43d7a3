package dev.haulout.proxy.wake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What servers greet with, by the digest of their program and configuration: an instance that never ran greets as others
 * like it do.
 *
 * @param folder where they are kept; it exists
 * @param known those already read
 */
public record SharedIdentities(Path folder, Map<String, Optional<ServerIdentity>> known) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    public SharedIdentities(Path folder) {
        this(folder, new ConcurrentHashMap<>());
    }

    /** What servers of this digest greet with; empty while none has run. */
    Optional<ServerIdentity> find(String digest) throws IOException {
        Optional<ServerIdentity> identity = known.get(digest);
        if (identity == null) {
            identity = Files.exists(file(digest))
                    ? Optional.of(JSON.readValue(Files.readAllBytes(file(digest)), ServerIdentity.class))
                    : Optional.empty();
            known.put(digest, identity);
        }
        return identity;
    }

    void keep(ServerIdentity identity) throws IOException {
        if (!Optional.of(identity).equals(known.put(identity.learntFrom(), Optional.of(identity)))) {
            DurableFiles.replace(file(identity.learntFrom()), JSON.writeValueAsBytes(identity));
        }
    }

    private Path file(String digest) {
        return folder.resolve("identity-" + digest + ".json");
    }
}
