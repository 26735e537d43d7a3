package dev.haulout.operator.desired;

/**
 * Who may use a volume at a time. It can't be changed once the claim is there, and a claim that asks for what no volume
 * of its class has waits for ever: a volume that was made beforehand has one mode alone, which is mostly {@link
 * #ONE_NODE}, and not every provisioner makes the other. Who knows that his class can makes the claim himself. That two
 * servers never run on one data directory does not rest on this, but on the pod's name, of which there is one.
 */
public enum VolumeAccess {
    /** The pods of one node; every kind of volume knows this. */
    ONE_NODE("ReadWriteOnce"),
    /** One pod, to which the scheduler sees. Only of a claim that is there already. */
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
