package dev.haulout.proxy.wake.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * How a server is called. Settings that only make it start faster stand in its options file with the user's own lines
 * after them; those that the proxy relies on are arguments, which win over both. Durability is left to the server's
 * defaults, which are safe.
 */
final class ServerCommand {
    /** The facts' three settings that matter for the start, and what every server here is to have. */
    private static final List<String> DEFAULTS = List.of(
            "key-buffer-size=64K",
            "innodb-log-buffer-size=2M",
            "aria-pagecache-buffer-size=1M",
            "innodb-log-file-size=" + Template.REDO_SIZE,
            "performance-schema=OFF");

    /** Lets a session see its own GET_LOCK, which pins it. */
    private static final String LOCK_PLUGIN = "metadata_lock_info";

    private final InstanceFolder folder;
    private final ServerBinary binary;
    private final ServerUser user;
    private final ServerTls tls;

    ServerCommand(InstanceFolder folder, ServerBinary binary, ServerUser user, ServerTls tls) {
        this.folder = folder;
        this.binary = binary;
        this.user = user;
        this.tls = tls;
    }

    /** The argument by which a running server of this instance is recognised. */
    static String dataArgument(InstanceFolder folder) {
        return "--datadir=" + folder.data();
    }

    /**
     * Writes the options file, for the server's user alone: it may hold secrets. A server reads it at its start and once
     * more for every {@code INSTALL PLUGIN}, which fails with 1524 when it can't.
     */
    void writeOptions(List<String> myCnf) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("# Written anew at every start; put your own lines in the instance's myCnf.");
        lines.add("[mariadbd]");
        lines.addAll(DEFAULTS);
        lines.add("tmpdir=\"" + folder.temporary().toString().replace("\\", "\\\\") + "\"");
        if (binary.hasPlugin(LOCK_PLUGIN)) {
            lines.add("plugin-load-add=" + LOCK_PLUGIN);
        }
        lines.add("# from here on myCnf");
        lines.addAll(myCnf);
        Path temporary = folder.options().resolveSibling("my.cnf.tmp");
        Files.deleteIfExists(temporary);
        try (var file = Files.newByteChannel(
                temporary,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            file.write(StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n"));
        }
        user.own(temporary);
        Files.move(temporary, folder.options(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Starts the server in a session of its own, so that neither a Ctrl-C at our terminal nor our death reaches it.
     * {@code setsid} replaces itself by the server: the process is the server's.
     *
     * @param accounts SQL for the server to run before it accepts connections
     */
    Process spawn(ServerLog log, Optional<Path> accounts) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("setsid", binary.executable().toString(), "--defaults-file=" + folder.options()));
        command.addAll(binary.locationOptions());
        command.addAll(List.of(
                dataArgument(folder),
                "--socket=" + folder.socket(),
                "--pid-file=" + folder.serverPidFile(),
                "--skip-log-error",
                "--skip-networking",
                "--skip-name-resolve",
                "--unix-socket=OFF",
                // Over the unix socket only; there is no other way in.
                "--proxy-protocol-networks=localhost"));
        command.addAll(tls.serverOptions());
        if (user.weAreRoot()) {
            command.add("--user=" + user.name());
        }
        accounts.ifPresent(script -> {
            command.add("--init-file=" + script);
            // A password policy of the user's choice judges passwords in clear and refuses the hashes in the script.
            command.add("--strict-password-validation=OFF");
        });
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
                .redirectErrorStream(true);
        Command.clean(builder.environment());
        return builder.start();
    }
}
