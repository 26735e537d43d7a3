package dev.haulout.proxy.wake.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Our note of which process is an instance's server. The server's own pid file comes late in its start and lies in a
 * directory of the server's; this one is there before the server is. It isn't synced: no server survives the host.
 */
final class RunRecord {
    private static final String STARTING = "starting";

    private final InstanceFolder folder;

    RunRecord(InstanceFolder folder) {
        this.folder = folder;
    }

    /** To be called before a server is started, so that one is looked for even when we die before {@link #started}. */
    void starting() throws IOException {
        write(STARTING);
    }

    void started(LinuxProcess process) throws IOException {
        write(process.pid() + " " + process.startTicks());
    }

    void clear() throws IOException {
        Files.deleteIfExists(folder.runRecord());
    }

    /**
     * The server of this instance that runs, whatever state it is in.
     *
     * @throws IOException when the record cannot be read
     */
    Optional<LinuxProcess> running() throws IOException {
        String content;
        try {
            content = Files.readString(folder.runRecord()).strip();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        String argument = ServerCommand.dataArgument(folder);
        String[] numbers = content.split(" ");
        if (content.equals(STARTING) || numbers.length != 2) {
            return LinuxProcess.withArgument(argument);
        }
        try {
            return Optional.of(new LinuxProcess(Long.parseLong(numbers[0]), Long.parseLong(numbers[1])))
                    .filter(process -> process.alive() && process.hasArgument(argument));
        } catch (NumberFormatException e) {
            return LinuxProcess.withArgument(argument);
        }
    }

    private void write(String content) throws IOException {
        Path temporary = folder.runRecord().resolveSibling("server.run.tmp");
        Files.writeString(temporary, content);
        Files.move(temporary, folder.runRecord(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
