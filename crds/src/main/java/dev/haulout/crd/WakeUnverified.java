package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What to do while asleep with a login that only the server itself can verify (pam, gssapi and the like). */
public enum WakeUnverified {
    /** Refuse it with an error that says so. */
    @JsonProperty("Deny")
    DENY,
    /** Wake the server and let it decide. */
    @JsonProperty("Allow")
    ALLOW
}
