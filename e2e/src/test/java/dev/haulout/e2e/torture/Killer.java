package dev.haulout.e2e.torture;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Ends processes, one blow at a time, starts the proxy again, and counts the blows that hit. */
final class Killer {
    /** What is ended, and how. */
    enum Blow {
        /** SIGKILL to the server, whatever it is doing; a miss when it sleeps. */
        SERVER,
        /** SIGKILL to the proxy; the server runs on and is taken over. */
        PROXY,
        /** SIGKILL to both. */
        BOTH,
        /** SIGTERM to the proxy, which shuts its server down. */
        RESTART
    }

    private final HostProcess host;
    private final String instance;
    private final Incidents incidents;
    private final Map<Blow, Integer> hits = new ConcurrentHashMap<>();

    Killer(HostProcess host, String instance, Incidents incidents) {
        this.host = host;
        this.instance = instance;
        this.incidents = incidents;
    }

    /** Returns whether it met a running process. */
    boolean strike(Blow blow) {
        try {
            boolean hit = switch (blow) {
                case SERVER -> killServer();
                case PROXY -> {
                    incidents.proxyGoes();
                    host.kill();
                    comeBack();
                    yield true;
                }
                case BOTH -> {
                    incidents.proxyGoes();
                    boolean ran = killServer();
                    host.kill();
                    // one that the proxy started while it died
                    ran |= killServer();
                    comeBack();
                    yield ran;
                }
                case RESTART -> {
                    incidents.serverDies();
                    incidents.proxyGoes();
                    host.process().destroy();
                    if (!host.process().waitFor(60, TimeUnit.SECONDS)) {
                        throw new IllegalStateException("the proxy does not end on SIGTERM; its log: " + host.log());
                    }
                    comeBack();
                    yield true;
                }
            };
            if (hit) {
                hits.merge(blow, 1, Integer::sum);
            }
            return hit;
        } catch (IOException e) {
            throw new IllegalStateException("the proxy did not come back after " + blow, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean killServer() {
        List<Long> pids = host.serverPids(instance);
        for (long pid : pids) {
            incidents.serverDies();
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        return !pids.isEmpty();
    }

    private void comeBack() throws IOException {
        host.start();
        incidents.proxyIsBack();
    }

    /** Blows that met a running process. */
    Map<Blow, Integer> hits() {
        return Map.copyOf(hits);
    }
}
