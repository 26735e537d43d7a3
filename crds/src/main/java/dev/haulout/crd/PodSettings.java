package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the server's pod has beside what Haulout gives it. Lists and maps are never null, all else is null where nothing
 * is asked for.
 *
 * @param labels labels
 * @param annotations annotations
 * @param nodeSelector labels that its node must have
 * @param tolerations taints of nodes that it may run on
 * @param affinity as in a pod
 * @param topologySpreadConstraints how servers are spread
 * @param priorityClassName its priority
 * @param runtimeClassName its runtime
 * @param imagePullSecrets names of Secrets by which its image is pulled
 * @param securityContext who it runs as; never null
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!has(self.labels) || self.labels.all(name, !name.startsWith('haulout.dev/')"
                + " && !name.startsWith('app.kubernetes.io/'))",
        fieldPath = ".labels",
        message = "Haulout finds its pods by these labels; remove those of spec.pod.labels that begin with haulout.dev/"
                + " or app.kubernetes.io/")
@ValidationRule(
        value = "!has(self.annotations) || self.annotations.all(name, !name.startsWith('haulout.dev/'))",
        fieldPath = ".annotations",
        message = "Haulout tells itself by these annotations what a pod was started with; remove those of"
                + " spec.pod.annotations that begin with haulout.dev/")
public record PodSettings(
        @JsonPropertyDescription("Labels of the server's pod, beside Haulout's own.") @Size(max = 32)
        Map<String, @Size(max = 63) String> labels,

        @JsonPropertyDescription("Annotations of the server's pod.") @Size(max = 32)
        Map<String, @Size(max = 4096) String> annotations,

        @JsonPropertyDescription("Labels that the node of the server's pod must have.") @Size(max = 32)
        Map<String, @Size(max = 63) String> nodeSelector,

        @JsonPropertyDescription("Taints of nodes that the server's pod may run on.") @Size(max = 32)
        List<Toleration> tolerations,

        @JsonPropertyDescription("Which nodes and which other pods the server's pod is to be near to or far from, as in"
                + " the spec of a pod.")
        @PreserveUnknownFields
        JsonNode affinity,

        @JsonPropertyDescription("How the pods of the servers in a namespace are spread over its nodes.")
        @Size(max = 16)
        List<Spread> topologySpreadConstraints,

        @JsonPropertyDescription("PriorityClass of the server's pod.")
        @Size(min = 1, max = 253)
        @Pattern(PasswordSecret.NAME_PATTERN)
        String priorityClassName,

        @JsonPropertyDescription("RuntimeClass of the server's pod.")
        @Size(min = 1, max = 253)
        @Pattern(PasswordSecret.NAME_PATTERN)
        String runtimeClassName,

        @JsonPropertyDescription("Names of Secrets in the instance's namespace by which the server's image is pulled.")
        @Size(max = 16)
        List<@Size(min = 1, max = 253) @Pattern(PasswordSecret.NAME_PATTERN) String> imagePullSecrets,

        @JsonPropertyDescription("Who the server runs as.") SecurityContext securityContext) {

    /** What holds when a manifest says nothing about the pod. */
    public static final PodSettings DEFAULTS =
            new PodSettings(null, null, null, null, null, null, null, null, null, null);

    /** Puts what is empty where a list or map is null. */
    public PodSettings {
        labels = sorted(labels);
        annotations = sorted(annotations);
        nodeSelector = sorted(nodeSelector);
        tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
        topologySpreadConstraints =
                topologySpreadConstraints == null ? List.of() : List.copyOf(topologySpreadConstraints);
        imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
        securityContext = securityContext == null ? SecurityContext.DEFAULTS : securityContext;
    }

    /** In an order that is the same in every process. */
    private static Map<String, String> sorted(Map<String, String> map) {
        return map == null ? Map.of() : Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }

    /** Taints of nodes that a pod may run on all the same; as in a pod. Everything may be null. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Toleration(
            @JsonPropertyDescription("Key of the taint; without it, any.") @Size(max = 317)
            String key,

            @JsonPropertyDescription("Equal: the taint's value is `value`. Exists: it may be any.") @Size(max = 6)
            String operator,

            @JsonPropertyDescription("Value of the taint.") @Size(max = 63)
            String value,

            @JsonPropertyDescription("What the taint does to other pods; without it, anything.") @Size(max = 16)
            String effect,

            @JsonPropertyDescription("After how many seconds the pod is evicted all the same.") @Min(0) @Max(2000000000)
            Integer tolerationSeconds) {}

    /**
     * How the pods of all instances of a namespace are spread.
     *
     * @param topologyKey the label of nodes over whose values they are spread
     * @param maxSkew by how many pods two values may differ; never null
     * @param whenUnsatisfiable what becomes of a pod that fits nowhere; never null
     */
    public record Spread(
            @JsonPropertyDescription(
                    "Label of nodes over whose values pods are spread, such as" + " `kubernetes.io/hostname`.")
            @Required
            @Size(min = 1, max = 317)
            String topologyKey,

            @JsonPropertyDescription("By how many pods two values may differ. Without it, 1.") @Min(1) @Max(1000)
            Integer maxSkew,

            @JsonPropertyDescription(
                    "What becomes of a pod that fits nowhere: DoNotSchedule or ScheduleAnyway. Without it,"
                            + " ScheduleAnyway.")
            @Size(max = 16)
            @Pattern(UNSATISFIABLE_PATTERN)
            String whenUnsatisfiable) {

        /** What may become of a pod that fits nowhere. */
        public static final String UNSATISFIABLE_PATTERN = "^(DoNotSchedule|ScheduleAnyway)$";

        /** Puts the defaults. */
        public Spread {
            maxSkew = maxSkew == null ? 1 : maxSkew;
            whenUnsatisfiable = whenUnsatisfiable == null ? "ScheduleAnyway" : whenUnsatisfiable;
        }
    }

    /**
     * Who a pod's processes are; the image's user where null.
     *
     * @param runAsUser user
     * @param runAsGroup group
     * @param fsGroup group that owns the volume
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SecurityContext(
            @JsonPropertyDescription("User the server runs as; without it 999, the official image's.")
            @Min(1)
            @Max(2000000000)
            Integer runAsUser,

            @JsonPropertyDescription("Group the server runs as; without it 999, the official image's.")
            @Min(1)
            @Max(2000000000)
            Integer runAsGroup,

            @JsonPropertyDescription("Group that owns the volume; without it 999, the official image's.")
            @Min(1)
            @Max(2000000000)
            Integer fsGroup) {

        /** The official image's own. */
        public static final SecurityContext DEFAULTS = new SecurityContext(null, null, null);
    }
}
