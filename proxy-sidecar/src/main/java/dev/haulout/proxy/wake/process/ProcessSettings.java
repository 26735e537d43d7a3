package dev.haulout.proxy.wake.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How an instance's server is to be run.
 *
 * @param serverUser the operating system's user the server runs as; only root may name one. When empty: as root
 *     {@code mysql} where it exists, else root itself; as anyone else that user
 * @param myCnf lines for the server's {@code [mariadbd]} options, as the user wrote them. They win over our fast-start
 *     settings but not over what the proxy relies on (directory, socket, no network, no TLS, PROXY protocol)
 * @param application a schema and its owner, made together with the data directory
 * @param cache the folder, shared by all instances, that keeps the template of a fresh data directory
 * @param patience how long a starting server may make no progress at all (processor time, I/O, log) before it is ended
 */
public record ProcessSettings(
        Optional<String> serverUser,
        List<String> myCnf,
        Optional<ApplicationAccount> application,
        Path cache,
        Duration patience) {

    /** What {@link #patience} is unless there is a reason: a recovery that reads and writes is never cut short by it. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(60);

    public ProcessSettings {
        myCnf = List.copyOf(myCnf);
        cache = cache.toAbsolutePath().normalize();
    }
}
