package dev.haulout.operator.server;

import dev.haulout.proxy.durable.Shelf;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * What is learnt of one instance, as keys of a Secret in the release's namespace: its own namespace must not see it. It
 * can't be owned across namespaces, so it is removed by {@link #remove}.
 */
public final class SecretShelf implements Shelf {
    /** The label of such Secrets; its value is the instance's uid. */
    public static final String LABEL = "haulout.dev/learned";

    /** The annotation of such Secrets with the instance's namespace and name, a slash between them. */
    static final String OF = "haulout.dev/learned-of";

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("haulout-operator")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;
    private final String instance;
    private final Optional<String> of;

    /**
     * @param namespace the release's
     * @param instance the instance's uid
     */
    public SecretShelf(KubernetesClient client, String namespace, String instance) {
        this(client, namespace, instance, Optional.empty());
    }

    /** @param of namespace and name of the instance; empty to leave what the Secret tells of them */
    SecretShelf(KubernetesClient client, String namespace, String instance, Optional<String> of) {
        this.client = client;
        this.namespace = namespace;
        this.instance = instance;
        this.of = of;
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        Secret secret = present();
        return secret == null || secret.getData() == null || secret.getData().get(name) == null
                ? Optional.empty()
                : Optional.of(Base64.getDecoder().decode(secret.getData().get(name)));
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        Secret present = present();
        SecretBuilder changed = new SecretBuilder()
                .withNewMetadata()
                .withName(secretName())
                .withNamespace(namespace)
                .withLabels(Map.of(LABEL, instance, "app.kubernetes.io/managed-by", "haulout"))
                .endMetadata()
                .withType("Opaque");
        if (present != null && present.getData() != null) {
            changed.withData(present.getData());
        }
        of.or(() -> of(present))
                .ifPresent(known ->
                        changed.editMetadata().addToAnnotations(OF, known).endMetadata());
        changed.addToData(name, Base64.getEncoder().encodeToString(content));
        try {
            var _ = client.resource(changed.build()).patch(APPLY);
        } catch (KubernetesClientException e) {
            throw new IOException(place(name) + " can't be written: " + e.getMessage(), e);
        }
    }

    /** Of which instance a Secret tells, as namespace and name; empty when it does not say. */
    static Optional<String> of(Secret secret) {
        return Optional.ofNullable(secret)
                .map(present -> present.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(OF));
    }

    /** Removes all of it. */
    public void remove() throws IOException {
        try {
            var _ = client.secrets()
                    .inNamespace(namespace)
                    .withName(secretName())
                    .delete();
        } catch (KubernetesClientException e) {
            throw new IOException(
                    "Secret " + namespace + "/" + secretName() + " can't be deleted: " + e.getMessage(), e);
        }
    }

    @Override
    public String place(String name) {
        return name + " in Secret " + namespace + "/" + secretName();
    }

    private String secretName() {
        return "haulout-learned-" + instance;
    }

    private Secret present() throws IOException {
        try {
            return client.secrets()
                    .inNamespace(namespace)
                    .withName(secretName())
                    .get();
        } catch (KubernetesClientException e) {
            throw new IOException("Secret " + namespace + "/" + secretName() + " can't be read: " + e.getMessage(), e);
        }
    }
}
