package dev.haulout.crd.manifest;

/**
 * A password out of a Secret. Its string form does not show it.
 *
 * @param reveal the password itself; never empty
 */
public record Password(String reveal) {
    @Override
    public String toString() {
        return "(hidden)";
    }
}
