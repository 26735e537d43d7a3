package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * What the server's container on Kubernetes asks for and may use while it is awake. No component is null.
 *
 * @param requests what the scheduler sets aside for it
 * @param limits what it may use at most; the buffer pool and the number of connections are fitted to the memory
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Resources(
        @JsonPropertyDescription("What the scheduler sets aside for the server while it is awake. Without it, 100m of"
                + " cpu and 256Mi of memory.")
        Amounts requests,

        @JsonPropertyDescription("What the server may use at most. Buffer pool and number of connections are fitted to"
                + " the memory. Without it, 512Mi of memory and as much cpu as is free.")
        Amounts limits) {

    // before DEFAULTS, which is made of them
    private static final Amounts USUAL_REQUESTS = new Amounts(new Quantity("100m"), new Quantity("256Mi"));
    private static final Amounts USUAL_LIMITS = new Amounts(null, new Quantity("512Mi"));

    /** What holds when a manifest says nothing about resources. */
    public static final Resources DEFAULTS = new Resources(null, null);

    /** Puts the defaults where a component is null. */
    public Resources {
        requests = requests == null ? USUAL_REQUESTS : requests;
        limits = limits == null ? USUAL_LIMITS : limits;
    }

    /**
     * Amounts of what a node has. Either may be null: then nothing is said of it.
     *
     * @param cpu processors
     * @param memory bytes
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.cpu) || isQuantity(string(self.cpu))"
                    + " && quantity(string(self.cpu)).isGreaterThan(quantity('0'))",
            fieldPath = ".cpu",
            message = "this is no number of processors; write for example 500m or 2")
    @ValidationRule(
            value = "!has(self.memory) || isQuantity(string(self.memory))"
                    + " && quantity(string(self.memory)).compareTo(quantity('64Mi')) >= 0",
            fieldPath = ".memory",
            message = "a server can't run in this; write an amount of memory of at least 64Mi, such as 512Mi")
    public record Amounts(
            @JsonPropertyDescription("Processors, such as `500m` or `2`.")
            Quantity cpu,

            @JsonPropertyDescription("Memory, such as `512Mi`.")
            Quantity memory) {}
}
