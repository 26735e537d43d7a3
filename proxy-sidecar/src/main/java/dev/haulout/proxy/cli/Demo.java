package dev.haulout.proxy.cli;

import dev.haulout.proxy.door.InheritedSockets;
import dev.haulout.proxy.door.Networks;
import dev.haulout.proxy.host.Host;
import dev.haulout.proxy.host.HostFailure;
import dev.haulout.proxy.host.HostOptions;
import dev.haulout.proxy.host.InstanceStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * One instance in a temporary folder, run as {@code haulout host} runs those of its users: from a manifest. Closing it
 * shuts the server down and removes the folder.
 */
final class Demo implements AutoCloseable {
    /** Database and user of the demo. */
    static final String NAME = "demo";

    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

    private final Path folder;
    private final String password;
    private final Host host;

    private Demo(Path folder, String password, Host host) {
        this.folder = folder;
        this.password = password;
        this.host = host;
    }

    /**
     * Opens the door. The server is then started once to learn its greeting, which goes on after this returns.
     *
     * @param sleepAfter as in a manifest
     * @param port of the door; without it one that is free
     * @throws HostFailure when there is no server, or the port is taken; then nothing is left behind
     */
    static Demo start(String sleepAfter, OptionalInt port) throws IOException, HostFailure, InterruptedException {
        Path folder = Files.createTempDirectory("haulout-demo-");
        try {
            // the server's own user must be able to pass through
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
            String password = freshPassword();
            Path manifests = Files.createDirectory(
                    folder.resolve("manifests"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.writeString(manifests.resolve("demo.yaml"), manifest(sleepAfter, port, password));
            Host host = Host.start(new HostOptions(
                    manifests,
                    state(folder),
                    Optional.empty(),
                    Optional.empty(),
                    Networks.NONE,
                    InheritedSockets.NONE,
                    Duration.ZERO));
            return new Demo(folder, password, host);
        } catch (IOException | HostFailure | InterruptedException e) {
            remove(folder);
            throw e;
        }
    }

    /** A short name: the path of the server's socket in it may have no more than 107 bytes. */
    private static Path state(Path folder) {
        return folder.resolve("s");
    }

    private static String freshPassword() {
        SecureRandom random = new SecureRandom();
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return letters.toString();
    }

    private static String manifest(String sleepAfter, OptionalInt port, String password) {
        return """
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata:
                  name: %1$s
                spec:
                  database: %1$s
                  user: %1$s
                  passwordSecret:
                    name: %1$s
                  sleep:
                    after: %2$s
                  host:
                    listen: [%3$s]
                ---
                apiVersion: v1
                kind: Secret
                metadata:
                  name: %1$s
                stringData:
                  password: %4$s
                """.formatted(
                        NAME, sleepAfter, port.isPresent() ? "\"127.0.0.1:" + port.getAsInt() + "\"" : "", password);
    }

    /** How the instance is. */
    InstanceStatus status() {
        return host.status().getFirst();
    }

    /** The server's version, without what elder servers put before it in their greeting. */
    String version() {
        return status().version().replaceFirst("^5\\.5\\.5-", "");
    }

    /** The password of user {@link #NAME}. */
    String password() {
        return password;
    }

    /** The door's port on 127.0.0.1. */
    int port() {
        String door = status().doors().getFirst();
        return Integer.parseInt(door.substring(door.lastIndexOf(':') + 1));
    }

    /** Where the state lies, until the demo is closed. */
    Path cache() {
        return state(folder).resolve("cache");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        host.stop();
        remove(folder);
    }

    private static void remove(Path folder) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(folder)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.deleteIfExists(file);
        }
    }
}
