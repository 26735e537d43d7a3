package dev.haulout.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Sends SIGKILL to a pod's container. How that is done on the node, the property {@code haulout.kill.command} says: a
 * line for {@code sh}, with the container's id in {@code $CONTAINER}, its pod in {@code $POD} and {@code $NAMESPACE}.
 * Without it pods are deleted with no time to end in, which is as sudden, but gives the next container another pod.
 */
final class PodKiller {
    private static final String COMMAND = System.getProperty("haulout.kill.command", "");
    private static final int LIMIT_SECONDS = 30;

    private final KubernetesClient client;

    PodKiller(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Returns when it was done.
     *
     * @param holdsVolume whether another pod may only be made once this one's processes have ended: such a one is not
     *     forced out of the API, but given the shortest time there is, one second
     */
    void kill(Pod pod, boolean holdsVolume) throws IOException, InterruptedException {
        if (COMMAND.isEmpty()) {
            client.resource(pod).withGracePeriod(holdsVolume ? 1 : 0).delete();
            return;
        }
        String id = pod.getStatus().getContainerStatuses().getFirst().getContainerID();
        ProcessBuilder command = new ProcessBuilder("sh", "-c", COMMAND).redirectErrorStream(true);
        command.environment().put("NAMESPACE", pod.getMetadata().getNamespace());
        command.environment().put("POD", pod.getMetadata().getName());
        command.environment().put("CONTAINER", id.substring(id.indexOf("//") + 2));
        Process process = command.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("haulout.kill.command has not ended within " + LIMIT_SECONDS + " s");
        }
        // a container that ended a moment ago is a miss, and is seen as one
        if (process.exitValue() != 0 && !said.contains("not found") && !said.contains("already finished")) {
            throw new IOException("haulout.kill.command ended with " + process.exitValue() + ": " + said);
        }
    }
}
