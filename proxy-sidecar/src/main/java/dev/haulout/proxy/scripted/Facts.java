package dev.haulout.proxy.scripted;

import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.script.ClientFacts;
import dev.haulout.proxy.session.ClientAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What scripts may know of a client that has come. */
final class Facts {
    /** Of cgroup v2. */
    private static final String UNIFIED = "0::";

    private Facts() {}

    static ClientFacts of(ClientAddress client) {
        return switch (client) {
            case ClientAddress.Tcp tcp ->
                new ClientFacts(Optional.empty(), Optional.of(Address.of(tcp.client())), Optional.empty());
            case ClientAddress.Unix unix ->
                new ClientFacts(
                        Optional.of(new ClientFacts.Peer(unix.pid(), unix.uid(), unix.gid())),
                        Optional.empty(),
                        cgroup(unix.pid()));
        };
    }

    /** The control group of a process; empty where it has gone, or the system has no such groups. */
    private static Optional<String> cgroup(int pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Integer.toString(pid), "cgroup")).stream()
                    .filter(line -> line.startsWith(UNIFIED))
                    .map(line -> line.substring(UNIFIED.length()))
                    .findFirst();
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
