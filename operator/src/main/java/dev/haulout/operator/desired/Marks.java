package dev.haulout.operator.desired;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The labels, annotations and owner that an instance's objects bear. */
public final class Marks {
    /** The label that names the instance. */
    public static final String INSTANCE = "haulout.dev/instance";

    /** The pod's annotation that tells what it was started with. */
    public static final String CONFIGURATION = "haulout.dev/configuration";

    /** The pod's annotation that tells its server's program and options apart. */
    public static final String PROGRAM = "haulout.dev/program";

    /** The pod's annotation with the number of its server's certificate. */
    public static final String CERTIFICATE = "haulout.dev/certificate";

    /**
     * The annotation by which an instance's owner has its server started again: whenever its value is another than that of
     * the pod, which got the one of its time.
     */
    public static final String RESTART = "haulout.dev/restart";

    /** Who makes all objects, as a label's value. */
    public static final String MANAGER = "haulout";

    /** The label of an EndpointSlice that names who makes it. */
    public static final String SLICES_MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

    private Marks() {}

    /** The value of {@link #RESTART}; empty for none. */
    public static Optional<String> restart(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getAnnotations()).map(all -> all.get(RESTART));
    }

    /** Labels of every object of an instance. */
    static Map<String, String> labels(MariaDBInstance instance) {
        String name = instance.getMetadata().getName();
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("app.kubernetes.io/name", "mariadb");
        labels.put("app.kubernetes.io/instance", name);
        labels.put("app.kubernetes.io/managed-by", MANAGER);
        labels.put(INSTANCE, name);
        return labels;
    }

    /** What selects an instance's pod, within its namespace. */
    static Map<String, String> selector(MariaDBInstance instance) {
        return Map.of(INSTANCE, instance.getMetadata().getName());
    }

    /** Metadata of an object that goes with its instance. */
    static ObjectMeta owned(MariaDBInstance instance, String name) {
        return new ObjectMetaBuilder(kept(instance, name))
                .withOwnerReferences(owner(instance))
                .build();
    }

    /** Metadata of an object that stays when its instance goes. */
    static ObjectMeta kept(MariaDBInstance instance, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(instance.getMetadata().getNamespace())
                .withLabels(labels(instance))
                .build();
    }

    /** As a controller: {@code kubectl drain} evicts no pod without one. */
    private static OwnerReference owner(MariaDBInstance instance) {
        return new OwnerReferenceBuilder()
                .withApiVersion(instance.getApiVersion())
                .withKind(instance.getKind())
                .withName(instance.getMetadata().getName())
                .withUid(instance.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
