package dev.haulout.proxy.wake.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;

/**
 * What a server wrote since one start of it.
 *
 * @param file the log, appended to by every start
 * @param from where this start's lines begin, in bytes
 */
record ServerLog(Path file, long from) {
    /** A start finds the log at most this big, with one older log of that size beside it. */
    private static final long LARGEST = 8L << 20;

    /** How much of a start is read for its cause of failure; a server can write without end. */
    private static final int LONGEST_READ = 256 << 10;

    private static final int LAST_LINES = 20;

    /** Makes a log ready for a start: set aside when it has grown large, made when it is missing. */
    static ServerLog startingIn(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) > LARGEST) {
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + ".1"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.exists(file)) {
            Files.newByteChannel(
                            file,
                            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")))
                    .close();
        }
        return new ServerLog(file, Files.size(file));
    }

    /** The log of a server that was started by someone else: its last part. */
    static ServerLog endOf(Path file) {
        ServerLog whole = new ServerLog(file, 0);
        return new ServerLog(file, Math.max(0, whole.size() - LONGEST_READ / 8));
    }

    /** The log's size in bytes, 0 when there is none. */
    long size() {
        return file.toFile().length();
    }

    /** The lines since the start, the first of them only when there are very many. */
    List<String> lines() {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
            content.seek(from);
            byte[] bytes = new byte[(int) Math.clamp(content.length() - from, 0, LONGEST_READ)];
            content.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            return List.of("the log " + file + " cannot be read: " + e.getMessage());
        }
    }

    /** The last lines since the start. */
    List<String> lastLines() {
        List<String> lines = lines();
        return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
    }
}
