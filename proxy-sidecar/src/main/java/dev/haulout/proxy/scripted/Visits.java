package dev.haulout.proxy.scripted;

import dev.haulout.proxy.lua.script.Client;
import dev.haulout.proxy.session.Guide;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The clients present at all scripted doors, with what the script made of them. */
final class Visits {
    private final Map<Guide.Visitor, Client> present = new ConcurrentHashMap<>();

    void add(Guide.Visitor visitor, Client client) {
        present.put(visitor, client);
    }

    void remove(Guide.Visitor visitor) {
        present.remove(visitor);
    }

    /** Ends the connections of all that have this account, without a word. Returns how many. */
    int disconnect(String account) {
        int ended = 0;
        for (Map.Entry<Guide.Visitor, Client> visit : present.entrySet()) {
            if (visit.getValue().account().filter(account::equals).isPresent()) {
                visit.getKey().end(Optional.empty());
                ended++;
            }
        }
        return ended;
    }
}
