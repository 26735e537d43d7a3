package dev.haulout.proxy.wake.process;

import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance's data directory and the secrets beside it.
 *
 * <p>Steps of a creation, each on the disk before the next: the secrets; the account script; a copy of the template
 * under another name; its renaming to {@code data}. The account script goes away once a server has run it and what it
 * made is on the disk. So a crash anywhere leaves either no {@code data}, or one that is whole and whose next start
 * gives it its accounts.
 */
final class DataDirectory {
    private static final String UNFINISHED = "data.tmp-";
    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

    private final InstanceFolder folder;
    private final ServerBinary binary;
    private final ServerUser user;

    DataDirectory(InstanceFolder folder, ServerBinary binary, ServerUser user) {
        this.folder = folder;
        this.binary = binary;
        this.user = user;
    }

    /** Whether there is a whole data directory. */
    boolean exists() {
        return Files.isDirectory(folder.data());
    }

    /** Creates the directory, which does not exist, with what its first start needs. */
    void create(Template template, Optional<ApplicationAccount> application) throws IOException, InterruptedException {
        user.makeOuterDirectory(folder.path());
        DurableFiles.deleteLeftovers(folder.path(), UNFINISHED);
        if (!Files.exists(folder.secrets())) {
            Secrets.random().write(folder.secrets());
        }
        writeAccountScript(application);
        Path unfinished = folder.path().resolve(UNFINISHED + UUID.randomUUID());
        try {
            template.copyTo(unfinished);
            DurableFiles.rename(unfinished, folder.data());
        } catch (IOException | InterruptedException e) {
            DurableFiles.deleteLeftovers(folder.path(), UNFINISHED);
            throw e;
        }
    }

    /** Makes an existing directory ready for a start: files where root left its own, secrets where they were lost. */
    void prepare() throws IOException {
        user.reclaim(folder.data());
        if (!Files.exists(folder.secrets())) {
            log.atWarn()
                    .addKeyValue("instance", folder.instance())
                    .log("{} is missing; its passwords are made anew at this start", folder.secrets());
            // The script first: with it and no secrets this is repeated, with secrets and no script nobody gets in.
            Secrets secrets = Secrets.random();
            writeAccountScript(secrets, Optional.empty());
            secrets.write(folder.secrets());
        }
    }

    private void writeAccountScript(Optional<ApplicationAccount> application) throws IOException {
        writeAccountScript(Secrets.read(folder.secrets()), application);
    }

    private void writeAccountScript(Secrets secrets, Optional<ApplicationAccount> application) throws IOException {
        byte[] script = AccountScript.of(secrets, application).getBytes(StandardCharsets.UTF_8);
        DurableFiles.replace(folder.accountScript(), script, user::own);
    }

    /** The accounts the next start has to make, as a file of SQL; empty when they are made. */
    Optional<Path> pendingAccounts() {
        return Files.exists(folder.accountScript()) ? Optional.of(folder.accountScript()) : Optional.empty();
    }

    /** To be called when a server has run {@link #pendingAccounts()} without an error. */
    void accountsMade() throws IOException {
        // The rows are in Aria's log, which the server syncs itself; the directory of a new schema nobody has synced.
        try (Stream<Path> entries = Files.list(folder.data())) {
            for (Path schema : entries.filter(Files::isDirectory).toList()) {
                DurableFiles.sync(schema);
            }
        }
        DurableFiles.sync(folder.data());
        DurableFiles.delete(folder.accountScript());
    }

    /**
     * Compares the series of the servers that used this directory with ours.
     *
     * @throws IOException when ours is older: it would damage the data or refuse it with a riddle
     */
    void checkVersion() throws IOException {
        List<ServerVersion> upgradedTo = versions(
                folder.data().resolve("mysql_upgrade_info"), folder.data().resolve("mariadb_upgrade_info"));
        List<ServerVersion> usedBy = new ArrayList<>(upgradedTo);
        usedBy.addAll(versions(folder.versionRecord()));
        Optional<ServerVersion> newest = usedBy.stream().max(ServerVersion::compareSeries);
        if (newest.isPresent() && binary.version().compareSeries(newest.get()) < 0) {
            throw new IOException("its data was last used by MariaDB "
                    + newest.get().series() + " and "
                    + binary.executable() + " is the older " + binary.version().series()
                    + ", which cannot read it: install MariaDB " + newest.get().series() + " or later");
        }
        Optional<ServerVersion> upgraded = upgradedTo.stream().max(ServerVersion::compareSeries);
        if (upgraded.isPresent() && binary.version().compareSeries(upgraded.get()) > 0) {
            log.atWarn()
                    .addKeyValue("instance", folder.instance())
                    .log(
                            "the system tables are of MariaDB {} and the server is {}. Once it is awake run"
                                    + " mariadb-upgrade --socket={} --user=root --password, with the password of root in {}",
                            upgraded.get().series(),
                            binary.version().series(),
                            folder.socket(),
                            folder.secrets());
        }
    }

    private static List<ServerVersion> versions(Path... records) throws IOException {
        List<ServerVersion> found = new ArrayList<>();
        for (Path record : records) {
            if (Files.exists(record)) {
                ServerVersion.in(Files.readString(record)).ifPresent(found::add);
            }
        }
        return found;
    }

    /** Notes that our server has used this directory. */
    void recordVersion() throws IOException {
        String version = binary.version().text() + "\n";
        if (!Files.exists(folder.versionRecord())
                || !Files.readString(folder.versionRecord()).equals(version)) {
            DurableFiles.replace(folder.versionRecord(), version.getBytes(StandardCharsets.UTF_8));
        }
    }
}
