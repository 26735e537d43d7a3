package dev.haulout.operator.server;

import dev.haulout.proxy.wake.DueEvent;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is asked of servers. All of it blocks; an answer takes at most some seconds each. */
public interface Servers {
    /**
     * Asks whether it answers, and learns what it greets with and whom it lets in.
     *
     * @return what it calls itself
     * @throws IOException when it does not answer (yet)
     */
    String answer(ServerAt server) throws IOException, InterruptedException;

    /**
     * Has it take these addresses' word on who their clients are, and nobody else's.
     *
     * @param addresses of gateways; none fences all of them out
     */
    void trust(ServerAt server, Collection<String> addresses) throws IOException, InterruptedException;

    /**
     * Fences the gateways out, asks for anybody else, and learns all that has to be known of it while it sleeps.
     *
     * @param ignoredUsers accounts that don't count
     */
    Asked ask(ServerAt server, Set<String> ignoredUsers) throws IOException, InterruptedException;

    /** Says SHUTDOWN. */
    void shutDown(ServerAt server) throws IOException, InterruptedException;

    /** Forgets what was learnt of an instance that is no more. */
    void forget(String instance) throws IOException;

    /**
     * What a server said.
     *
     * @param busy who or what uses it; empty when nobody does, and then it has been learnt for the last time
     * @param changedGlobals globals that would be lost with it: names, and values as SQL literals
     * @param nextEvent what its event scheduler is to do next; not asked of one in use
     */
    record Asked(Optional<String> busy, Map<String, String> changedGlobals, Optional<DueEvent> nextEvent) {
        /** Copies the globals. */
        public Asked {
            changedGlobals = Map.copyOf(changedGlobals);
        }
    }
}
