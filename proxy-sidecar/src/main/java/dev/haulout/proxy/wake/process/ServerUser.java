package dev.haulout.proxy.wake.process;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operating system's user a server runs as.
 *
 * @param principal the user
 * @param weAreRoot whether the proxy is root and so has to tell the server its user and to give it its files
 */
record ServerUser(UserPrincipal principal, boolean weAreRoot) {
    private static final Logger log = LoggerFactory.getLogger(ServerUser.class);

    /** One warning is enough, however many instances there are. */
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    /**
     * Decides the user: as root the named one, {@code mysql} where it exists or else root; as anyone else oneself.
     *
     * @throws IOException when the named user does not exist or cannot be used
     */
    static ServerUser resolve(Optional<String> configured) throws IOException {
        Path self = Path.of("/proc/self");
        UserPrincipal ourselves = Files.getOwner(self);
        if (!Integer.valueOf(0).equals(Files.getAttribute(self, "unix:uid"))) {
            if (configured.isPresent() && !configured.get().equals(ourselves.getName())) {
                throw new IOException("only root can run a server as user " + configured.get() + " and this is "
                        + ourselves.getName() + ": leave the user out, or run the proxy as root");
            }
            return new ServerUser(ourselves, false);
        }
        Optional<UserPrincipal> found = lookup(configured.orElse("mysql"));
        if (found.isEmpty() && configured.isPresent()) {
            throw new IOException("the user " + configured.get() + " that the server is to run as does not exist:"
                    + " create it, or leave it out to use mysql");
        }
        if (found.isEmpty() && WARNED.compareAndSet(false, true)) {
            log.warn("There is no user mysql, so the server runs as root. Create one: useradd --system mysql");
        }
        return new ServerUser(found.orElse(ourselves), true);
    }

    private static Optional<UserPrincipal> lookup(String name) throws IOException {
        try {
            return Optional.of(
                    Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name));
        } catch (UserPrincipalNotFoundException e) {
            return Optional.empty();
        }
    }

    /** The user's name. */
    String name() {
        return principal.getName();
    }

    /** Gives a file or directory to this user. */
    void own(Path path) throws IOException {
        if (weAreRoot) {
            Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setOwner(principal);
        }
    }

    /** Makes a directory that only this user can look into, unless it is there. */
    void makePrivateDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        own(directory);
    }

    /**
     * Makes a directory of our own that this user can pass through but not list, unless it is there. Folders above it
     * that are missing are made too.
     */
    void makeOuterDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(
                    directory, PosixFilePermissions.fromString(weAreRoot ? "rwx--x--x" : "rwx------"));
        }
    }

    /**
     * Gives this user what root left behind in its data directory, as after a server was run there by hand: one file of
     * root's stops the next start. Looks at the first level, and deeper only when something is wrong there. A file with
     * several names is left alone, as another of them may lie elsewhere.
     */
    void reclaim(Path data) throws IOException {
        if (!weAreRoot || name().equals("root")) {
            return;
        }
        if (giveAwayRootsFiles(data, 1)) {
            giveAwayRootsFiles(data, Integer.MAX_VALUE);
            log.warn("Files in {} belonged to root and now belong to {}, as the server needs it", data, name());
        }
    }

    private boolean giveAwayRootsFiles(Path data, int depth) throws IOException {
        boolean[] found = {false};
        Files.walkFileTree(data, Set.of(), depth, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                return visitFile(directory, attributes);
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                if (Integer.valueOf(0).equals(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                        && (attributes.isDirectory()
                                || Integer.valueOf(1)
                                        .equals(Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS)))) {
                    own(path);
                    found[0] = true;
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found[0];
    }
}
