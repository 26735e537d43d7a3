package dev.haulout.operator.instance;

import dev.haulout.operator.desired.Desired;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;

/** Reads from a claim how far its volume is on the way to the size that {@code spec.storage.size} asks for. */
final class VolumeGrowth {
    private static final String STORAGE = "storage";

    private VolumeGrowth() {}

    /** What is said while a volume is smaller than its claim asks for; empty when it is as large, or not there yet. */
    static Optional<String> underWay(PersistentVolumeClaim claim) {
        if (claim.getStatus() == null
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
     * What it means that the API server won't have a claim that is there become what the spec says. The volume is as good
     * as before.
     *
     * @param said by the API server
     */
    static Trouble refused(PersistentVolumeClaim there, Desired desired, String said) {
        String volume = "the volume " + there.getMetadata().getName();
        if (!isLess(requested(there), desired.storageSize())) {
            return new Trouble(
                    FailureReason.REFUSED,
                    volume + " stays as it is: " + said
                            + "; write in spec.storage what that volume has, or make a new instance and copy the data",
                    false);
        }
        return new Trouble(
                FailureReason.RESIZE_REFUSED,
                volume + " stays at " + requested(there) + " and does not grow to " + desired.storageSize() + ": "
                        + said
                        + "; set allowVolumeExpansion: true in StorageClass "
                        + there.getSpec().getStorageClassName()
                        + " if its volumes can grow, or make a new instance and copy the data",
                false);
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
