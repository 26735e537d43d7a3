package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * Names a password by the Secret it lies in.
 *
 * @param name the Secret, in the instance's own namespace
 * @param key the key of the Secret that holds the password; never null
 */
public record PasswordSecret(
        @JsonPropertyDescription("Name of a Secret in the instance's own namespace.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(NAME_PATTERN)
        String name,

        @JsonPropertyDescription("Key of that Secret under which the password lies.")
        @Default(DEFAULT_KEY)
        @Size(min = 1, max = 253)
        @Pattern(KEY_PATTERN)
        String key) {

    /** What Kubernetes lets a Secret be called (RFC 1123 subdomain). */
    public static final String NAME_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /** What Kubernetes lets a key of a Secret be called. */
    public static final String KEY_PATTERN = "^[-._a-zA-Z0-9]+$";

    private static final String DEFAULT_KEY = "password";

    /** Puts the default where {@code key} is null. */
    public PasswordSecret {
        key = key == null ? DEFAULT_KEY : key;
    }
}
