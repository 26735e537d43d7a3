package dev.haulout.e2e.drivers;

import dev.haulout.proxy.wake.process.ServerBinary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * A {@code mariadbd} made to take its time: a program that waits and then becomes the server of this host. It waits only
 * once told so by {@link #slowDown}, and never where the server is just asked about itself or makes a data directory.
 */
public final class SlowServer {
    private final Path program;
    private final Path mark;

    private SlowServer(Path program, Path mark) {
        this.program = program;
        this.mark = mark;
    }

    /**
     * Writes the program.
     *
     * @param folder where to
     * @param seconds how long it waits
     */
    public static SlowServer in(Path folder, int seconds) throws IOException, InterruptedException {
        ServerBinary server = ServerBinary.find(Optional.empty(), folder.resolve("cache"));
        Path program = folder.resolve("slow-mariadbd");
        Path mark = folder.resolve("slow");
        // options that say which file of options to read are only understood in the first place
        String location = String.join(" ", quoted(server.locationOptions()));
        Files.writeString(program, """
                #!/bin/sh
                first=$1
                shift
                case "$*" in
                *--socket=*) [ ! -e '%s' ] || sleep %d ;;
                esac
                exec '%s' "$first" %s "$@"
                """.formatted(mark, seconds, server.executable(), location));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new SlowServer(program, mark);
    }

    private static List<String> quoted(List<String> words) {
        return words.stream().map(word -> "'" + word + "'").toList();
    }

    /** What to name as an instance's server. */
    public Path program() {
        return program;
    }

    /** From now on it waits before each start. */
    public void slowDown() throws IOException {
        Files.createFile(mark);
    }
}
