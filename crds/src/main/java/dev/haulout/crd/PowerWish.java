package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether an instance sleeps and wakes by itself, or as a person said. */
public enum PowerWish {
    /** Falls asleep when idle and wakes when a client needs it. */
    @JsonProperty("Auto")
    AUTO,
    /** Stays awake. */
    @JsonProperty("Awake")
    AWAKE,
    /** Stays down, and refuses clients with an error that says so. */
    @JsonProperty("Suspended")
    SUSPENDED
}
