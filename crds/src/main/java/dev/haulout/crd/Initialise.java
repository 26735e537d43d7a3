package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When the data directory of a new instance is made. */
public enum Initialise {
    /** At once, so that the first wake is as quick as any. */
    @JsonProperty("OnCreate")
    ON_CREATE,
    /** When the first client needs it. */
    @JsonProperty("OnFirstWake")
    ON_FIRST_WAKE
}
