package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.util.Set;

/** Has an instance looked at again for what the API does not tell: long work that ended, gateways that changed. */
final class Nudges extends AbstractEventSource<MariaDBInstance, MariaDBInstance> {
    Nudges() {
        super(MariaDBInstance.class, "nudges");
    }

    void nudge(ResourceID instance) {
        if (isRunning()) {
            getEventHandler().handleEvent(new Event(instance));
        }
    }

    @Override
    public Set<MariaDBInstance> getSecondaryResources(MariaDBInstance primary) {
        return Set.of();
    }
}
