package dev.haulout.proxy.door;

import dev.haulout.crd.ListenAddress;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Listening sockets that whoever started this process keeps, as systemd does for a socket unit: what connects while no proxy
 * runs waits in them for the next one. A door takes the one that has its address.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds</a>
 */
public final class InheritedSockets {
    /** None: every door opens a socket of its own. */
    public static final InheritedSockets NONE = new InheritedSockets(List.of());

    private static final int FIRST = 3;

    private final List<InheritedSocket> sockets;

    private InheritedSockets(List<InheritedSocket> sockets) {
        this.sockets = List.copyOf(sockets);
    }

    /**
     * Those that were passed to this process.
     *
     * @throws IOException when what was passed is no such socket; the message says which and the remedy
     */
    public static InheritedSockets ofThisProcess() throws IOException {
        return of(System.getenv(), ProcessHandle.current().pid());
    }

    static InheritedSockets of(Map<String, String> environment, long pid) throws IOException {
        String count = environment.get("LISTEN_FDS");
        if (count == null || !Long.toString(pid).equals(environment.get("LISTEN_PID"))) {
            return NONE; // or meant for another process, from which the environment came
        }
        int number;
        try {
            number = Integer.parseInt(count);
        } catch (NumberFormatException e) {
            throw new IOException("LISTEN_FDS=" + count + " is no number of descriptors", e);
        }
        Epoll.ensureAvailability(); // which loads the library that looks into sockets
        List<InheritedSocket> sockets = new ArrayList<>();
        for (int descriptor = FIRST; descriptor < FIRST + number; descriptor++) {
            InheritedSocket socket = new InheritedSocket(descriptor);
            socket.check();
            sockets.add(socket);
        }
        return new InheritedSockets(sockets);
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return sockets.isEmpty();
    }

    /** The one that listens at that address. */
    Optional<InheritedSocket> at(ListenAddress address) throws IOException {
        for (InheritedSocket socket : sockets) {
            if (socket.isAt(address)) {
                return Optional.of(socket);
            }
        }
        return Optional.empty();
    }

    /** The addresses of those that no door has: who connects there waits in vain. */
    public List<String> notAmong(Collection<ListenAddress> doors) throws IOException {
        List<String> addresses = new ArrayList<>();
        for (InheritedSocket socket : sockets) {
            boolean used = false;
            for (ListenAddress door : doors) {
                used |= socket.isAt(door);
            }
            if (!used) {
                addresses.add(socket.text());
            }
        }
        return addresses;
    }
}
