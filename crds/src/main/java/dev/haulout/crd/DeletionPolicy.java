package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of the volume when its instance is deleted. */
public enum DeletionPolicy {
    /** It stays, and an instance of the same name finds its data again. */
    @JsonProperty("Retain")
    RETAIN,
    /** It goes with the instance. */
    @JsonProperty("Delete")
    DELETE
}
