package dev.haulout.proxy.host;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.crd.ListenAddress;
import dev.haulout.crd.manifest.InstanceManifest;
import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The ports of doors whose manifests name no address. Each is chosen once and kept, also when its manifest goes away for
 * a while: clients have it written down. One file holds them all, so that choosing thousands costs one write.
 */
final class Ports {
    /** Below the range from which the kernel takes ports for connections. */
    private static final int FIRST = 10_000;

    private static final int LAST = 31_999;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Map<String, Integer> byInstance;

    private Ports(Path file, Map<String, Integer> byInstance) {
        this.file = file;
        this.byInstance = byInstance;
    }

    /** @throws IOException when they are kept but can't be read */
    static Ports read(Path file) throws IOException {
        return new Ports(
                file,
                Files.exists(file)
                        ? JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, Integer>>() {})
                        : new TreeMap<>());
    }

    /**
     * Chooses a port for each instance that needs one and has none. They are on the disk when this returns.
     *
     * @param manifests all that are to have doors
     * @throws IOException when none is free, or they can't be kept
     */
    void choose(Collection<InstanceManifest> manifests) throws IOException {
        Set<Integer> taken = new HashSet<>(byInstance.values());
        for (InstanceManifest manifest : manifests) {
            for (String address : manifest.resource().getSpec().host().listen()) {
                if (ListenAddress.parse(address) instanceof ListenAddress.Tcp tcp) {
                    taken.add(tcp.port());
                }
            }
        }
        boolean chosen = false;
        int next = FIRST;
        for (InstanceManifest manifest : manifests) {
            if (manifest.resource().getSpec().host().listen().isEmpty() && !byInstance.containsKey(manifest.id())) {
                next = free(next, taken);
                byInstance.put(manifest.id(), next++);
                chosen = true;
            }
        }
        if (chosen) {
            DurableFiles.replace(file, JSON.writeValueAsBytes(byInstance));
        }
    }

    private static int free(int from, Set<Integer> taken) throws IOException {
        for (int port = from; port <= LAST; port++) {
            if (!taken.contains(port) && isFree(port)) {
                return port;
            }
        }
        throw new IOException(
                "no port from " + FIRST + " to " + LAST + " is free for a door; name an address in spec.host.listen");
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (BindException inUse) {
            return false;
        }
    }

    /** The port of an instance it was chosen for. */
    int of(String instance) {
        return byInstance.get(instance);
    }
}
