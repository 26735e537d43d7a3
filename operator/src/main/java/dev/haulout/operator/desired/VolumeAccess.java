package dev.haulout.operator.desired;

/** Who may use a volume at a time. It can't be changed once the claim is there. */
public enum VolumeAccess {
    /** The pods of one node; every kind of volume knows this. */
    ONE_NODE("ReadWriteOnce"),
    /** One pod: two servers on one data directory are ruled out by Kubernetes itself. Only CSI drivers know this. */
    ONE_POD("ReadWriteOncePod");

    private final String mode;

    VolumeAccess(String mode) {
        this.mode = mode;
    }

    /** What Kubernetes calls it. */
    public String mode() {
        return mode;
    }
}
