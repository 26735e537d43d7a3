package dev.haulout.proxy.wake.process;

import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fresh data directory without anyone's accounts, kept per server binary and user. The server takes half a second or
 * more to make one by itself; a copy takes a few hundredths.
 *
 * <p>It holds what {@code mariadb-install-db} makes (system tables, help, {@code sys} schema, the routines for GIS) less
 * the {@code test} schema and its rights for everyone, and one account: {@code root@localhost} with a password hash that
 * fits no password.
 */
final class Template {
    /** In the order in which they need each other. */
    private static final List<String> SCRIPTS = List.of(
            "system_tables.sql",
            "performance_tables.sql",
            "system_tables_data.sql",
            "fill_help_tables.sql",
            "maria_add_gis_sp_bootstrap.sql",
            "sys_schema.sql");

    /** The redo log's size decides how long a recovery may take (facts: 246 ms at 16M, 869 ms at 96M). */
    static final String REDO_SIZE = "16M";

    private static final String UNFINISHED = "tmp-";
    private static final Logger log = LoggerFactory.getLogger(Template.class);

    private final ServerBinary binary;
    private final ServerUser user;
    private final Path folder;

    Template(ServerBinary binary, ServerUser user, Path cache) {
        this.binary = binary;
        this.user = user;
        this.folder = cache.resolve("templates");
    }

    /**
     * Copies the template to {@code target}, which must not exist; makes it first if need be. The copy is on the disk
     * when this returns.
     *
     * @throws IOException when the template cannot be made or copied, with the server's own reason
     */
    void copyTo(Path target) throws IOException, InterruptedException {
        Path template = made();
        Command.Outcome copied = Command.run(
                List.of("cp", "-a", "--sparse=always", "--reflink=auto", template.toString(), target.toString()));
        if (copied.status() != 0) {
            throw new IOException("copying " + template + " to " + target + " failed: "
                    + StartCause.worded(copied.lines(), binary, user).orElse(String.join(" ", copied.lines())));
        }
        DurableFiles.syncTree(target);
    }

    private Path made() throws IOException, InterruptedException {
        Path finished = folder.resolve(binary.version().series() + "-" + user.name() + "-" + binary.digest());
        if (Files.isDirectory(finished)) {
            return finished.resolve("data");
        }
        user.makeOuterDirectory(folder.getParent());
        user.makeOuterDirectory(folder);
        try (FolderLock lock = FolderLock.of(folder)) {
            if (!Files.isDirectory(finished)) {
                DurableFiles.deleteLeftovers(lock.folder(), UNFINISHED);
                Path unfinished = folder.resolve(UNFINISHED + UUID.randomUUID());
                user.makeOuterDirectory(unfinished);
                make(unfinished);
                // From here on the server's user has no business in it: a stranger who took over one server could
                // otherwise plant something in the directory that all later instances start from.
                Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwx------"));
                DurableFiles.syncTree(unfinished);
                DurableFiles.rename(unfinished, finished);
            }
        }
        return finished.resolve("data");
    }

    private void make(Path home) throws IOException, InterruptedException {
        log.info(
                "Making a template data directory with {} {}",
                binary.executable(),
                binary.version().text());
        Path data = home.resolve("data");
        user.makePrivateDirectory(data);
        Path temporary = home.resolve("tmp"); // servers that share one remove each other's tables
        user.makePrivateDirectory(temporary);
        Path script = home.resolve("bootstrap.sql");
        Files.writeString(script, "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket='root';\n");
        for (String part : SCRIPTS) {
            Files.write(script, Files.readAllBytes(binary.script(part)), StandardOpenOption.APPEND);
        }
        // The scripts let root of this host's name act for others too; with host names switched off that is a warning
        // at every start and nothing else.
        Files.writeString(
                script,
                "\nDELETE FROM mysql.proxies_priv WHERE Host <> 'localhost';\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.APPEND);
        List<String> command = new ArrayList<>(List.of(binary.executable().toString(), "--no-defaults"));
        command.addAll(binary.locationOptions());
        command.addAll(List.of(
                "--bootstrap",
                "--datadir=" + data,
                "--tmpdir=" + temporary,
                "--log-warnings=0",
                "--enforce-storage-engine=",
                "--max-allowed-packet=8M",
                "--skip-name-resolve",
                "--skip-ssl",
                // Nothing here has to survive a crash until it is synced as a whole.
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-doublewrite=OFF",
                "--loose-sync-frm=OFF",
                "--innodb-log-file-size=" + REDO_SIZE));
        if (user.weAreRoot()) {
            command.add("--user=" + user.name());
        }
        Command.Outcome outcome = Command.run(command, script);
        if (outcome.status() != 0) {
            throw new IOException("making a fresh data directory in " + data + " failed: "
                    + StartCause.of(outcome.lines(), "mariadbd exited with status " + outcome.status(), binary, user));
        }
        Files.delete(script);
        DurableFiles.deleteTree(temporary);
        Path upgradeRecord =
                data.resolve(binary.version().major() < 11 ? "mysql_upgrade_info" : "mariadb_upgrade_info");
        String release = binary.version().series() + "." + binary.version().patch() + "-MariaDB";
        Files.writeString(upgradeRecord, release);
        user.own(upgradeRecord);
    }
}
