package dev.haulout.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How much memory the one container of a pod has, from outside.
 *
 * @param resident in bytes
 * @param most the most it has had, in bytes, where that can be told
 * @param source who says so
 */
record ContainerMemory(long resident, Optional<Long> most, String source) {
    /** Asks Linux where the pod's process runs on this machine and may be looked at; else the kubelet. */
    static ContainerMemory of(KubernetesClient client, Pod pod) throws IOException {
        Optional<Path> process = process(pod.getMetadata().getName());
        return process.isPresent() ? ofProcess(process.get()) : ofKubelet(client, pod);
    }

    /** The chart tells each of its processes its pod's name. */
    private static Optional<Path> process(String podName) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(process -> environment(process).contains("POD_NAME=" + podName))
                    .findFirst();
        }
    }

    private static List<String> environment(Path process) {
        try {
            return List.of(Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1)
                    .split("\0"));
        } catch (IOException e) {
            return List.of(); // no process, one that has ended, or not ours to look at
        }
    }

    private static ContainerMemory ofProcess(Path process) throws IOException {
        List<String> status = Files.readAllLines(process.resolve("status"));
        return new ContainerMemory(bytes(status, "VmRSS:"), Optional.of(bytes(status, "VmHWM:")), "VmRSS, VmHWM");
    }

    private static long bytes(List<String> status, String name) throws IOException {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> Long.parseLong(
                                line.substring(name.length()).replace("kB", "").strip())
                        * 1024)
                .findFirst()
                .orElseThrow(() -> new IOException("no " + name + " in the status of a process: it has ended"));
    }

    private static ContainerMemory ofKubelet(KubernetesClient client, Pod pod) throws IOException {
        String path = "/api/v1/nodes/" + pod.getSpec().getNodeName() + "/proxy/stats/summary";
        for (JsonNode one : new ObjectMapper().readTree(client.raw(path)).path("pods")) {
            if (one.path("podRef").path("uid").asText().equals(pod.getMetadata().getUid())) {
                JsonNode memory = one.path("containers").path(0).path("memory");
                return new ContainerMemory(memory.path("workingSetBytes").asLong(), Optional.empty(), "working set");
            }
        }
        throw new IOException(
                "the kubelet tells nothing of pod " + pod.getMetadata().getName());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f MB%s (%s)",
                megabytes(resident),
                most.map(bytes -> String.format(Locale.ROOT, ", at most %.0f MB", megabytes(bytes)))
                        .orElse(""),
                source);
    }

    /** In units of 10^6 bytes. */
    static double megabytes(long bytes) {
        return bytes / 1e6;
    }
}
