package dev.haulout.proxy.placement;

import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.session.Session;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Participant;

/** An instance's sessions, counted. */
public final class Sessions {
    private Sessions() {}

    /** Those with a connection to the server and those without; who has not logged in is left out. */
    public static DoorMeters.SessionCount count(Instance instance) {
        int held = 0;
        int active = 0;
        for (Participant participant : instance.participants()) {
            if (participant.backendId().isPresent()) {
                active++;
            } else if (participant instanceof Session session && session.isLoggedIn()) {
                held++;
            }
        }
        return new DoorMeters.SessionCount(held, active);
    }
}
