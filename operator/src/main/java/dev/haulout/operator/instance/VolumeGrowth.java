package dev.haulout.operator.instance;

import dev.haulout.operator.desired.Desired;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;

/** Reads from a claim how far its volume is on the way to the size that {@code spec.storage.size} asks for. */
final class VolumeGrowth {
    private static final String STORAGE = "storage";

    private VolumeGrowth() {}

    /** What is said while a volume is smaller than its claim asks for; empty when it is as large, or not there yet. */
    static Optional<String> underWay(PersistentVolumeClaim claim) {
        if (claim == null
                || claim.getStatus() == null
                || claim.getStatus().getCapacity() == null
                || !claim.getStatus().getCapacity().containsKey(STORAGE)) {
            return Optional.empty();
        }
        Quantity is = claim.getStatus().getCapacity().get(STORAGE);
        Quantity wanted = requested(claim);
        if (!isLess(is, wanted)) {
            return Optional.empty();
        }
        boolean waitsForNode = claim.getStatus().getConditions() != null
                && claim.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("FileSystemResizePending"));
        return Optional.of("the volume grows from " + is + " to " + wanted
                + (waitsForNode ? "; its file system follows when the server next runs" : ""));
    }

    /**
     * What a refusal to write a claim means where that claim is there and its volume was to grow; empty when it means
     * something else. The volume is as good as before.
     */
    static Optional<Trouble> refused(
            KubernetesClientException e, Desired desired, Optional<PersistentVolumeClaim> seen) {
        boolean refused = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN || e.getCode() == 422;
        return seen.filter(claim -> refused && isLess(requested(claim), desired.storageSize()))
                .map(claim -> new Trouble(
                        FailureReason.RESIZE_REFUSED,
                        "the volume stays at " + requested(claim) + " and can't grow to " + desired.storageSize()
                                + " as spec.storage.size asks; set allowVolumeExpansion: true in StorageClass "
                                + claim.getSpec().getStorageClassName()
                                + " if its volumes can grow, or make a new instance and copy the data. The API server"
                                + " said: "
                                + (e.getStatus() == null
                                        ? e.getMessage()
                                        : e.getStatus().getMessage()),
                        false));
    }

    private static Quantity requested(PersistentVolumeClaim claim) {
        return Optional.ofNullable(claim.getSpec().getResources().getRequests())
                .orElse(Map.of())
                .getOrDefault(STORAGE, new Quantity("0"));
    }

    private static boolean isLess(Quantity one, Quantity other) {
        return one.getNumericalAmount().compareTo(other.getNumericalAmount()) < 0;
    }
}
