package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.operator.desired.Desired;
import dev.haulout.operator.desired.GatewayPod;
import dev.haulout.operator.desired.Marks;
import dev.haulout.operator.server.ServerAt;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;

/**
 * An instance at one moment with all that is needed to do something about it.
 *
 * @param instance as it stands
 * @param pod its pod; null when there is none
 * @param desired what it is to have
 * @param gateways the live gateways
 * @param seen what a decision rests on
 * @param notes what this process notes of it
 */
record Scene(
        MariaDBInstance instance, Pod pod, Desired desired, List<GatewayPod> gateways, Observed seen, Notes notes) {

    ResourceID id() {
        return ResourceID.fromResource(instance);
    }

    String uid() {
        return instance.getMetadata().getUid();
    }

    /** Where that server is to be asked. */
    ServerAt at(PodView.Running server) {
        return new ServerAt(
                uid(),
                server.ip().orElseThrow(() -> new IllegalStateException("its pod has no address yet")),
                pod.getMetadata().getAnnotations().get(Marks.CONFIGURATION));
    }
}
