package dev.haulout.proxy.wake.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where one instance lives on this host. The folder itself belongs to whoever runs the proxy; only {@code data} and
 * {@code run} belong to the server's user, so that a server taken over by a stranger cannot reach the secrets or the log.
 *
 * @param instance the instance's name, for messages
 * @param path the folder; made absolute, since the server changes its own working directory
 */
public record InstanceFolder(String instance, Path path) {
    /** The longest path a unix socket may have on Linux, in bytes ({@code sun_path} less its closing zero). */
    static final int LONGEST_SOCKET_PATH = 107;

    public InstanceFolder {
        path = path.toAbsolutePath().normalize();
    }

    /** The data directory. It exists only when it is whole. */
    public Path data() {
        return path.resolve("data");
    }

    /** The directory of the server's socket and pid file, open to the server's user alone. */
    Path run() {
        return path.resolve("run");
    }

    /**
     * The server's temporary files, in a directory of its own: a server that starts deletes every {@code #sql} file it
     * finds there, in use by another server or not.
     */
    Path temporary() {
        return path.resolve("tmp");
    }

    /** The server's socket. */
    public Path socket() {
        return run().resolve("db.sock");
    }

    /** The server's log: what it wrote to its standard output and error. */
    public Path log() {
        return path.resolve("mariadbd.log");
    }

    Path serverPidFile() {
        return run().resolve("db.pid");
    }

    /** The directory of what the server needs for TLS, open to the server's user alone. */
    Path tls() {
        return path.resolve("tls");
    }

    /** The server's certificate, and its key. */
    Path serverCertificate() {
        return tls().resolve("server.pem");
    }

    /** Who vouches for both sides of a connection to the server. */
    Path authorityCertificate() {
        return tls().resolve("ca.pem");
    }

    /** The same with its key, for us only. */
    Path authority() {
        return path.resolve("authority.pem");
    }

    Path runRecord() {
        return path.resolve("server.run");
    }

    Path options() {
        return path.resolve("my.cnf");
    }

    Path secrets() {
        return path.resolve("secrets.json");
    }

    Path accountScript() {
        return path.resolve("accounts.sql");
    }

    Path versionRecord() {
        return path.resolve("server.version");
    }

    /** @throws IOException when the socket's path is longer than Linux allows */
    void checkSocketPath() throws IOException {
        int length = socket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_SOCKET_PATH) {
            throw new IOException("the socket " + socket() + " has a path of " + length + " bytes and Linux allows "
                    + LONGEST_SOCKET_PATH + ": keep the instances in a folder with a shorter path");
        }
    }
}
