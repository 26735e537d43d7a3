package dev.haulout.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class LeanSerializationTest {
    private static final String TEXT = """
            {"apiVersion": "v1", "kind": "%s",
             "metadata": {"name": "a", "annotations": {"k": "v"}, "managedFields": [{"manager": "m"}]},
             "data": {"file": "content"}, "spec": {"clusterIP": "10.0.0.1"}}
            """;

    private final KubernetesSerialization lean = LeanSerialization.keepingOnlyMetadataOf(ConfigMap.class);

    @Test
    void ofABareKindOnlyTheMetadataIsRead() {
        ConfigMap read = lean.unmarshal(TEXT.formatted("ConfigMap"), ConfigMap.class);

        assertThat(read.getMetadata().getAnnotations()).containsEntry("k", "v");
        assertThat(read.getMetadata().getManagedFields()).isEmpty();
        assertThat(read.getData()).isEmpty();
        assertThat(read.getAdditionalProperties()).isEmpty();
    }

    @Test
    void ofOthersAllButTheManagedFieldsIsRead() {
        Service read = lean.unmarshal(TEXT.formatted("Service"), Service.class);

        assertThat(read.getMetadata().getManagedFields()).isEmpty();
        assertThat(read.getSpec().getClusterIP()).isEqualTo("10.0.0.1");
    }

    @Test
    void whatIsBareWhenReadIsWrittenWhole() {
        String text = lean.asJson(new ConfigMapBuilder()
                .withNewMetadata()
                .withName("a")
                .endMetadata()
                .addToData("file", "content")
                .build());

        assertThat(text).contains("content");
    }
}
