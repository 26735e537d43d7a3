package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * How a program reads the API that keeps thousands of objects: without {@code metadata.managedFields}, which are most of
 * a small object and which nobody here looks at.
 */
public final class LeanSerialization {
    private LeanSerialization() {}

    /**
     * For a client of the API.
     *
     * @param bare kinds of which nothing but the metadata is kept as they are read; they are written whole
     */
    public static KubernetesSerialization keepingOnlyMetadataOf(Class<?>... bare) {
        ObjectMapper mapper = new ObjectMapper();
        mapper.addMixIn(ObjectMeta.class, WithoutManagedFields.class);
        for (Class<?> kind : bare) {
            mapper.addMixIn(kind, WithoutContent.class);
        }
        return new KubernetesSerialization(mapper, true);
    }

    @JsonIgnoreProperties("managedFields")
    private interface WithoutManagedFields {}

    @JsonIgnoreProperties(
            value = {"data", "binaryData", "spec", "status"},
            allowGetters = true)
    private interface WithoutContent {}
}
