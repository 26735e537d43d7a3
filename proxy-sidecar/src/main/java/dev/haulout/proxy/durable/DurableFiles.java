package dev.haulout.proxy.durable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes that are on the disk, whole or not at all, when a method returns. */
public final class DurableFiles {
    /** Enough for the disk's journal to take many files with one commit. */
    private static final int SYNCS_AT_ONCE = 16;

    private static final Logger log = LoggerFactory.getLogger(DurableFiles.class);

    /** Gives a file to whom it belongs, before it gets its name. */
    @FunctionalInterface
    public interface Owner {
        void own(Path file) throws IOException;
    }

    private DurableFiles() {}

    /**
     * Makes {@code file} hold {@code content}, readable and writable by us only: written to a temporary file, synced,
     * renamed, and the directory synced.
     */
    public static void replace(Path file, byte[] content) throws IOException {
        replace(file, content, ours -> {});
    }

    /** As {@link #replace(Path, byte[])}, but the file belongs to whom {@code owner} gives it. */
    public static void replace(Path file, byte[] content, Owner owner) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                owner.own(temporary);
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(file.toAbsolutePath().getParent());
    }

    /** Renames and syncs the directory the new name is in. */
    public static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(to.getParent());
    }

    /** Removes a file and syncs its directory. */
    public static void delete(Path file) throws IOException {
        Files.delete(file);
        sync(file.toAbsolutePath().getParent());
    }

    /** Syncs one file or directory. */
    public static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Syncs every file and directory under {@code root}, and {@code root} itself. */
    public static void syncTree(Path root) throws IOException, InterruptedException {
        List<Callable<Void>> syncs = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(root)) {
            tree.filter(path -> !Files.isSymbolicLink(path))
                    .forEach(path -> syncs.add(() -> {
                        sync(path);
                        return null;
                    }));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(SYNCS_AT_ONCE)) {
            for (Future<Void> sync : executor.invokeAll(syncs)) {
                sync.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("syncing " + root + " failed: " + e.getCause().getMessage(), e.getCause());
        }
    }

    /** Removes a directory with all that is in it; nothing happens when it isn't there. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Removes what a crash left: everything in {@code folder} whose name starts with {@code prefix}. What cannot be
     * removed now, as when an orphaned {@code cp} still writes to it, is left for the next time; its name is never used
     * again.
     */
    public static void deleteLeftovers(Path folder, String prefix) throws IOException {
        List<Path> leftovers;
        try (Stream<Path> entries = Files.list(folder)) {
            leftovers = entries.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .toList();
        }
        for (Path leftover : leftovers) {
            try {
                deleteTree(leftover);
            } catch (IOException e) {
                log.warn("{} is left of an unfinished creation and cannot be removed now: {}", leftover, e.toString());
            }
        }
    }
}
