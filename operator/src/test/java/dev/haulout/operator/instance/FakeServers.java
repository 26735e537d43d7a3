package dev.haulout.operator.instance;

import dev.haulout.operator.server.ServerAt;
import dev.haulout.operator.server.Servers;
import dev.haulout.proxy.wake.DueEvent;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Servers as a test wants them to be; keeps what it was asked. */
final class FakeServers implements Servers {
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile boolean answers = true;
    volatile Optional<String> busy = Optional.empty();
    volatile Map<String, String> changedGlobals = Map.of();
    volatile Optional<DueEvent> nextEvent = Optional.empty();

    @Override
    public String answer(ServerAt server) throws IOException {
        if (!answers) {
            throw new IOException("nobody listens at " + server.ip());
        }
        asked.add("answer");
        return "11.8.3-MariaDB";
    }

    @Override
    public void trust(ServerAt server, Collection<String> addresses) {
        asked.add("trust " + addresses);
    }

    @Override
    public Asked ask(ServerAt server, Set<String> ignoredUsers) {
        asked.add("ask");
        return new Asked(busy, changedGlobals, nextEvent);
    }

    @Override
    public void shutDown(ServerAt server) {
        asked.add("shutdown");
    }

    @Override
    public void forget(String instance) {
        asked.add("forget " + instance);
    }
}
