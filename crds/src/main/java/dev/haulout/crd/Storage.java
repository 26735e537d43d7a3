package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * The volume of an instance on Kubernetes. {@code size} is never null.
 *
 * @param size how much room the data directory has; may grow, never shrink
 * @param storageClass the StorageClass of the volume, or null for the cluster's default
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "!has(self.size) || isQuantity(string(self.size)) && quantity(string(self.size)).isGreaterThan(quantity('0'))",
        fieldPath = ".size",
        message = "this is no amount of storage; write a number and a unit, such as 1Gi, in spec.storage.size")
@ValidationRule(
        value =
                "!has(self.size) || !has(oldSelf.size) || !isQuantity(string(self.size)) || !isQuantity(string(oldSelf.size))"
                        + " || quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0",
        fieldPath = ".size",
        message =
                "a volume can't shrink; write spec.storage.size at least as large as it was, or make a new instance and"
                        + " copy the data")
@ValidationRule(
        value = "has(self.class) == has(oldSelf.class) && (!has(self.class) || self.class == oldSelf.class)",
        fieldPath = ".class",
        message = "a volume can't change its class; put spec.storage.class back as it was, or make a new instance and"
                + " copy the data")
public record Storage(
        @JsonPropertyDescription("How much room the data directory has, such as `1Gi`. It can be raised later where the"
                + " storage class allows it, and never lowered.")
        @Default("1Gi")
        Quantity size,

        @JsonProperty("class")
        @JsonPropertyDescription("StorageClass of the volume. Without it, the cluster's default.")
        @Size(min = 1, max = 253)
        @Pattern(PasswordSecret.NAME_PATTERN)
        String storageClass) {

    /** What holds when a manifest says nothing about storage. */
    public static final Storage DEFAULTS = new Storage(null, null);

    /** Puts the default where {@code size} is null. */
    public Storage {
        size = size == null ? new Quantity("1Gi") : size;
    }
}
